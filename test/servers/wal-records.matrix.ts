/**
 * Record by record, against PostgreSQL's own readers: pg_waldump, and since 15 pg_walinspect, with the blocks since
 * 16. That what they say is also done is the pages' proof, in wal.matrix.ts.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { restoreImage } from '../../src/postgres/wal/image.js';
import { walLayout } from '../../src/postgres/wal/layout.js';
import { formatLsn, type Lsn } from '../../src/postgres/wal/lsn.js';
import { WalReader } from '../../src/postgres/wal/reader.js';
import type { BlockReference, WalRecord } from '../../src/postgres/wal/record.js';
import { Skipped } from '../skipped.js';
import { type Server, startServer } from './server.js';
import { versionUnderTest } from './versions.js';
import { churn, serverOptions, settle, VARIANTS } from './wal-churn.js';
import { describe, retell } from './wal-described.js';
import { geometryOf, openLive, walEnd, walFiles } from './wal-follow.js';
import { findWaldump, runWaldump } from './waldump.js';

const version = versionUnderTest();
const layout = walLayout(version)!;

/** src/include/access/rmgrlist.h. */
const RMGRS =
  'XLOG Transaction Storage CLOG Database Tablespace MultiXact RelMap Standby Heap2 Heap Btree Hash Gin Gist Sequence SPGist BRIN CommitTs ReplicationOrigin Generic LogicalMessage'.split(
    ' ',
  );
const BLOCK_SIZE = 8192;
const METHODS = [
  [layout.imagePglz, 'pglz'],
  [layout.imageLz4, 'lz4'],
  [layout.imageZstd, 'zstd'],
] as const;
/** What the churn must bring, by the first word of what is told of it. */
const TOLD = 'committed aborted multixact map copy drop cut'.split(' ');
const FORKS = ['main', 'fsm', 'vm', 'init'];

/** Or why there is none. */
const peer = await findWaldump(version).catch((error: unknown) => {
  if (error instanceof Skipped) return error.message;
  throw error;
});

for (const variant of VARIANTS) {
  const options = serverOptions(variant);
  const skip = typeof options === 'string' ? options : false;
  test(`records are PostgreSQL's own: ${variant.name}`, { skip }, async (t) => {
    if (typeof options === 'string') return;
    const server = await startServer(options);
    try {
      await settle(server);
      const redo = Number(openLive(server).cluster.control.redo);
      await churn(server, server.makeDirectory('ts'));
      const end = await walEnd(server);

      await t.test('pg_waldump', { skip: typeof peer === 'string' ? peer : false }, async () => {
        if (typeof peer === 'string') return;
        const printed = await runWaldump(peer, version, join(server.dataDir, 'pg_wal'), redo, end);
        const theirs = waldumpRecords(printed, peer.version);
        assertSame(readAll(server, redo, end, waldumpLines), theirs);
        console.log(`# of these told: ${tally(theirs)}`);
      });
      if (version >= 15)
        await t.test('pg_walinspect', async () => {
          assertSame(readAll(server, redo, end, inspectLine), await inspectRecords(server, redo, end));
        });
      if (version >= 16)
        await t.test('blocks and images of pg_walinspect', async () => {
          const ours = readAll(server, redo, end, blockLines).flat();
          assertSame(ours, await inspectBlocks(server, redo, end));
        });
      await t.test('the chain ends where the server says', () => {
        assert.equal(readAll(server, redo, end, (record) => record.end).at(-1), end);
      });
    } finally {
      await server.remove();
    }
  });
}

/** Every record up to `end`, told by `tell`. */
function readAll<T>(server: Server, redo: Lsn, end: Lsn, tell: (record: WalRecord) => T): T[] {
  const { cluster } = openLive(server);
  const reader = new WalReader(geometryOf(cluster), walFiles(server.dataDir), cluster.control.timeline, redo);
  const told: T[] = [];
  const stop = reader.read(
    () => true,
    (record) => {
      if (record.end <= end) told.push(tell(record));
    },
  );
  assert.ok(stop.lsn >= end, `stopped at ${formatLsn(stop.lsn)}: ${stop.reason}`);
  return told;
}

function imageLength(record: WalRecord): number {
  return blocksOf(record).reduce((sum, block) => sum + block.imageLength, 0);
}

function blocksOf(record: WalRecord): BlockReference[] {
  return record.blocks.slice(0, record.blockCount);
}

/** As pg_waldump -b, but for the description: of that, what is read here. */
function waldumpLines(record: WalRecord): string {
  const long = (lsn: Lsn): string => formatLsn(lsn).replace(/[^/]+$/, (low) => low.padStart(8, '0'));
  const size = `${pad(record.length - imageLength(record), 6)}/${pad(record.length, 6)}`;
  const head = `rmgr: ${RMGRS[record.rmgr]!.padEnd(11)} len (rec/tot): ${size}, tx: ${pad(record.xid, 10)}`;
  const lines = blocksOf(record).map((block) => {
    const { id, spc, db, rel, fork } = block;
    return `\tblkref #${id}: rel ${spc}/${db}/${rel} fork ${FORKS[fork]} blk ${block.block}${waldumpImage(block)}`;
  });
  const described = isTold(RMGRS[record.rmgr]!) ? (describe(record, layout) ?? '') : '';
  return [`${head}, lsn: ${long(record.lsn)}, prev ${long(record.prev)}: ${described}`, ...lines].join('\n');
}

