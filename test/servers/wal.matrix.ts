/** The WAL as pages: what the follower makes of a copy taken before must be what the server writes after. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { walLayout } from '../../src/postgres/wal/layout.js';
import { formatLsn } from '../../src/postgres/wal/lsn.js';
import { WalReader } from '../../src/postgres/wal/reader.js';
import type { Cluster } from '../../src/resolve/cluster.js';
import { maskHeapPage } from './heap-mask.js';
import { type Server, startServer } from './server.js';
import { versionUnderTest } from './versions.js';
import { churn, serverOptions, settle, VARIANTS } from './wal-churn.js';
import { followOver, geometryOf, openCopy, openLive, walEnd, walFiles } from './wal-follow.js';

const version = versionUnderTest();

for (const variant of VARIANTS) {
  const { name, settings } = variant;
  const options = serverOptions(variant);
  const skip = typeof options === 'string' ? options : false;
  test(`pages by the WAL are the server's own: ${name}`, { skip }, async () => {
    if (typeof options === 'string') return;
    const server = await startServer(options);
    const copy = mkdtempSync(join(tmpdir(), 'pgtrace-before-'));
    try {
      await settle(server);
      copyFiles(server, copy);
      await churn(server, server.makeDirectory('ts'));
      const heaps = await heapFiles(server);
      const end = await walEnd(server);
      await server.stop();

      const before = openCopy(copy);
      const { follower, stop } = followOver(before, server, (spc, db, rel) =>
        heaps.has(`${spc}/${db}/${rel}`),
      );
      assert.equal(follower.failures, 0);
      assert.ok(stop.lsn >= end, `stopped at ${formatLsn(stop.lsn)}: ${stop.reason}`);
      assert.equal(stop.goesOn, false);

      // With checksums a hint bit, which has no record of its own, can move a page's LSN.
      const masksLsn = before.cluster.control.checksums;
      const after = openLive(server);
      const counts = { redone: 0, same: 0 };
      for (const key of heaps) {
        const [tablespace, database, filenode] = key.split('/').map(Number) as [number, number, number];
        const file = { tablespace, database, filenode };
        const overlay = follower.pages.relation(tablespace, database, filenode);
        assert.deepEqual([...(overlay?.unreadable.keys() ?? [])], [], key);
        const blocks = after.blocks(file);
        if (overlay !== undefined)
          assert.ok(overlay.blocks <= blocks, `${key}: ${overlay.blocks} of ${blocks}`);
        // A database that is copied file by file has its first pages from no record.
        const filed = follower.databases.has(database) && !follower.databases.get(database)!.logged;
        // Up to 12 what a transaction of wal_level minimal makes and fills is synced instead.
        const unlogged = version <= 12 && settings.wal_level === 'minimal' && before.blocks(file) === 0;
        for (let block = 0; block < blocks; block += 1) {
          const theirs = after.read(file, block, 1);
          const redone = overlay?.pages.get(block)?.bytes;
          if (redone === undefined && (filed || unlogged)) continue;
          const ours = redone ?? before.read(file, block, 1);
          counts[redone === undefined ? 'same' : 'redone'] += 1;
          if (isZero(theirs) && redone === undefined) continue;
          compare(`${key} block ${block}`, maskHeapPage(ours, masksLsn), maskHeapPage(theirs, masksLsn));
        }
      }
      assert.ok(counts.redone > 200, `${counts.redone} pages redone`);
      if (settings.full_page_writes === false) {
        const kinds = kindsOfRecords(before.cluster, server, heaps);
        assert.deepEqual(
          EXPECTED_KINDS.filter((kind) => !kinds.has(kind)),
          [],
        );
      }
      console.log(`# ${counts.redone} pages redone, ${counts.same} untouched, all equal`);
    } finally {
      await server.remove();
      rmSync(copy, { recursive: true });
    }
  });
}

/** Those that change a heap's page, and are redone here: rmgr and operation, as in src/include/access/heapam_xlog.h. */
const HEAP = [
  'insert 10/00',
  'delete 10/10',
  'update 10/20',
  'hot update 10/40',
  'confirm 10/50',
  'lock 10/60',
  'inplace 10/70',
];
const HEAP2 = ['visible 9/40', 'multi-insert 9/50', 'lock updated 9/60'];
const PRUNE = {
  clean: ['clean 9/10', 'freeze page 9/20'],
  vacuum: ['prune 9/10', 'vacuum 9/20', 'freeze page 9/30'],
  plans: ['prune 9/10', 'vacuum 9/20', 'freeze page 9/30'],
  combined: ['on access 9/10', 'vacuum scan 9/20', 'vacuum cleanup 9/30'],
};
const EXPECTED_KINDS = [...HEAP, ...HEAP2, ...PRUNE[walLayout(version)!.prune]];

/** The kinds of records that came without an image of the page that they change. */
function kindsOfRecords(cluster: Cluster, server: Server, heaps: ReadonlySet<string>): Set<string> {
  const { layout } = geometryOf(cluster);
  const { timeline, redo } = cluster.control;
  const seen = new Set<string>();
  new WalReader(geometryOf(cluster), walFiles(server.dataDir), timeline, Number(redo)).read(
    (_view, _at, rmgr) => rmgr === 9 || rmgr === 10,
    ({ rmgr, info, blocks, blockCount }) => {
      const redone = blocks
        .slice(0, blockCount)
        .some(
          ({ spc, db, rel, fork, imageInfo }) =>
            fork === 0 && heaps.has(`${spc}/${db}/${rel}`) && (imageInfo & layout.imageApply) === 0,
        );
      if (redone) seen.add(`${rmgr}/${(info & 0x70).toString(16).padStart(2, '0')}`);
    },
  );
  return new Set(EXPECTED_KINDS.filter((kind) => seen.has(kind.slice(kind.lastIndexOf(' ') + 1))));
}

function copyFiles(server: Server, copy: string): void {
  cpSync(server.dataDir, copy, {
    recursive: true,
    filter: (path) => !/\/(pg_wal|postmaster\.pid)$/.test(path),
  });
}

/** `tablespace/database/filenode` of every heap with WAL, in all databases. */
async function heapFiles(server: Server): Promise<Set<string>> {
  const client = await server.connect();
  const { rows: databases } = await client.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE datallowconn',
  );
  await client.end();
  const heaps = new Set<string>();
  for (const { datname } of databases) {
    const connection = await server.connect(datname);
    const { rows } = await connection.query<{ key: string }>(`
      SELECT CASE WHEN relisshared THEN 1664 WHEN reltablespace = 0 THEN dattablespace ELSE reltablespace END
        || '/' || CASE WHEN relisshared THEN 0 ELSE d.oid END || '/' || pg_relation_filenode(c.oid) AS key
      FROM pg_class c, pg_database d
      WHERE datname = current_database() AND relkind IN ('r', 't', 'm') AND relpersistence = 'p'`);
    for (const { key } of rows) heaps.add(key);
    await connection.end();
  }
  return heaps;
}

function isZero(page: Uint8Array): boolean {
  return page.every((byte) => byte === 0);
}

function compare(what: string, ours: Uint8Array, theirs: Uint8Array): void {
  if (Buffer.compare(ours, theirs) === 0) return;
  const at = ours.findIndex((byte, index) => byte !== theirs[index]);
  const near = (bytes: Uint8Array) => Buffer.from(bytes.subarray(at & ~7, (at & ~7) + 32)).toString('hex');
  assert.fail(`${what} differs at ${at}: ours ${near(ours)}, the server's ${near(theirs)}`);
}
