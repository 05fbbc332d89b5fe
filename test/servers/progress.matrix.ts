/**
 * "How far is it?", asked at a quarter, half and three quarters of work that the test itself controls: the answer
 * is within 5 points, or it is said that the calls do not tell.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Event } from '../../src/event/types.js';
import { activityOf } from '../../src/view/activity.js';
import { type Aggregates, createAggregates } from '../../src/view/aggregates.js';
import { doing } from '../../src/view/doing.js';
import { nameOf } from '../../src/view/name.js';
import { type ForkStat, mainForkOf } from '../../src/view/objects.js';
import { type Progress, progressAt, sumOfForks } from '../../src/view/progress.js';
import { impossible, resolved, tracing } from '../live/tracing.js';
import { makeGates } from './gate.js';
import { type Server, startServer } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const QUARTERS = [0.25, 0.5, 0.75];
const POINTS = 0.05;

/**
 * Rows of half a kilobyte, fifteen in a block: 4000 blocks, 32 MB. 18 reads 256 blocks ahead (16 reads of 16, by
 * effective_io_concurrency and io_combine_limit), which has to be little of the table.
 */
const ROWS = version < 18 ? 60_000 : 120_000;

/** More than four times what the table takes, so that nothing is evicted and no scan is a synchronised one. */
const ROOMY = '320MB';
/** Where the table is more than a quarter of it, scans are synchronised (heapam.c, initscan). */
const TIGHT = '16MB';

/** Until a trace has taken in the processes that were there: each is told in one piece, whatever the others did then. */
const JOINED_MS = 1000;

describe(`progress on PostgreSQL ${version}`, { skip: impossible('ftrace') ?? false }, () => {
  let roomy: Server;

  before(async () => {
    roomy = await startServer({ version, settings: settings(ROOMY) });
    await fill(roomy);
  });
  after(() => roomy?.remove());

  test('a cold sequential scan', async () => {
    await roomy.restart();
    const seen = await scanByCursor(roomy, 'SELECT id FROM orders');
    for (const { truth, aggregates } of seen) {
      const progress = at(aggregates, 'orders');
      assert.equal(progress.pattern, 'sequential');
      assertDone(progress, truth);
      assert.ok(progress.rate !== null && progress.rate > 0);
      assert.ok(progress.remaining !== null && progress.remaining > 0);
    }
  });

  test('a sequential scan of which half is in shared buffers', async () => {
    await roomy.restart();
    const warmer = await roomy.connect();
    // One row of each block in the second half of every 128 blocks.
    await warmer.query('SET enable_seqscan = off');
    await warmer.query(
      `SELECT count(id) FROM orders WHERE ctid = ANY (ARRAY(
         SELECT format('(%s,1)', b)::tid FROM generate_series(0, (SELECT relpages - 1 FROM pg_class
         WHERE relname = 'orders')) b WHERE b % 128 >= 64))`,
    );
    const seen = await scanByCursor(roomy, 'SELECT id FROM orders');
    for (const { truth, aggregates } of seen) {
      assertDone(at(aggregates, 'orders'), truth);
    }
    const calls = seen.at(-1)!.aggregates.objects.find((object) => nameOf(object) === 'public.orders')!.tally;
    assert.ok(calls.read < 0.8 * ROWS * 530, `half was cached, but ${calls.read} bytes were read`);
  });

  test('a scan whose beginning was not traced has no part done, only a position', async () => {
    await roomy.restart();
    const seen = await scanByCursor(roomy, 'SELECT id FROM orders', 0.4);
    for (const { truth, aggregates } of seen.filter(({ truth }) => truth > 0.4)) {
      const progress = at(aggregates, 'orders');
      assert.equal(progress.done, null);
      assertNear(progress.position / progress.total!, truth);
      assert.ok(progress.low <= truth && truth <= progress.high);
    }
  });

  test('a synchronised scan that begins in the middle', async () => {
    const tight = await startServer({ version, settings: settings(TIGHT) });
    try {
      await fill(tight);
      await tight.restart();
      const first = await tight.connect();
      await first.query('BEGIN; DECLARE c CURSOR FOR SELECT id FROM orders');
      await first.query(`FETCH ${ROWS * 0.4} FROM c`);
      const seen = await scanByCursor(tight, 'SELECT id FROM orders');
      for (const { truth, aggregates } of seen) {
        const progress = at(aggregates, 'orders');
        assert.equal(progress.wrapped, truth > 0.6);
        if (progress.wrapped) assertDone(progress, truth);
        else assert.equal(progress.done, null);
        assert.ok(
          progress.low <= truth + POINTS && truth - POINTS <= progress.high,
          JSON.stringify(progress),
        );
      }
    } finally {
      await tight.remove();
    }
  });

  test('a parallel scan, the whole cluster traced', async () => {
    await parallelScan(roomy, () => ['-D', roomy.dataDir]);
  });

  test('a parallel scan, its leader and the workers that it gets traced', async () => {
    await parallelScan(roomy, (pid) => ['-p', pid]);
  });

  test('a table with partitions', async () => {
    await roomy.restart();
    const seen = await scanByCursor(roomy, 'SELECT id FROM parts');
    for (const { truth, aggregates } of seen) {
      const forks = [1, 2, 3, 4].map((n) => mainFork(aggregates, `parts${n}`));
      const sum = sumOfForks(forks, aggregates.lastTs()!)!;
      assertDone(sum, truth);
    }
  });

  test('what a process is at that scans partitions, the first of which makes no call', async () => {
    const control = await roomy.connect();
    await partition(control, 'uneven', [0, 0.1, 0.35, 0.6, 1]);
    await roomy.restart();
    const { client, pid } = await connect(roomy);
    await client.query('SET max_parallel_workers_per_gather = 0; SELECT count(note) FROM uneven1');
    const seen = await throughGates(roomy, ['-p', pid], 1, client, 'SELECT count(gate(id)) FROM uneven');
    for (const [n, { truth, aggregates }] of seen.entries()) {
      const process = aggregates.processes.get(Number(pid))!;
      const activity = activityOf(process, aggregates.lastTs()!);
      assert.ok(activity?.progress, `at ${truth} nothing is told`);
      assert.match(
        doing(activity),
        new RegExp(`^scan, public\\.uneven \\(partition uneven${n + 2}\\), ~\\d+%$`),
      );
      assertDone(activity.progress, truth);
    }
    const calls = seen
      .at(-1)!
      .aggregates.objects.find((object) => nameOf(object) === 'public.uneven1')!.tally;
    assert.equal(calls.read, 0);
  });

  test('an index build', async () => {
    await roomy.restart();
    const { client, pid } = await connect(roomy);
    await client.query("SET maintenance_work_mem = '1MB'; SET max_parallel_workers_per_gather = 0");
    const seen = await throughGates(roomy, ['-p', pid], 1, client, 'CREATE INDEX built ON orders (gate(id))');
    for (const { truth, aggregates } of seen) assertDone(at(aggregates, 'orders'), truth);
  });

  test('a sort that spills', async () => {
    await roomy.restart();
    const { client, pid } = await connect(roomy);
    await client.query("SET work_mem = '1MB'; SET max_parallel_workers_per_gather = 0");
    const sql = 'SELECT id, note FROM orders ORDER BY gate(id) % 1000, note DESC';
    const seen = await throughGates(roomy, ['-p', pid], 1, client, sql);
    for (const { truth, aggregates } of seen) assertDone(at(aggregates, 'orders'), truth);
  });
});

