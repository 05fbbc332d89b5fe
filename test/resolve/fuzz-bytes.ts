/**
 * The decoders one by one, on recorded bytes that are cut at every length and flipped byte by byte. Where a check
 * can know (CRC, checksum, bounds), what is broken is refused; elsewhere nothing may crash or read beyond its page.
 */
import assert from 'node:assert/strict';
import { decodeControl } from '../../src/postgres/control.js';
import { FormatError } from '../../src/postgres/format-error.js';
import { pageChecksum } from '../../src/postgres/page-checksum.js';
import { decodeRelationMap } from '../../src/postgres/relmap.js';
import { XID_ABORTED, XID_IN_PROGRESS, XID_UNKNOWN } from '../../src/postgres/transaction-log.js';
import { walLayout } from '../../src/postgres/wal/layout.js';
import { WalReader } from '../../src/postgres/wal/reader.js';
import type { WalRecord } from '../../src/postgres/wal/record.js';
import type { WalFiles } from '../../src/postgres/wal/window.js';
import { catalogFiles } from '../../src/resolve/catalog-files.js';
import { scanCatalog } from '../../src/resolve/catalog-scan.js';
import { type Cluster, CONTROL_FILE, openCluster } from '../../src/resolve/cluster.js';
import type { ClusterFiles } from '../../src/resolve/files.js';
import type { Random } from '../random.js';
import { type Damage, damagedFiles } from './damaged-files.js';

export interface Tried {
  tried: number;
  refused: number;
}

/** Of pg_control the server reads and checks so much (PG_CONTROL_MAX_SAFE_SIZE). */
const CONTROL_SIZE = 512;

/** Changes of one page that sixteen bits of checksum may miss: of 8192, one in eight pages. */
const MOST_MISSED = 3;

/** One byte other than it was, at every `step`th place from a random one on; `bytes` are as before afterwards. */
function* flipped(
  bytes: Uint8Array,
  from: number,
  end: number,
  step: number,
  random: Random,
): Generator<number> {
  for (let at = from + random.below(step); at < end; at += step) {
    const before = bytes[at]!;
    bytes[at] = before ^ (1 + random.below(255));
    yield at;
    bytes[at] = before;
  }
}

/** What has a CRC is refused when a byte of it changed, and when any of it is missing. */
function checkChecked(
  whole: Uint8Array,
  end: number,
  decode: (bytes: Uint8Array) => unknown,
  random: Random,
): Tried {
  const told = JSON.stringify(decode(whole), text);
  const bytes = whole.slice();
  const tried = { tried: 0, refused: 0 };
  const attempt = (broken: Uint8Array, where: string): void => {
    tried.tried++;
    try {
      // Padding, and what is behind the CRC, may be anything.
      assert.equal(JSON.stringify(decode(broken), text), told, where);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      tried.refused++;
    }
  };
  for (let length = 0; length < end; length++) attempt(bytes.subarray(0, length), `cut to ${length} bytes`);
  for (const at of flipped(bytes, 0, end, 1, random)) attempt(bytes, `byte ${at}`);
  assert.ok(tried.refused > end, `only ${tried.refused} of ${tried.tried} were refused`);
  return tried;
}

function text(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Map ? [...value] : value;
}

export function checkControl(files: ClusterFiles, random: Random): Tried {
  return checkChecked(files.read(CONTROL_FILE), CONTROL_SIZE, decodeControl, random);
}

export function checkMap(files: ClusterFiles, path: string, random: Random): Tried {
  const bytes = files.read(path);
  return checkChecked(bytes, bytes.length, decodeRelationMap, random);
}

/** The catalogs that names come from, by their OIDs (src/include/catalog/pg_*.h). */
export const CATALOGS = new Map<number, keyof Cluster['layout'] & `pg${string}`>([
  [1259, 'pgClass'],
  [2610, 'pgIndex'],
  [2611, 'pgInherits'],
  [2615, 'pgNamespace'],
  [1262, 'pgDatabase'],
  [1213, 'pgTablespace'],
]);

/** A page of the catalog of that OID, its rows read as the resolver reads them. */
export function checkPage(
  files: ClusterFiles,
  path: string,
  oid: number,
  block: number,
  step: number,
  random: Random,
): Tried {
  const cluster = openCluster(files);
  const { blockSize, checksums } = cluster.control;
  const page = files.readAt(path, block * blockSize, blockSize).slice();
  const read = () => rowsOf(cluster, oid, block, page);
  assert.equal(read().damage, null, `${path} block ${block}`);
  const tried = { tried: 0, refused: 0 };
  for (let length = 0; length < blockSize; length += step) {
    tried.tried++;
    const { rows, damage } = rowsOf(cluster, oid, block, page.subarray(0, length));
    assert.deepEqual(rows, [], `${path} block ${block}, cut to ${length} bytes`);
    assert.ok(damage !== null || length === 0);
    tried.refused++;
  }
  let missed = 0;
  for (const at of flipped(page, 0, blockSize, step, random)) {
    tried.tried++;
    const { rows, damage } = read();
    if (damage !== null) tried.refused++;
    if (!checksums) continue;
    if (hasItsChecksum(page, block)) missed++;
    else assert.deepEqual(rows, [], `${path} block ${block}, byte ${at}`);
  }
  assert.ok(missed <= MOST_MISSED, `${missed} changes of ${path} block ${block} have its checksum`);
  return tried;
}

/** pd_checksum of src/include/storage/bufpage.h. A page that has it by chance the server itself takes for whole. */
function hasItsChecksum(page: Uint8Array, block: number): boolean {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  return view.getUint16(8, true) === pageChecksum(view, 0, page.length, block);
}

