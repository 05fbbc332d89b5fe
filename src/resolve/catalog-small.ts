/** The catalogs that are small: pg_namespace, and the shared pg_database and pg_tablespace. */
import type { RelationFile } from '../postgres/catalog-source.js';
import { type DecodeName, nameDecoder } from '../postgres/encoding.js';
import type { RowLayout } from '../postgres/layout/columns.js';
import { ROW_ABORTED, ROW_LIVE, ROW_UNKNOWN, type RowVerdict } from '../postgres/visibility.js';
import { xidPrecedes } from '../postgres/xid.js';
import { type CatalogReading, damageOf, earlierOf } from './catalog-blocks.js';
import { nameLength } from './catalog-name.js';
import { type Row, scanCatalog } from './catalog-scan.js';

/** The best version of a row with an OID. */
export interface Named {
  name: string;
  verdict: RowVerdict;
  xmin: number;
  /** As Row.open. */
  open: boolean;
}

export interface Database extends Named {
  /** pg_database.dattablespace. */
  tablespace: number;
  encoding: number;
}

/** How many schemas that are gone keep their names. */
const MOST_GONE = 16384;

/**
 * Names of schemas, of those too that were rolled back or are gone: their files' events may still come. A session's
 * first temporary table makes the schema of its temporary tables, and rolls it back with itself.
 * @param before what was read before, the longest known first
 */
export function readNamespaces(
  reading: CatalogReading,
  file: RelationFile,
  decode: DecodeName,
  before: ReadonlyMap<number, string>,
): Map<number, string> {
  const { cluster, source } = reading;
  const { at } = cluster.layout.pgNamespace;
  const names = new Map(before);
  const learn = (from: CatalogReading, first: number, end: number): ReadonlyMap<number, Named> => {
    const rows: Rows = { file, layout: cluster.layout.pgNamespace, first, end, worst: ROW_ABORTED };
    const found = readNamed(from, rows, at.oid, at.nspname, decode, keep);
    for (const [oid, { name }] of found) names.set(oid, name);
    return found;
  };
  for (const { block, bytes } of earlierOf(reading, file))
    learn({ ...reading, source: { ...source, read: () => bytes } }, block, block + 1);
  const now = learn(reading, 0, source.blocks(file));
  for (const oid of names.keys()) {
    if (names.size <= now.size + MOST_GONE) break;
    if (!now.has(oid)) names.delete(oid);
  }
  return names;
}

export function readTablespaces(reading: CatalogReading, file: RelationFile): Map<number, Named> {
  const { pgTablespace } = reading.cluster.layout;
  return readShared(reading, file, pgTablespace, pgTablespace.at.spcname, keep);
}

export function readDatabases(reading: CatalogReading, file: RelationFile): Map<number, Database> {
  const { pgDatabase } = reading.cluster.layout;
  const { at } = pgDatabase;
  return readShared(reading, file, pgDatabase, at.datname, (named, row) => ({
    ...named,
    tablespace: row.view.getUint32(row.at + at.dattablespace, true),
    encoding: row.view.getInt32(row.at + at.encoding, true),
  }));
}

/** All of a shared catalog, whose names are of no database's encoding. */
function readShared<T extends Named>(
  reading: CatalogReading,
  file: RelationFile,
  layout: RowLayout<'oid'>,
  nameAt: number,
  make: (named: Named, row: Row) => T,
): Map<number, T> {
  const end = reading.source.blocks(file);
  const rows: Rows = { file, layout, first: 0, end, worst: ROW_UNKNOWN };
  return readNamed(reading, rows, layout.at.oid, nameAt, nameDecoder(undefined), make);
}

const keep = (named: Named): Named => named;

/** Blocks of a catalog, and the verdict that a row may have at the worst. */
interface Rows {
  file: RelationFile;
  layout: RowLayout<string>;
  first: number;
  end: number;
  worst: RowVerdict;
}

/** Where some of it could not be read, a row that is not live may have been replaced there, and is left out. */
function readNamed<T extends Named>(
  reading: CatalogReading,
  { file, layout, first, end, worst }: Rows,
  oidAt: number,
  nameAt: number,
  decode: DecodeName,
  make: (named: Named, row: Row) => T,
): Map<number, T> {
  const { cluster, source, damage } = reading;
  const best = new Map<number, T>();
  const wrong = damageOf(reading);
  scanCatalog(cluster, source, file, first, end, layout, damage, (row) => {
    const { view, at, verdict, xmin, open } = row;
    if (verdict > worst) return true;
    const oid = oidAt < 0 ? row.headerOid : view.getUint32(at + oidAt, true);
    const length = nameLength(view, at + nameAt);
    if (oid === 0 || length < 0) return false;
    const other = best.get(oid);
    if (other === undefined || isBetter(row, other)) {
      const name = decode(new Uint8Array(view.buffer, view.byteOffset + at + nameAt, length));
      best.set(oid, make({ name, verdict, xmin, open }, row));
    }
    return true;
  });
  if (damageOf(reading) > wrong)
    for (const [oid, { verdict }] of best) if (verdict !== ROW_LIVE) best.delete(oid);
  return best;
}

function isBetter(row: Row, other: Named): boolean {
  return row.verdict === other.verdict ? xidPrecedes(other.xmin, row.xmin) : row.verdict < other.verdict;
}
