/** The catalogs' columns up to the last one that is needed, with the versions that have them. */

/** typlen and typalign of pg_type.dat; all are stored without a length word. */
const TYPES = {
  name: { size: 64, align: 1 },
  oid: { size: 4, align: 4 },
  xid: { size: 4, align: 4 },
  int4: { size: 4, align: 4 },
  float4: { size: 4, align: 4 },
  int2: { size: 2, align: 2 },
  bool: { size: 1, align: 1 },
  char: { size: 1, align: 1 },
} as const;

/** A column and, where not every version has it, the first (`since`) and last (`until`) major version with it. */
export interface Column {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly since?: number;
  readonly until?: number;
}

/** NAMEDATALEN. */
export const NAME_SIZE = TYPES.name.size;

/** src/include/catalog/pg_class.h, CATALOG(pg_class,…) of each version. */
export const PG_CLASS = [
  { name: 'oid', type: 'oid', since: 12 },
  { name: 'relname', type: 'name' },
  { name: 'relnamespace', type: 'oid' },
  { name: 'reltype', type: 'oid' },
  { name: 'reloftype', type: 'oid' },
  { name: 'relowner', type: 'oid' },
  { name: 'relam', type: 'oid' },
  { name: 'relfilenode', type: 'oid' },
  { name: 'reltablespace', type: 'oid' },
  { name: 'relpages', type: 'int4' },
  { name: 'reltuples', type: 'float4' },
  { name: 'relallvisible', type: 'int4' },
  { name: 'relallfrozen', type: 'int4', since: 18 },
  { name: 'reltoastrelid', type: 'oid' },
  { name: 'relhasindex', type: 'bool' },
  { name: 'relisshared', type: 'bool' },
  { name: 'relpersistence', type: 'char' },
  { name: 'relkind', type: 'char' },
  { name: 'relnatts', type: 'int2' },
  { name: 'relchecks', type: 'int2' },
  { name: 'relhasoids', type: 'bool', until: 11 },
  { name: 'relhaspkey', type: 'bool', until: 10 },
  { name: 'relhasrules', type: 'bool' },
  { name: 'relhastriggers', type: 'bool' },
  { name: 'relhassubclass', type: 'bool' },
  { name: 'relrowsecurity', type: 'bool' },
  { name: 'relforcerowsecurity', type: 'bool' },
  { name: 'relispopulated', type: 'bool' },
  { name: 'relreplident', type: 'char' },
  { name: 'relispartition', type: 'bool' },
  { name: 'relrewrite', type: 'oid', since: 11 },
] as const satisfies readonly Column[];

/** src/include/catalog/pg_namespace.h */
export const PG_NAMESPACE = [
  { name: 'oid', type: 'oid', since: 12 },
  { name: 'nspname', type: 'name' },
] as const satisfies readonly Column[];

/** src/include/catalog/pg_tablespace.h */
export const PG_TABLESPACE = [
  { name: 'oid', type: 'oid', since: 12 },
  { name: 'spcname', type: 'name' },
] as const satisfies readonly Column[];

/** src/include/catalog/pg_index.h; it never had an OID of its own. */
export const PG_INDEX = [
  { name: 'indexrelid', type: 'oid' },
  { name: 'indrelid', type: 'oid' },
  { name: 'indnatts', type: 'int2' },
  { name: 'indnkeyatts', type: 'int2', since: 11 },
  { name: 'indisunique', type: 'bool' },
  { name: 'indnullsnotdistinct', type: 'bool', since: 15 },
  { name: 'indisprimary', type: 'bool' },
  { name: 'indisexclusion', type: 'bool' },
  { name: 'indimmediate', type: 'bool' },
  { name: 'indisclustered', type: 'bool' },
  { name: 'indisvalid', type: 'bool' },
] as const satisfies readonly Column[];

/** src/include/catalog/pg_inherits.h; it never had an OID of its own. */
export const PG_INHERITS = [
  { name: 'inhrelid', type: 'oid' },
  { name: 'inhparent', type: 'oid' },
  { name: 'inhseqno', type: 'int4' },
] as const satisfies readonly Column[];

/** src/include/catalog/pg_depend.h; it never had an OID of its own. */
export const PG_DEPEND = [
  { name: 'classid', type: 'oid' },
  { name: 'objid', type: 'oid' },
  { name: 'objsubid', type: 'int4' },
  { name: 'refclassid', type: 'oid' },
  { name: 'refobjid', type: 'oid' },
  { name: 'refobjsubid', type: 'int4' },
  { name: 'deptype', type: 'char' },
] as const satisfies readonly Column[];

/** src/include/catalog/pg_database.h */
export const PG_DATABASE = [
  { name: 'oid', type: 'oid', since: 12 },
  { name: 'datname', type: 'name' },
  { name: 'datdba', type: 'oid' },
  { name: 'encoding', type: 'int4' },
  { name: 'datcollate', type: 'name', until: 14 },
  { name: 'datctype', type: 'name', until: 14 },
  { name: 'datlocprovider', type: 'char', since: 15 },
  { name: 'datistemplate', type: 'bool' },
  { name: 'datallowconn', type: 'bool' },
  { name: 'dathasloginevt', type: 'bool', since: 17 },
  { name: 'datconnlimit', type: 'int4' },
  { name: 'datlastsysoid', type: 'oid', until: 14 },
  { name: 'datfrozenxid', type: 'xid' },
  { name: 'datminmxid', type: 'xid' },
  { name: 'dattablespace', type: 'oid' },
] as const satisfies readonly Column[];

/** Where the columns lie in one version: bytes from the first attribute's beginning. */
export interface RowLayout<Name extends string> {
  /** -1 for a column that the version lacks; `oid` was in the tuple's header before 12. */
  readonly at: Readonly<Record<Name, number>>;
  /** How many columns, and how many bytes, a row must have. */
  readonly columns: number;
  readonly width: number;
}

/** The columns that a version has, laid out as heap_form_tuple() does: none may be null, each at its alignment. */
export function rowLayout<const C extends readonly Column[]>(
  columns: C,
  major: number,
): RowLayout<C[number]['name']> {
  const at: Record<string, number> = {};
  let width = 0;
  let count = 0;
  for (const { name, type, since = 0, until = Number.POSITIVE_INFINITY } of columns as readonly Column[]) {
    at[name] = -1;
    if (major < since || major > until) continue;
    const { size, align } = TYPES[type];
    width = Math.ceil(width / align) * align;
    at[name] = width;
    width += size;
    count++;
  }
  return { at: at as RowLayout<C[number]['name']>['at'], columns: count, width };
}
