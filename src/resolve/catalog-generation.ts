/** One reading of a cluster's catalogs: the shared ones at once, a database's when it is first asked for. */
import { Failure } from '../cli/diagnostic.js';
import { type CatalogSource, DEFAULT_TABLESPACE, GLOBAL_TABLESPACE } from '../postgres/catalog-source.js';
import type { Answer } from './catalog-answers.js';
import { CatalogError, DatabaseCatalog } from './catalog-database.js';
import type { ScanDamage } from './catalog-scan.js';
import { type Database, type Named, readDatabases, readTablespaces } from './catalog-small.js';
import type { Cluster } from './cluster.js';
import { ClusterFileError } from './files.js';

/** pg_class.oid of the shared catalogs. */
const PG_DATABASE = 1262;
const PG_TABLESPACE = 1213;
/** pg_database.oid of template1, which every cluster has. */
const TEMPLATE1 = 1;
/** A catalog that VACUUM FULL replaces while it is read is read again. */
const ATTEMPTS = 3;

export class CatalogGeneration {
  damage: ScanDamage = { pages: 0, rows: 0, first: null };
  databases: ReadonlyMap<number, Database> = new Map();
  tablespaces: ReadonlyMap<number, Named> = new Map();
  #cluster: Cluster;
  #source: CatalogSource;
  /** The OID of a shared catalog by its filenode. */
  #shared: ReadonlyMap<number, number> = new Map();
  /** CatalogSource.news() of what is shared, as of its last reading. */
  #news: number | undefined;
  /** A database's catalogs, or why they cannot be read. */
  readonly #catalogs = new Map<number, DatabaseCatalog | string>();
  /** How often each database's catalogs were found changed. */
  readonly #editions = new Map<number, number>();
  /** Databases whose catalogs are as they were before the last refresh. */
  readonly #stale = new Set<number>();

  /** @throws Failure where the shared catalogs cannot be read. */
  constructor(cluster: Cluster, source: CatalogSource) {
    this.#cluster = cluster;
    this.#source = source;
    this.#readShared();
  }

  /**
   * Goes on with what the catalogs are now; a database's are read again when it is next asked for, what has changed of
   * them where the source can tell. @throws Failure as the constructor.
   */
  refresh(cluster: Cluster, source: CatalogSource): void {
    this.#cluster = cluster;
    this.#source = source;
    this.damage = { pages: 0, rows: 0, first: null };
    this.#readShared();
    for (const database of this.#catalogs.keys()) this.#stale.add(database);
  }

  #readShared(): void {
    const source = this.#source;
    const news = source.news?.(0);
    const isOpen = [this.databases, this.tablespaces].some((rows) =>
      [...rows.values()].some(({ open }) => open),
    );
    if (news !== undefined && news === this.#news && !isOpen) return;
    const read = this.#retried(() => {
      const map = source.map(GLOBAL_TABLESPACE, 0);
      const file = (oid: number) => ({
        tablespace: GLOBAL_TABLESPACE,
        database: 0,
        filenode: map.get(oid) ?? 0,
      });
      const databases = readDatabases(this.#reading(), file(PG_DATABASE));
      if (!databases.has(TEMPLATE1)) throw new CatalogError('pg_database has no row for template1 (oid 1)');
      return { map, databases, tablespaces: readTablespaces(this.#reading(), file(PG_TABLESPACE)) };
    });
    if (typeof read === 'string') {
      throw new Failure(
        read,
        'the shared catalogs in global/ must be whole; restore them, or take a new snapshot',
      );
    }
    this.#news = news;
    this.databases = read.databases;
    this.tablespaces = read.tablespaces;
    this.#shared = new Map(Array.from(read.map, ([oid, filenode]) => [filenode, oid]));
  }

  relation(tablespace: number, database: number, filenode: number, backend?: number): Answer {
    if (tablespace === GLOBAL_TABLESPACE || database === 0) return this.#sharedRelation(filenode);
    const catalog = this.#catalog(database);
    return typeof catalog === 'string' ? catalog : catalog.name(tablespace, filenode, backend);
  }

  /** Another number whenever a database's catalogs have changed; what is shared has none of its own. */
  edition(database: number): number {
    if (database !== 0) this.#catalog(database);
    return this.#editions.get(database) ?? 0;
  }

  /** Reads all of a database's catalogs now; returns why they cannot be read, null where they can. */
  open(database: number): string | null {
    const catalog = this.#catalog(database);
    if (typeof catalog === 'string') return catalog;
    const owners = this.#retried(() => catalog.owners());
    return typeof owners === 'string' ? owners : null;
  }

  /** @throws Failure where pg_class of template1 is not what this version's layout makes of it. */
  prove(): void {
    const catalog = this.#catalog(TEMPLATE1);
    if (typeof catalog !== 'string') return;
    throw new Failure(
      `PostgreSQL ${this.#cluster.major} with catalog version ${this.#cluster.control.catalogVersion} is not understood: ${catalog}`,
      'a newer pgtrace may know this version',
    );
  }

  /** The rows of shared relations are in every database's pg_class. */
  #sharedRelation(filenode: number): Answer {
    const oid = this.#shared.get(filenode);
    if (oid === undefined) return 'no such filenode in global/pg_filenode.map';
    let reason = '';
    for (const database of [TEMPLATE1, ...this.databases.keys()]) {
      const catalog = this.#catalog(database);
      const answer = typeof catalog === 'string' ? catalog : catalog.nameOid(oid);
      if (typeof answer !== 'string') return answer;
      reason = answer;
    }
    return reason;
  }

  #catalog(database: number): DatabaseCatalog | string {
    const known = this.#catalogs.get(database);
    if (known !== undefined && !this.#stale.has(database)) return known;
    const row = this.databases.get(database);
    const tablespace = row?.tablespace ?? DEFAULT_TABLESPACE;
    const previous = typeof known === 'object' && known.isOf(tablespace, row?.encoding) ? known : null;
    const before = previous?.edition;
    let refreshable = previous;
    const catalog = this.#retried(() => {
      const again = refreshable;
      // One that failed halfway has forgotten what had changed.
      refreshable = null;
      if (again?.refresh(this.#reading())) return again;
      return new DatabaseCatalog(this.#reading(), tablespace, database, row?.encoding, previous);
    });
    if (catalog !== previous || previous?.edition !== before)
      this.#editions.set(database, (this.#editions.get(database) ?? 0) + 1);
    this.#catalogs.set(database, catalog);
    this.#stale.delete(database);
    return catalog;
  }

  #reading() {
    return { cluster: this.#cluster, source: this.#source, damage: this.damage };
  }

  /** What `read` gives, or the reason why it does not, three times over; damage is counted once. */
  #retried<T>(read: () => T): T | string {
    const before = { ...this.damage };
    for (let attempt = 1; ; attempt++) {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof ClusterFileError || error instanceof CatalogError)) throw error;
        if (attempt === ATTEMPTS) return error.message;
        Object.assign(this.damage, before);
      }
    }
  }
}
