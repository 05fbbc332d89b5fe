/** A whole small cluster in memory: PG_VERSION, pg_control, relation maps, catalogs, pg_xact. */
import { crc32c } from '../../src/postgres/crc32c.js';
import { CONTROL_SHAPES } from '../../src/postgres/layout/control.js';
import { type CatalogLayout, catalogLayout, VERSIONS } from '../../src/postgres/layout/versions.js';
import { type ColumnValue, MadeHeap, type Version } from './made-heap.js';

export type Row = Readonly<Record<string, ColumnValue>>;
export type Rows = readonly (readonly [Row, Version?])[];

export interface MadeCluster {
  major?: number;
  checksums?: boolean;
  /** Beside those that every made cluster has: pg_class, pg_namespace, pg_index, pg_database and pg_tablespace. */
  relations?: Rows;
  namespaces?: Rows;
  indexes?: Rows;
  inherits?: Rows;
  depends?: Rows;
  databases?: Rows;
  /** Two bits a transaction, from 0 on. */
  xact?: Uint8Array;
  nextXid?: number;
}

/** The database that has the made relations. */
export const SHOP = 16384;
/** pg_class's file in it, and those of the others. */
export const FILES = {
  pg_class: 1259,
  pg_namespace: 2615,
  pg_index: 2610,
  pg_inherits: 2611,
  pg_depend: 2608,
  pg_database: 1262,
  pg_tablespace: 1213,
};
const TABLE = { relkind: 'r', relpersistence: 'p', relnamespace: 11 } as const;

export function madeCluster(made: MadeCluster = {}): Map<string, Uint8Array> {
  const { major = 15, checksums = false } = made;
  const layout = catalogLayout(major);
  const heap = (rows: RowsOf, ...more: (Rows | undefined)[]): Uint8Array => {
    const built = new MadeHeap(layout[rows], checksums);
    for (const [values, version] of more.flatMap((list) => list ?? [])) built.add(values, version);
    return built.bytes();
  };
  const files = new Map<string, Uint8Array>();
  files.set('PG_VERSION', new TextEncoder().encode(`${major}\n`));
  files.set('global/pg_control', madeControl(major, checksums, made.nextXid ?? 1000));
  files.set('pg_xact/0000', padded(made.xact ?? new Uint8Array(0)));
  files.set('global/pg_filenode.map', madeMap([FILES.pg_database, FILES.pg_tablespace]));
  files.set(`global/${FILES.pg_database}`, heap('pgDatabase', DATABASES, made.databases));
  files.set(`global/${FILES.pg_tablespace}`, heap('pgTablespace', TABLESPACES));
  for (const database of [1, SHOP]) {
    const more = database === SHOP ? made : {};
    files.set(`base/${database}/pg_filenode.map`, madeMap([FILES.pg_class]));
    files.set(`base/${database}/${FILES.pg_class}`, heap('pgClass', CATALOGS, more.relations));
    files.set(`base/${database}/${FILES.pg_namespace}`, heap('pgNamespace', NAMESPACES, more.namespaces));
    files.set(`base/${database}/${FILES.pg_index}`, heap('pgIndex', more.indexes));
    files.set(`base/${database}/${FILES.pg_inherits}`, heap('pgInherits', more.inherits));
    files.set(`base/${database}/${FILES.pg_depend}`, heap('pgDepend', more.depends));
  }
  return files;
}

type RowsOf = keyof CatalogLayout;

/** The others' files are in the maps. */
const UNMAPPED = new Set(['pg_namespace', 'pg_index', 'pg_inherits', 'pg_depend']);
const CATALOGS: Rows = Object.entries(FILES).map(([relname, oid]) => [
  { ...TABLE, oid, relname, relfilenode: UNMAPPED.has(relname) ? oid : 0 },
]);
const NAMESPACES: Rows = [
  [{ oid: 11, nspname: 'pg_catalog' }],
  [{ oid: 99, nspname: 'pg_toast' }],
  [{ oid: 2200, nspname: 'public' }],
];
const TABLESPACES: Rows = [[{ oid: 1663, spcname: 'pg_default' }], [{ oid: 1664, spcname: 'pg_global' }]];
const DATABASES: Rows = [
  [{ oid: 1, datname: 'template1', dattablespace: 1663, encoding: 6 }],
  [{ oid: SHOP, datname: 'shop', dattablespace: 1663, encoding: 6 }],
];

/** A table in public. */
export function table(oid: number, relname: string, filenode: number = oid): Row {
  return { ...TABLE, relnamespace: 2200, oid, relname, relfilenode: filenode };
}

/** A relation map of catalogs whose filenode is their OID. */
export function madeMap(oids: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x592717, true);
  view.setUint32(4, oids.length, true);
  oids.forEach((oid, index) => {
    view.setUint32(8 + index * 8, oid, true);
    view.setUint32(12 + index * 8, oid, true);
  });
  view.setUint32(504, crc32c(bytes, 0, 504), true);
  return bytes;
}

export function madeControl(major: number, checksums: boolean, nextXid: number): Uint8Array {
  const row = VERSIONS.find((version) => version.major === major) ?? VERSIONS[0]!;
  const shape = CONTROL_SHAPES.find(({ version }) => version === row.controlVersion)!;
  const bytes = new Uint8Array(8192);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 7123456789012345678n, true);
  view.setUint32(8, row.controlVersion, true);
  view.setUint32(12, row.catalogVersion, true);
  view.setUint32(16, 6, true); // in production
  view.setUint32(shape.checkPointCopy + 8, 1, true);
  view.setUint32(shape.checkPointCopy + shape.checkPoint.nextXid, nextXid, true);
  view.setUint32(shape.checkPointCopy + shape.checkPoint.nextMulti, 1, true);
  view.setFloat64(shape.floatFormat, 1234567, true);
  [8192, 131072, 8192, 16 << 20, 64].forEach((size, index) => {
    view.setUint32(shape.floatFormat + 8 + index * 4, size, true);
  });
  view.setUint32(shape.checksumVersion, checksums ? 1 : 0, true);
  view.setUint32(shape.crc, crc32c(bytes, 0, shape.crc), true);
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  const page = new Uint8Array(8192);
  page.set(bytes);
  return page;
}
