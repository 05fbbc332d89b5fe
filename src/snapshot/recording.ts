/**
 * CatalogSource that keeps a copy of what is read through it. Whoever names relations by these copies asks the same
 * and reads the same: so they are all that it needs, and no list of catalogs has to be held here.
 */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import { encodeRelationMap } from '../postgres/relmap.js';
import type { Cluster } from '../resolve/cluster.js';
import { mapPath, segmentPath } from '../resolve/directory.js';
import type { RecordedTransactions } from './answers.js';

/** Where copies go, by their paths in the data directory. */
export interface Copies {
  /** Puts bytes at an offset of a file, which comes to be if it is not there. */
  write(path: string, offset: number, bytes: Uint8Array): void;
  remove(path: string): void;
}

export interface Recording {
  source: CatalogSource;
  /** Takes the copies of a database's catalogs away again (0: the shared ones). */
  forget(database: number): void;
}

export function recordingSource(
  cluster: Cluster,
  source: CatalogSource,
  transactions: RecordedTransactions,
  copies: Copies,
): Recording {
  const { blockSize, segmentBlocks } = cluster.control;
  const paths = new Map<number, Set<string>>();

  function copy(database: number, path: string, offset: number, bytes: Uint8Array): void {
    const known = paths.get(database);
    if (known === undefined) paths.set(database, new Set([path]));
    else known.add(path);
    copies.write(path, offset, bytes);
  }

  function forget(database: number): void {
    for (const path of paths.get(database) ?? []) copies.remove(path);
    paths.delete(database);
  }

  return {
    forget,
    source: {
      transactions,
      map(tablespace, database) {
        // A reading begins with the map; one before it had failed, and may have read files that are gone since.
        forget(database);
        const map = source.map(tablespace, database);
        copy(database, mapPath(cluster, tablespace, database), 0, encodeRelationMap(map, cluster.major));
        return map;
      },
      blocks: (file) => source.blocks(file),
      read(file: RelationFile, block: number, count: number) {
        const bytes = source.read(file, block, count);
        const path = segmentPath(cluster, file, Math.floor(block / segmentBlocks));
        copy(file.database, path, (block % segmentBlocks) * blockSize, bytes);
        return bytes;
      },
    },
  };
}