interface Moment {
  /** The part of the work that is done, as the test knows it. */
  truth: number;
  /** What the events until then come to. */
  aggregates: Aggregates;
}

function settings(shared_buffers: string): Record<string, string | number> {
  return {
    autovacuum: 'off',
    shared_buffers,
    max_parallel_workers: 4,
    min_parallel_table_scan_size: 0,
  };
}

async function fill(server: Server): Promise<void> {
  const client = await server.connect();
  await client.query(`CREATE TABLE orders AS ${rows(1, ROWS)}`);
  await partition(client, 'parts', [0, 0.25, 0.5, 0.75, 1]);
  await client.end();
}

function rows(from: number, to: number): string {
  return `SELECT g AS id, repeat('x', 500) AS note FROM generate_series(${from}, ${to}) g`;
}

/** A table of all rows; the partitions end at these parts of them. */
async function partition(client: pg.Client, table: string, ends: readonly number[]): Promise<void> {
  await client.query(`CREATE TABLE ${table} (id int, note text) PARTITION BY RANGE (id)`);
  for (const [n, end] of ends.slice(1).entries()) {
    const [from, to] = [Math.round(ends[n]! * ROWS) + 1, Math.round(end * ROWS)];
    const part = `${table}${n + 1}`;
    await client.query(`CREATE TABLE ${part} PARTITION OF ${table} FOR VALUES FROM (${from}) TO (${to + 1})`);
    await client.query(`INSERT INTO ${part} ${rows(from, to)}`);
  }
  // Hint bits and visibility are settled: a scan does not write.
  await client.query('VACUUM ANALYZE');
}

