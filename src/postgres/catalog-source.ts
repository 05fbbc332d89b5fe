/**
 * The catalogs' pages and the transactions' fates, wherever they come from. The data directory's files are the
 * first source; one that knows the WAL wraps it, and answers first with what is newer.
 */
import type { RelationMap } from './relmap.js';
import type { TransactionLog } from './transaction-log.js';

/** A relation's main fork, by the OIDs that make its path; database is 0 for a shared relation. */
export interface RelationFile {
  tablespace: number;
  database: number;
  filenode: number;
}

export interface CatalogSource {
  readonly transactions: TransactionLog;
  /**
   * The relation map of a database in its default tablespace, or of the shared catalogs (GLOBAL_TABLESPACE, 0).
   * @throws Error, with its path in the message, where it is missing, unreadable or broken.
   */
  map(tablespace: number, database: number): RelationMap;
  /** How many blocks the relation has, over all segments; 0 where it has no file. */
  blocks(file: RelationFile): number;
  /**
   * The pages of up to `count` blocks from `block` on, at least one where there is one; fewer where a segment
   * or the relation ends. In a cluster with checksums every page carries its own: a source that changes a page
   * sets it (pageChecksum). @throws Error, with its path in the message, where a file is unreadable.
   */
  read(file: RelationFile, block: number, count: number): Uint8Array;
  /**
   * Another number whenever the catalogs of a database (0: the shared ones) may say something else, be it by the end of
   * a transaction that changed them; where it is the same and no row's fate was open they say what they said.
   */
  news?(database: number): number;
  /**
   * Which blocks the relation's changes since this was last asked of it were in, by whatever source of the same
   * cluster; null where that is not known, and all may have changed.
   */
  changes?(file: RelationFile): readonly number[] | null;
  /**
   * Pages of the relation as they were before rows were taken off them, since this was last asked of it, the oldest
   * first; not all of them, where there are many.
   */
  earlier?(file: RelationFile): readonly { block: number; bytes: Uint8Array }[];
}

/** pg_tablespace.oid of the two that every cluster has (src/include/catalog/pg_tablespace.dat). */
export const DEFAULT_TABLESPACE = 1663;
export const GLOBAL_TABLESPACE = 1664;
