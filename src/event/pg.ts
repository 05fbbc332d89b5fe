/** What a descriptor or a path is to PostgreSQL: the `pg` key that pgtrace-resolve adds. */

/** The words of psql's \d for pg_class.relkind. */
export type RelKind =
  | 'table'
  | 'index'
  | 'sequence'
  | 'toast'
  | 'view'
  | 'materialized view'
  | 'composite type'
  | 'foreign table'
  | 'partitioned table'
  | 'partitioned index';

export type Fork = 'main' | 'fsm' | 'vm' | 'init';

/** A file of a relation. Names are there only when proven; otherwise `unresolved` says why not. */
export interface PgRelation {
  kind: 'relation';
  /** Absent for a shared relation. */
  database?: string;
  schema?: string;
  relation?: string;
  relkind?: RelKind;
  /**
   * Of an index its table; of a TOAST table and its index the table whose values they hold; of a sequence the table
   * of the column that owns it. As `schema.name`.
   */
  table?: string;
  /** Of a partition, or the index of one, what it is a partition of; of a table that inherits its first parent. */
  parent?: string;
  /** This, the segment and databaseOid pgtrace-resolve always gives; another writer may leave them out. */
  fork?: Fork;
  /** The file's number in its fork: `.1` of `16384.1`. */
  segment?: number;
  /** The first block that the call touches, counted from the fork's beginning over all segments. */
  block?: number;
  /** How many blocks the call touches. */
  blocks?: number;
  /** How many blocks the fork has now, over all segments. */
  total?: number;
  /** pg_class.oid. */
  oid?: number;
  /** pg_database.oid; 0 for a shared relation. */
  databaseOid?: number;
  filenode: number;
  tablespace?: string;
  /** The number in a temporary relation's file name (`t3_16400`): the backend that owns it. */
  backend?: number;
  uncommitted?: true;
  /** The file is gone, or about to go: its relation was dropped, or lives on in another file. */
  dropped?: true;
  /** The relation whose file this one is to replace: its own name, but while REINDEX CONCURRENTLY builds an index. */
  rewriteOf?: string;
  unresolved?: string;
}

export interface PgWal {
  kind: 'wal';
  /** Absent for a file that is not of a timeline yet (`xlogtemp.3820`, `RECOVERYXLOG`). */
  timeline?: number;
  /** The file's name. */
  segment: string;
  /** Where the call begins, as PostgreSQL prints an LSN: `0/45A3C000`. */
  lsn?: string;
  unresolved?: string;
}

/** A temporary file (`base/pgsql_tmp/pgsql_tmp3820.4`). */
export interface PgTemp {
  kind: 'temp';
  /** The pid of the process that made it. */
  creator?: number;
  number?: number;
  database?: string;
  tablespace?: string;
  file: string;
  block?: number;
  blocks?: number;
  total?: number;
  unresolved?: string;
}

/** A page of an SLRU (pg_xact and its like): which transaction ids, multixacts or entries it holds. */
export interface PgSlru {
  kind: 'xact' | 'multixact' | 'subtrans' | 'commit_ts' | 'notify' | 'serial';
  file: string;
  block?: number;
  blocks?: number;
  /** First and last xid (multixact, member offset) of the touched pages. */
  first?: number;
  last?: number;
  unresolved?: string;
}

/** Every other file of a cluster, and what is no file of it. */
export interface PgOther {
  kind:
    | 'twophase'
    | 'snapshot'
    | 'logical'
    | 'replslot'
    | 'stat'
    | 'dynshmem'
    | 'control'
    | 'relmap'
    | 'relcache'
    | 'version'
    | 'config'
    | 'log'
    | 'pid'
    | 'backup'
    | 'library'
    | 'directory'
    | 'socket'
    | 'pipe'
    | 'epoll'
    | 'other';
  /** The path below the data directory, or what the trace says of the descriptor. */
  file?: string;
  database?: string;
  tablespace?: string;
  /** The replication slot's name. */
  slot?: string;
  unresolved?: string;
}

export type Pg = PgRelation | PgWal | PgTemp | PgSlru | PgOther;

/**
 * An identifier as SQL writes it: bare where it needs no quotes (lower case letters, digits, `_`, `$`),
 * in double quotes otherwise. Unlike quote_ident() it leaves keywords bare: the aim is an unambiguous text.
 */
export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `schema.name`, each quoted where it needs it, so that a dot in a name cannot be taken for the separator. */
export function qualifiedName(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}
