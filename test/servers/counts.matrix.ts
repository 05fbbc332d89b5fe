/** --buffers=count on every version: as many accesses as EXPLAIN (ANALYZE, BUFFERS) counts, by relation and fork. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import type { BuffersEvent } from '../../src/event/types.js';
import { leftBehind, noHistograms, noUprobes } from '../live/tracefs.js';
import { resolved, tracing } from '../live/tracing.js';
import { startScanned } from './scanned.js';
import type { Server } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const ROWS = 40_000;

let server: Server | undefined;
let client: pg.Client;
let pid = 0;

before(async () => {
  if (noUprobes !== false) return;
  ({ server, client, pid } = await startScanned(version, ROWS));
});

after(async () => {
  await client?.end();
  await server?.remove();
});

interface Node {
  'Node Type': string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
}

async function explain(query: string): Promise<Node> {
  const { rows } = await client.query(query);
  return rows[0]['QUERY PLAN'][0].Plan;
}

function accesses(node: Node): number {
  return node['Shared Hit Blocks'] + node['Shared Read Blocks'];
}

function find(node: Node, type: string): Node | undefined {
  if (node['Node Type'] === type) return node;
  return (node.Plans ?? []).map((child) => find(child, type)).find((found) => found !== undefined);
}

/** What is traced while it runs, by `relation fork`. */
async function countsOf(query: string): Promise<{ plan: Node; counts: Map<string, number> }> {
  // The caches of the catalogs are filled by a first one.
  await explain(query);
  let plan: Node | undefined;
  const { events, stderr } = await tracing(
    ['--via', 'ftrace', '--buffers=count', '-p', String(pid)],
    async () => {
      plan = await explain(query);
    },
  );
  assert.doesNotMatch(stderr, /no buffers/);
  const told = resolved(events, server!.dataDir);
  assert.deepEqual(
    told.filter(({ type }) => type === 'lost' || type === 'buffer'),
    [],
  );
  const counts = new Map<string, number>();
  for (const event of told.filter((one): one is BuffersEvent => one.type === 'buffers')) {
    assert.equal(event.pid, pid);
    if (event.pg?.kind !== 'relation' || !/^t(?:_[ik])?$/.test(event.pg.relation ?? '')) continue;
    const key = `${event.pg.relation} ${event.fork}`;
    counts.set(key, (counts.get(key) ?? 0) + event.count);
  }
  return { plan: plan!, counts };
}

const skip = noHistograms;

test('a sequential scan: every block of the table', { skip }, async () => {
  const { plan, counts } = await countsOf(
    'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT max(filler) FROM t',
  );
  assert.ok(find(plan, 'Seq Scan'));
  assert.deepEqual([...counts], [['t main', accesses(plan)]]);
});

// Far from the ends of the histogram, where the planner looks into the index itself.
test('an index scan: the index and the table', { skip }, async () => {
  const { plan, counts } = await countsOf(
    'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT max(filler) FROM t WHERE i BETWEEN 1000 AND 3000',
  );
  assert.ok(find(plan, 'Index Scan'));
  assert.deepEqual([...counts.keys()].sort(), ['t main', 't_i main']);
  assert.equal(sum(counts), accesses(plan));
});

test('an index-only scan: the index and the visibility map', { skip }, async () => {
  const { plan, counts } = await countsOf(
    'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(i) FROM t WHERE i BETWEEN 5000 AND 9000',
  );
  assert.ok(find(plan, 'Index Only Scan'));
  assert.deepEqual([...counts.keys()].sort(), ['t vm', 't_i main']);
  assert.equal(sum(counts), accesses(plan));
});

test('a bitmap scan: what is only prefetched is not counted', { skip }, async () => {
  const { plan, counts } = await countsOf(
    'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT max(filler) FROM t WHERE k BETWEEN 500 AND 502',
  );
  const index = find(plan, 'Bitmap Index Scan');
  assert.ok(index);
  assert.equal(counts.get('t_k main'), accesses(index));
  assert.equal(counts.get('t main'), accesses(plan) - accesses(index));
});

test('one that is killed while it counts leaves nothing behind', { skip }, async () => {
  const child = spawn(
    process.execPath,
    ['bin/pgtrace-attach', '--via', 'ftrace', '--buffers=count', '-p', String(pid)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  for await (const part of child.stderr.setEncoding('utf8')) if (part.includes('tracing via')) break;
  await client.query('SELECT count(*) FROM t');
  assert.notDeepEqual(await leftBehind(child.pid!, 0), []);
  child.kill('SIGKILL');
  assert.deepEqual(await leftBehind(child.pid!, 60), []);
});

test('where the kernel does not count, that is told, and the trace goes on', async (context) => {
  if (noUprobes !== false || noHistograms === false) {
    context.skip(noUprobes || 'this kernel counts');
    return;
  }
  const { events, stderr } = await tracing(
    ['--via', 'ftrace', '--buffers=count', '-p', String(pid)],
    async () => {
      await client.query('SELECT count(*) FROM t');
    },
  );
  assert.match(stderr, /no buffers: the kernel has no histogram triggers \(expected CONFIG_HIST_TRIGGERS\)/);
  assert.ok(events.some(({ type }) => type === 'syscall'));
  assert.ok(events.every(({ type }) => type !== 'buffer' && type !== 'buffers'));
});

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, count) => all + count, 0);
}