/** Of three scans one may be said to be not known: a worker whose first reads nobody saw. */
async function parallelScan(server: Server, traced: (pid: string) => readonly string[]): Promise<void> {
  let told = 0;
  for (let scan = 0; scan < 3; scan++) {
    await server.restart();
    const { client, pid } = await connect(server);
    await client.query(
      'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0',
    );
    // What is read ahead for three processes would be a tenth of the table.
    if (version >= 18) await client.query('SET effective_io_concurrency = 1');
    const seen = await throughGates(server, traced(pid), 3, client, 'SELECT count(gate(id)) FROM orders');
    for (const { truth, aggregates } of seen) {
      const progress = at(aggregates, 'orders');
      const text = JSON.stringify(progress);
      assert.ok(progress.low <= truth + POINTS && truth - POINTS <= progress.high, text);
      if (progress.done === null) continue;
      assertNear(progress.done, truth);
      told++;
    }
  }
  assert.ok(told >= 6, `what is done was told at ${told} of 9 moments`);
}

async function connect(server: Server): Promise<{ client: pg.Client; pid: string }> {
  const client = await server.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return { client, pid: String(rows[0].pid) };
}

/** Fetches from a cursor, and looks at each quarter of the rows. Tracing begins after the part `untraced`. */
async function scanByCursor(server: Server, sql: string, untraced = 0): Promise<Moment[]> {
  const { client, pid } = await connect(server);
  let fetched = 0;
  const fetchTo = async (part: number) => {
    await client.query(`FETCH ${Math.max(0, Math.floor(ROWS * part) - fetched)} FROM c`);
    fetched = Math.floor(ROWS * part);
  };
  // Tables are planned to be read in their order.
  await client.query('SET max_parallel_workers_per_gather = 0; BEGIN');
  if (untraced > 0) {
    await client.query(`DECLARE c CURSOR FOR ${sql}`);
    await fetchTo(untraced);
  }
  const marks: number[] = [];
  const { events } = await tracing(['-p', pid, '--via', 'ftrace'], async () => {
    if (untraced === 0) await client.query(`DECLARE c CURSOR FOR ${sql}`);
    for (const part of QUARTERS) {
      if (part > untraced) await fetchTo(part);
      marks.push(await mark());
    }
    await fetchTo(1);
  });
  await client.end();
  return moments(resolved(events, server.dataDir), marks);
}

/** Runs a statement that goes through gates, and looks when all its processes stand at one. */
async function throughGates(
  server: Server,
  traced: readonly string[],
  processes: number,
  client: pg.Client,
  sql: string,
): Promise<Moment[]> {
  const gates = await makeGates(server, ROWS);
  const marks: number[] = [];
  const { events } = await tracing([...traced, '--via', 'ftrace'], async () => {
    await sleep(JOINED_MS);
    const done = client.query(sql);
    for (const n of [1, 2, 3]) {
      await gates.reached(n, processes);
      marks.push(await mark());
      await gates.open(n);
    }
    await done;
  });
  await client.end();
  return moments(resolved(events, server.dataDir), marks);
}

/** A time, in seconds, with a little nothing on both sides of it. */
async function mark(): Promise<number> {
  await sleep(50);
  const now = Date.now() / 1000;
  await sleep(50);
  return now;
}

/** What a process is, its source may tell late: a title is read when there is time. */
function moments(events: readonly Event[], marks: readonly number[]): Moment[] {
  return marks.map((until, index) => {
    const before = events.filter(
      (event) => event.type === 'process' || !('ts' in event) || event.ts === null || event.ts <= until,
    );
    const aggregates = createAggregates();
    aggregates.write(before);
    return { truth: QUARTERS[index]!, aggregates };
  });
}

function mainFork(aggregates: Aggregates, table: string): ForkStat {
  const object = aggregates.objects.find((object) => nameOf(object) === `public.${table}`);
  const fork = object && mainForkOf(object);
  assert.ok(fork, `${table} was not seen`);
  return fork;
}

function at(aggregates: Aggregates, table: string): Progress {
  const progress = progressAt(mainFork(aggregates, table), aggregates.lastTs()!);
  assert.ok(progress, `${table} was not read`);
  return progress;
}

function assertDone(progress: Progress, truth: number): void {
  assert.ok(progress.done !== null, `nothing is said of what is done: ${JSON.stringify(progress)}`);
  assertNear(progress.done, truth);
}

function assertNear(done: number, truth: number): void {
  assert.ok(Math.abs(done - truth) <= POINTS, `expected about ${truth}, found ${done}`);
}