/** A stand-in takes the fields of a checkpoint to be its own version's. */
function isTold(rmgr: string): boolean {
  return rmgr !== 'XLOG' || (typeof peer === 'object' && peer.version === version);
}

function waldumpImage({ imageInfo, imageLength, holeOffset, holeLength }: BlockReference): string {
  if (imageInfo === 0) return '';
  const use = (imageInfo & layout.imageApply) !== 0 ? '' : ' for WAL verification';
  const image = ` (FPW${use}); hole: offset: ${holeOffset}, length: ${holeLength}`;
  const method = METHODS.find(([bit]) => (imageInfo & bit) !== 0)?.[1];
  if (method === undefined) return image;
  const saved = `${image}, compression saved: ${BLOCK_SIZE - holeLength - imageLength}`;
  return version < 15 ? saved : `${saved}, method: ${method}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width);
}

/** What pg_waldump printed, a record each, with the description told again in the words of ours. */
function waldumpRecords(printed: string, dumper: number): string[] {
  return printed.split(/\n(?=rmgr:)/).map((record) => {
    const [first, ...blocks] = record.split('\n').filter((line) => line !== '');
    const [, head, rmgr, xid, text] = /^(rmgr: (\S+) .* tx: +(\d+), .*?), desc: (.*)$/.exec(first!)!;
    const told = isTold(rmgr!) ? (retell(rmgr!, text!.trimEnd(), xid!, dumper) ?? '') : '';
    return [`${head}: ${told}`, ...blocks].join('\n');
  });
}

/** How many there are of each kind of what is told of records' main data. */
function tally(records: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const record of records) {
    const kind = /, prev [\dA-F/]+: (\w+)/.exec(record)?.[1];
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (const kind of TOLD) assert.ok(counts.has(kind), `nothing told of: ${kind}`);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function inspectLine(record: WalRecord): string {
  const { lsn, end, prev, xid, length, mainLength } = record;
  return [
    formatLsn(lsn),
    formatLsn(end),
    formatLsn(prev),
    xid,
    RMGRS[record.rmgr],
    length,
    mainLength,
    imageLength(record),
  ].join(' ');
}

async function inspectRecords(server: Server, redo: Lsn, end: Lsn): Promise<string[]> {
  return query(
    server,
    `SELECT concat_ws(' ', start_lsn, end_lsn, prev_lsn, xid, resource_manager, record_length, main_data_length,
      fpi_length) AS line FROM pg_get_wal_records_info($1, $2) ORDER BY start_lsn`,
    redo,
    end,
  );
}

/** Images are compared as the pages that they are, by their checksums. */
function blockLines(record: WalRecord): string[] {
  return blocksOf(record).map((block) => {
    const { id, spc, db, rel, fork, dataLength, dataAt } = block;
    const data = Buffer.from(record.bytes.subarray(dataAt, dataAt + dataLength)).toString('hex');
    const image = block.imageInfo === 0 ? null : restoreImage(record.bytes, block, layout, BLOCK_SIZE);
    const page = image === null ? '' : Buffer.from(image).toString('hex');
    return [formatLsn(record.lsn), id, spc, db, rel, fork, block.block, block.imageLength, data, page].join(
      ' ',
    );
  });
}

async function inspectBlocks(server: Server, redo: Lsn, end: Lsn): Promise<string[]> {
  return query(
    server,
    `SELECT concat_ws(' ', start_lsn, block_id, reltablespace, reldatabase, relfilenode, relforknumber,
      relblocknumber, coalesce(block_fpi_length, 0), coalesce(encode(block_data, 'hex'), ''),
      coalesce(encode(block_fpi_data, 'hex'), '')) AS line
      FROM pg_get_wal_block_info($1, $2) ORDER BY start_lsn, block_id`,
    redo,
    end,
  );
}

async function query(server: Server, sql: string, redo: Lsn, end: Lsn): Promise<string[]> {
  const client = await server.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_walinspect');
  const { rows } = await client.query<{ line: string }>(sql, [formatLsn(redo), formatLsn(end)]);
  await client.end();
  return rows.map(({ line }) => line);
}

function assertSame(ours: readonly string[], theirs: readonly string[]): void {
  assert.ok(theirs.length > 1000, `${theirs.length} to compare with`);
  for (const [index, line] of theirs.entries()) assert.equal(ours[index], line);
  assert.equal(ours.length, theirs.length);
  console.log(`# ${theirs.length} equal`);
}
