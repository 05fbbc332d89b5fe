/** The catalogs beside pg_class: pg_namespace, pg_index, and the shared pg_database and pg_tablespace. */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import { type DecodeName, nameDecoder } from '../postgres/encoding.js';
import type { RowLayout } from '../postgres/layout/columns.js';
import { LINE_POINTER_SIZE, MIN_TUPLE_SIZE } from '../postgres/page.js';
import type { RowVerdict } from '../postgres/visibility.js';
import { xidPrecedes } from '../postgres/xid.js';
import { RowIndex } from './catalog-index.js';
import { nameLength } from './catalog-name.js';
import { type Row, type ScanDamage, scanCatalog } from './catalog-scan.js';
import type { Cluster } from './cluster.js';

/** What reading a catalog takes. */
export interface CatalogReading {
  readonly cluster: Cluster;
  readonly source: CatalogSource;
  readonly damage: ScanDamage;
}

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

/** Of each index its table, from pg_index. */
export function readIndexes(reading: CatalogReading, file: RelationFile): (index: number) => number {
  const { cluster, source, damage } = reading;
  const { pgIndex } = cluster.layout;
  const blocks = source.blocks(file);
  const rowSize = LINE_POINTER_SIZE + MIN_TUPLE_SIZE + pgIndex.width;
  const most = blocks * Math.floor(cluster.control.blockSize / rowSize);
  const indexes = new Uint32Array(most);
  const tables = new Uint32Array(most);
  const verdicts = new Uint8Array(most);
  let count = 0;
  scanCatalog(cluster, source, file, blocks, pgIndex, damage, ({ view, at, verdict }) => {
    const index = view.getUint32(at + pgIndex.at.indexrelid, true);
    const table = view.getUint32(at + pgIndex.at.indrelid, true);
    if (index === 0 || table === 0) return false;
    indexes[count] = index;
    tables[count] = table;
    verdicts[count++] = verdict;
    return true;
  });
  const rows = new RowIndex(indexes, count, (row, other) => verdicts[row]! < verdicts[other]!);
  return (index) => {
    const row = rows.find(index);
    return row < 0 ? 0 : tables[row]!;
  };
}

const keep = (named: Named): Named => named;

function readNamed<T extends Named>(
  { cluster, source, damage }: CatalogReading,
  file: RelationFile,
  layout: RowLayout<string>,
  oidAt: number,
  nameAt: number,
  decode: DecodeName,
  make: (named: Named, row: Row) => T,
): Map<number, T> {
  const best = new Map<number, T>();
  scanCatalog(cluster, source, file, source.blocks(file), layout, damage, (row) => {
    const { view, at, verdict, xmin } = row;
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
  return best;
}

function isBetter(row: Row, other: Named): boolean {
  return row.verdict === other.verdict ? xidPrecedes(other.xmin, row.xmin) : row.verdict < other.verdict;
}
