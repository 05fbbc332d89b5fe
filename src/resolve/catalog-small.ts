/** The catalogs that are small: pg_namespace, and the shared pg_database and pg_tablespace. */
import type { RelationFile } from '../postgres/catalog-source.js';
import { type DecodeName, nameDecoder } from '../postgres/encoding.js';
import type { RowLayout } from '../postgres/layout/columns.js';
import { ROW_ABORTED, ROW_LIVE, type RowVerdict } from '../postgres/visibility.js';
import { xidPrecedes } from '../postgres/xid.js';
import { type CatalogReading, damageOf } from './catalog-blocks.js';
import { nameLength } from './catalog-name.js';
import { type Row, scanCatalog } from './catalog-scan.js';

/** The best version of a row with an OID. */
interface Named {
  name: string;
  verdict: RowVerdict;
  xmin: number;
}

export interface Database extends Named {
  /** pg_database.dattablespace. */
  tablespace: number;
  encoding: number;
}

export function readNamespaces(
  reading: CatalogReading,
  file: RelationFile,
  decode: DecodeName,
): Map<number, string> {
  const { pgNamespace } = reading.cluster.layout;
  const rows = readNamed(
    reading,
    file,
    pgNamespace,
    pgNamespace.at.oid,
    pgNamespace.at.nspname,
    decode,
    keep,
  );
  return new Map(Array.from(rows, ([oid, { name }]) => [oid, name]));
}

export function readTablespaces(reading: CatalogReading, file: RelationFile): Map<number, string> {
  const { pgTablespace } = reading.cluster.layout;
  const { at } = pgTablespace;
  const rows = readNamed(reading, file, pgTablespace, at.oid, at.spcname, nameDecoder(undefined), keep);
  return new Map(Array.from(rows, ([oid, { name }]) => [oid, name]));
}

export function readDatabases(reading: CatalogReading, file: RelationFile): Map<number, Database> {
  const { pgDatabase } = reading.cluster.layout;
  const { at } = pgDatabase;
  return readNamed(reading, file, pgDatabase, at.oid, at.datname, nameDecoder(undefined), (named, row) => ({
    ...named,
    tablespace: row.view.getUint32(row.at + at.dattablespace, true),
    encoding: row.view.getInt32(row.at + at.encoding, true),
  }));
}

const keep = (named: Named): Named => named;

/** Where some of it could not be read, a row that is not live may have been replaced there, and is left out. */
function readNamed<T extends Named>(
  reading: CatalogReading,
  file: RelationFile,
  layout: RowLayout<string>,
  oidAt: number,
  nameAt: number,
  decode: DecodeName,
  make: (named: Named, row: Row) => T,
): Map<number, T> {
  const { cluster, source, damage } = reading;
  const best = new Map<number, T>();
  const wrong = damageOf(reading);
  scanCatalog(cluster, source, file, 0, source.blocks(file), layout, damage, (row) => {
    const { view, at, verdict, xmin } = row;
    if (verdict === ROW_ABORTED) return true;
    const oid = oidAt < 0 ? row.headerOid : view.getUint32(at + oidAt, true);
    const length = nameLength(view, at + nameAt);
    if (oid === 0 || length < 0) return false;
    const other = best.get(oid);
    if (other === undefined || isBetter(row, other)) {
      const name = decode(new Uint8Array(view.buffer, view.byteOffset + at + nameAt, length));
      best.set(oid, make({ name, verdict, xmin }, row));
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