function rowsOf(
  cluster: Cluster,
  oid: number,
  block: number,
  page: Uint8Array,
): { rows: string[]; damage: string | null } {
  const rows: string[] = [];
  const damage = { pages: 0, rows: 0, first: null };
  const layout = cluster.layout[CATALOGS.get(oid)!];
  const file = { tablespace: 1663, database: 1, filenode: oid };
  const source = { ...catalogFiles(cluster), read: () => page };
  scanCatalog(cluster, source, file, block, block + 1, layout, damage, ({ view, at }) => {
    rows.push(Buffer.from(view.buffer, view.byteOffset + at, layout.width).toString('hex'));
    return true;
  });
  return { rows, damage: damage.first };
}

/**
 * The fates of transactions. No check can know what of them was changed: it changes those that the byte is of, and what
 * is cut off is not known.
 */
export function checkTransactions(files: ClusterFiles, random: Random): Tried {
  const tried = { tried: 0, refused: 0 };
  const cluster = openCluster(files);
  const { blockSize, nextXid, nextMulti } = cluster.control;
  const xids = Array.from({ length: Math.min(Number(nextXid), blockSize) }, (_, xid) => xid);
  const multis = Array.from({ length: Math.min(nextMulti, blockSize / 4) }, (_, multi) => multi);
  const fates = (damaged: ClusterFiles): (number | null)[] => {
    const { transactions } = catalogFiles({ ...cluster, files: damaged });
    return [...xids.map((xid) => transactions.status(xid)), ...multis.map((id) => transactions.updater(id))];
  };
  const whole = fates(files);
  const attempt = (damage: Damage): number[] => {
    tried.tried++;
    const found = fates(damagedFiles(files, damage));
    return found.flatMap((fate, index) => (fate === whole[index] ? [] : [index]));
  };
  for (let at = 0; at < blockSize; at++) {
    const changed = attempt({ path: 'pg_xact/0000', at, flip: Uint8Array.of(1 + random.below(255)) });
    // Those of the byte, and those whose parent is one of them.
    for (const xid of changed) assert.ok(xid >= at * 4, `byte ${at} changed ${xid}`);
    if (changed.length > 0) tried.refused++;
  }
  for (const path of ['pg_subtrans/0000', 'pg_multixact/offsets/0000', 'pg_multixact/members/0000'])
    for (let at = 0; at < blockSize; at++) {
      const changed = attempt({ path, at, flip: Uint8Array.of(1 + random.below(255)) });
      if (path.startsWith('pg_multixact'))
        assert.ok(
          changed.every((index) => index >= xids.length),
          `${path}: byte ${at} changed an xid's fate`,
        );
      if (changed.length > 0) tried.refused++;
    }
  for (const path of ['pg_xact/0000', 'pg_subtrans/0000', 'pg_multixact/offsets/0000'])
    for (let cut = 0; cut < blockSize; cut++) {
      tried.tried++;
      const found = fates(damagedFiles(files, { path, cut }));
      const changed = found.filter((fate, index) => fate !== whole[index]);
      // A page that is not whole tells nothing, which of a subtransaction's parent means that it never committed.
      for (const fate of changed)
        assert.ok([null, XID_UNKNOWN, XID_IN_PROGRESS, XID_ABORTED].includes(fate), `${path} cut to ${cut}`);
      if (changed.length > 0) tried.refused++;
    }
  return tried;
}

/**
 * The WAL from the redo point on: whatever happens to a page of it, the records that are handed out are those that were
 * before it, unchanged.
 * @param pages how many of the pages, all over the WAL, are cut and changed
 */
export function checkWal(files: ClusterFiles, pages: number, step: number, random: Random): Tried {
  const { control, major } = openCluster(files);
  const { blockSize, walBlockSize: pageSize, walSegmentSize: segmentSize, timeline } = control;
  const redo = Number(control.redo);
  const geometry = { layout: walLayout(major)!, blockSize, pageSize, segmentSize };
  const read = (wal: WalFiles): { records: string[]; ends: number[]; stop: number } => {
    const records: string[] = [];
    const ends: number[] = [];
    const take = (record: WalRecord): void => {
      records.push(
        Buffer.from(record.bytes.subarray(record.mainAt, record.mainAt + record.mainLength)).toString('hex'),
      );
      ends.push(record.end);
    };
    const { lsn } = new WalReader(geometry, wal, timeline, redo).read(() => true, take);
    return { records, ends, stop: lsn };
  };
  const name = files.list('pg_wal')[0]!;
  const start = redo % segmentSize;
  const bytes = files.read(`pg_wal/${name}`).slice();
  let length = bytes.length;
  const wal: WalFiles = {
    list: () => [name],
    readAt: (asked, offset, count) =>
      asked === name ? bytes.slice(offset, Math.min(length, offset + count)) : null,
  };
  const whole = read(wal);
  assert.ok(whole.records.length > 100, `${whole.records.length} records`);
  const end = whole.stop % segmentSize;
  const tried = { tried: 0, refused: 0 };
  const attempt = (where: string): void => {
    tried.tried++;
    const { records, stop } = read(wal);
    if (stop < whole.stop) tried.refused++;
    assert.deepEqual(records, whole.records.slice(0, records.length), where);
  };
  const first = start - (start % pageSize);
  const count = Math.ceil((end - first) / pageSize);
  for (let index = 0; index < Math.min(pages, count); index++) {
    const from = first + Math.floor((index * count) / Math.min(pages, count)) * pageSize;
    for (length = from; length < from + pageSize; length += step) attempt(`cut to ${length} bytes`);
    length = bytes.length;
    for (const at of flipped(bytes, from, Math.min(from + pageSize, end), step, random))
      attempt(`byte ${at}`);
  }
  assert.ok(tried.refused > tried.tried / 2, JSON.stringify(tried));
  return tried;
}
