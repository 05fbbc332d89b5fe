/** Names out of a cluster's catalogs. */
import type { CatalogSource } from '../postgres/catalog-source.js';
import { type Answer, Answers } from './catalog-answers.js';
import { catalogFiles } from './catalog-files.js';
import { CatalogGeneration } from './catalog-generation.js';
import type { ScanDamage } from './catalog-scan.js';
import { type Cluster, openCluster } from './cluster.js';
import type { Names } from './names.js';

export interface Catalog extends Names {
  /** What could not be read in the catalogs that were asked so far. */
  readonly damage: Readonly<ScanDamage>;
  /**
   * Reads everything again, each database when it is next asked for. What had a name and has none now keeps it, as
   * dropped. @throws Failure as openCatalog(); then the earlier reading stands.
   */
  reload(): void;
}

/** Makes the source of a cluster's pages, anew for every reading. */
export type MakeSource = (cluster: Cluster) => CatalogSource;

/**
 * @throws Failure where the shared catalogs cannot be read, or where a cluster that is of no released version does
 * not prove that it has the layout of one.
 */
export function openCatalog(cluster: Cluster, makeSource: MakeSource = catalogFiles): Catalog {
  /** The last name that each file had. */
  const names = new Answers();
  let answers = new Answers();
  const generation = new CatalogGeneration(cluster, makeSource(cluster));
  if (cluster.warnings.length > 0) generation.prove();

  function lookUp(tablespace: number, database: number, filenode: number, backend?: number): Answer {
    const answer = generation.relation(tablespace, database, filenode, backend);
    if (typeof answer !== 'string') {
      names.set(answer, tablespace, database, filenode, backend);
      return answer;
    }
    const before = names.get(tablespace, database, filenode, backend);
    if (before === undefined || typeof before === 'string') return answer;
    // An uncommitted one that is gone may have been rolled back, or dropped.
    return before.uncommitted ? before : { ...before, dropped: true };
  }

  return {
    get damage() {
      return generation.damage;
    },
    relation(tablespace, database, filenode, backend) {
      let answer = answers.get(tablespace, database, filenode, backend);
      if (answer === undefined) {
        answer = lookUp(tablespace, database, filenode, backend);
        answers.set(answer, tablespace, database, filenode, backend);
      }
      return answer;
    },
    edition: (database) => generation.edition(database),
    database: (oid) => generation.databases.get(oid)?.name,
    tablespace: (oid) => generation.tablespaces.get(oid)?.name,
    reload() {
      generation.refresh(openCluster(cluster.files), makeSource(cluster));
      answers = new Answers();
    },
  };
}
