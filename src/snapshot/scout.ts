/** Where the catalogs are, found without reading more than pg_class of each database. */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import { CatalogGeneration } from '../resolve/catalog-generation.js';
import type { Cluster } from '../resolve/cluster.js';

/** The files of all catalogs that pg_class leads to, and no relation map. @throws Failure as CatalogGeneration. */
export function rewrittenCatalogs(cluster: Cluster, source: CatalogSource): RelationFile[] {
  const mapped = new Map<number, ReadonlySet<number>>();
  const found: RelationFile[] = [];
  const generation = new CatalogGeneration(cluster, {
    transactions: source.transactions,
    map(tablespace, database) {
      const map = source.map(tablespace, database);
      mapped.set(database, new Set(map.values()));
      return map;
    },
    // Others look empty.
    blocks(file) {
      if (mapped.get(file.database)?.has(file.filenode)) return source.blocks(file);
      found.push(file);
      return 0;
    },
    read: (file, block, count) => source.read(file, block, count),
  });
  for (const database of generation.databases.keys()) generation.open(database);
  return found;
}
