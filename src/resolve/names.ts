/** What the catalogs say: the one question that annotating asks of them. */
import type { RelKind } from '../event/pg.js';

/** A relation as the catalogs name it. */
export interface NamedRelation {
  oid: number;
  schema: string;
  name: string;
  relkind: RelKind;
  /**
   * Of an index its table, of a TOAST table and its index the owning table, of a sequence the table of the column that
   * owns it: `schema.name`, quoted as SQL.
   */
  table?: string;
  /** Of a partition, or a partition's index, what it is a partition of; of a table that inherits its first parent. */
  parent?: string;
  uncommitted?: true;
  dropped?: true;
  rewriteOf?: string;
}

export interface Names {
  /**
   * The relation whose file `filenode` is, in a database and a tablespace, all by OID; the database is 0 for
   * a shared relation. `backend` is the number in a temporary relation's file name (`t3_16400`), whose filenodes
   * are its own; without it a temporary relation is never the answer. A string is the reason why there is none.
   * Answers are cached: a second call is a look-up.
   */
  relation(tablespace: number, database: number, filenode: number, backend?: number): NamedRelation | string;
  /** Another number whenever what is said of a database's relations may have changed. */
  edition(database: number): number;
  /** pg_database.datname; undefined where no row is known. */
  database(oid: number): string | undefined;
  /** pg_tablespace.spcname; undefined where no row is known. */
  tablespace(oid: number): string | undefined;
}
