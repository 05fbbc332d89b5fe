/**
 * What a process is at, asked while a real server works: it is what the server itself says in its progress views,
 * or what the test knows, since it holds the work.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Event } from '../../src/event/types.js';
import { type Activity, activityOf } from '../../src/view/activity.js';
import { createAggregates } from '../../src/view/aggregates.js';
import { nameOf } from '../../src/view/name.js';
import { mainForkOf } from '../../src/view/objects.js';
import { impossible, resolved, tracing } from '../live/tracing.js';
import { copyIn } from './copy-in.js';
import { makeGates } from './gate.js';
import { type Server, startServer } from './server.js';
import { becomeStandby, caughtUp, follows } from './standby.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const POINTS = 0.05;
/** Rows of half a kilobyte, fifteen in a block: 4000 blocks, of which few stay in shared buffers. */
const ROWS = 60_000;
const SETTINGS = { autovacuum: 'off', shared_buffers: '4MB', max_parallel_workers: 0, max_wal_size: '4GB' };
/** What a process did before its trace is told is held back for a while (src/attach/joining.ts). */
const JOINED_MS = 400;
const PATIENCE_MS = 60_000;
/**
 * The server changes its phase, and says so, a little before or after the first call that shows it: moments are
 * judged when so many answers before and after say the same. A loaded machine makes these rarer, too.
 */
const INSIDE = 5;

interface Moment {
  ts: number;
  /** In the server's or the test's words. */
  truth: string;
  /** Of the work, 0 to 1 (of COPY, bytes), where the test knows it. */
  part: number;
}

interface Seen extends Moment {
  activity: Activity | null;
}

/** Asks while a process is at a statement, in the server: what a client asks, it learns late on a loaded machine. */
const ASKING = `
  CREATE OR REPLACE FUNCTION asked(worker int, question text)
  RETURNS TABLE (ts float8, truth text, part float8) LANGUAGE plpgsql AS $$
  DECLARE
    active bool;
    begun bool := false;
  BEGIN
    LOOP
      PERFORM pg_stat_clear_snapshot();
      SELECT state = 'active' INTO active FROM pg_stat_activity WHERE pid = worker;
      EXIT WHEN begun AND NOT active;
      begun := active;
      RETURN QUERY EXECUTE question;
      PERFORM pg_sleep(0.002);
    END LOOP;
  END $$`;

describe(`activities on PostgreSQL ${version}`, { skip: impossible('ftrace') ?? false }, () => {
  let server: Server;

  before(async () => {
    server = await startServer({ version, settings: SETTINGS });
    const client = await server.connect();
    await client.query(
      `CREATE TABLE orders AS SELECT g AS id, repeat('x', 500) AS note FROM generate_series(1, ${ROWS}) g`,
    );
    await client.query('CREATE INDEX orders_id ON orders (id)');
    await client.query('CREATE INDEX orders_note ON orders (note, id)');
    await client.query('CREATE TABLE filled (id int, note text)');
    await client.query('VACUUM ANALYZE');
    await client.end();
  });
  after(() => server?.remove());

  test("VACUUM's passes", async () => {
    const deleter = await server.connect();
    await deleter.query('DELETE FROM orders WHERE id % 7 = 0');
    await deleter.end();
    // The visibility map is to be read, not found in shared buffers: a title that says VACUUM may come late.
    await server.restart();
    const client = await server.connect();
    await client.query(
      "SET maintenance_work_mem = '1MB'; SET vacuum_cost_delay = 5; SET vacuum_cost_limit = 400",
    );
    const seen = await watched(
      server,
      client,
      'VACUUM orders',
      'vacuum',
      'phase',
      "CASE phase WHEN 'vacuuming heap' THEN heap_blks_vacuumed ELSE heap_blks_scanned END",
      "CASE phase WHEN 'vacuuming heap' THEN heap_blks_scanned ELSE heap_blks_total END",
    );
    assertPhases(seen, {
      'scanning heap': 'vacuum: scanning heap',
      'vacuuming indexes': 'vacuum: vacuuming indexes',
      'vacuuming heap': 'vacuum: vacuuming heap',
    });
    for (const phase of ['scanning heap', 'vacuuming heap'])
      assertParts(
        seen.filter(({ truth, activity }) => truth === phase && activity?.progress),
        ({ progress }) => progress!.done,
      );
    for (const name of ['public.orders_id', 'public.orders_note']) assertGoesThrough(seen, name);
  });

  test('a VACUUM of several rounds, as its memory is too small for all dead rows', async () => {
    const client = await server.connect();
    await client.query('CREATE TABLE many AS SELECT g AS id FROM generate_series(1, 450000) g');
    await client.query('CREATE INDEX many_id ON many (id)');
    await client.query('VACUUM many');
    await client.query('DELETE FROM many WHERE id % 2 = 0');
    await client.end();
    await server.restart();
    const vacuum = await server.connect();
    // 17 and later have a bitmap of each block's dead rows, and as little memory.
    await vacuum.query(`SET maintenance_work_mem = '${version < 17 ? '1MB' : '64kB'}'`);
    await vacuum.query('SET vacuum_cost_delay = 10; SET vacuum_cost_limit = 200');
    const seen = await watched(
      server,
      vacuum,
      'VACUUM many',
      'vacuum',
      'phase',
      "CASE phase WHEN 'vacuuming heap' THEN heap_blks_vacuumed ELSE heap_blks_scanned END",
      'heap_blks_total',
    );
    assertPhases(seen, {
      'scanning heap': 'vacuum: scanning heap',
      'vacuuming indexes': 'vacuum: vacuuming indexes',
      'vacuuming heap': 'vacuum: vacuuming heap',
    });
    const rounds = seen.filter(
      ({ truth }, index) => truth === 'vacuuming heap' && seen[index - 1]?.truth !== truth,
    );
    assert.ok(rounds.length > 1, `${rounds.length} rounds`);
    for (const phase of ['scanning heap', 'vacuuming heap']) {
      const inside = seen.filter(({ truth, activity }) => truth === phase && told(activity).endsWith(phase));
      const blocks = (activity: Activity) => mainForkOf(activity.object!)!.total;
      assertParts(inside, (activity) =>
        activity.progress === null ? null : activity.progress.position / blocks(activity),
      );
    }
  });

  test("CREATE INDEX's scan, sort and load", async () => {
    const client = await server.connect();
    await client.query("SET maintenance_work_mem = '1MB'");
    const sql = 'CREATE INDEX built ON orders (note, (id % 1000), id)';
    if (version < 12) {
      const told = phasesOf(await traced(server, client, () => client.query(sql)));
      assert.deepEqual(told, [
        'create index: scanning table',
        'create index: sorting live tuples',
        'create index: loading tuples in tree',
      ]);
      return;
    }
    const seen = await watched(server, client, sql, 'create_index', 'phase', 'blocks_done', 'blocks_total');
    assertPhases(seen, {
      'building index: scanning table': 'create index: scanning table',
      'building index: sorting live tuples': 'create index: sorting live tuples',
      'building index: loading tuples in tree': 'create index: loading tuples in tree',
    });
  });

  const REWRITES = [
    ['VACUUM FULL orders', '', ['seq scanning heap']],
    // To follow the index is cheaper than to sort what does not fit.
    ['CLUSTER orders USING orders_note', 'SET seq_page_cost = 1000', ['index scanning heap']],
    // That it sorts, between the two, is over before anybody asks.
    [
      'CLUSTER orders USING orders_id',
      "SET enable_indexscan = off; SET maintenance_work_mem = '1MB'",
      ['seq scanning heap', 'writing new heap'],
    ],
  ] as const;
  for (const [sql, settings, phases] of REWRITES)
    test(`${sql}: ${phases.join(', ')}, then its indexes`, async () => {
      const client = await server.connect();
      await client.query(settings);
      if (version < 12) {
        const told = phasesOf(await traced(server, client, () => client.query(sql)));
        // Without the server's word, what lasts is told.
        for (const phase of phases)
          assert.ok(told.includes(`rewrite: ${phase}`), `${phase}: ${told.join(', ')}`);
        return;
      }
      const seen = await watched(
        server,
        client,
        sql,
        'cluster',
        'phase',
        'heap_blks_scanned',
        'heap_blks_total',
      );
      const wanted = Object.fromEntries(phases.map((phase) => [phase, `rewrite: ${phase}`]));
      assertPhases(seen, { ...wanted, 'rebuilding index': 'create index: ' });
    });

  test('a sort that is read back', async () => {
    const sorted = 'SELECT row_number() OVER (ORDER BY id % 1000, note DESC)::int AS n FROM orders';
    const seen = await gated(server, "SET work_mem = '1MB'", sorted);
    assertPhases(seen, { 'reading back': 'sort or hash: reading back' });
    assertParts(seen, ({ partDone }) => partDone);
  });

  test('a hash join that is read back batch by batch', async () => {
    const only = 'SET enable_mergejoin = off; SET enable_nestloop = off; SET enable_indexscan = off';
    const joined =
      'SELECT row_number() OVER ()::int AS n FROM (SELECT a.id FROM orders a JOIN orders b USING (id, note)) j';
    const seen = await gated(server, `SET work_mem = '512kB'; ${only}`, joined);
    assertPhases(seen, { 'reading back': 'sort or hash: reading back' });
    assertParts(seen, ({ partDone }) => partDone);
  });

  test('COPY from a client', async () => {
    const [client, asker] = [await server.connect(), await server.connect()];
    const pid = await pidOf(client);
    const moments: Moment[] = [];
    const events = await traced(server, client, async () => {
      let sent = 0;
      await copyIn(client, 'COPY filled FROM STDIN', async (send) => {
        for (const _part of [1, 2, 3, 4]) {
          const data = `1\t${'x'.repeat(500)}\n`.repeat(8000);
          await send(data);
          sent += data.length;
          await waitsForClient(asker, pid);
          moments.push({ ts: await mark(), truth: 'copy', part: sent });
        }
      });
      await waitsForClient(asker, pid);
      moments.push({ ts: await mark(), truth: 'over', part: 0 });
    });
    await asker.end();
    const seen = at(events, moments);
    for (const { activity, truth, part } of seen) {
      if (truth === 'over') {
        assert.equal(activity, null);
        continue;
      }
      assert.equal(told(activity), 'copy: copying from the client');
      assert.equal(nameOf(activity!.object!), 'public.filled');
      assert.ok(Math.abs(activity!.copied - part) < 64 << 10, `${activity!.copied} of ${part} bytes`);
    }
  });

  test('COPY from a file of the server and to one', async () => {
    const file = join(server.dataDir, '..', 'filled.copy');
    // Each row takes a while to be written, and to be read.
    const slow = `
      CREATE FUNCTION slow(id int) RETURNS int LANGUAGE plpgsql AS $$
      BEGIN IF id % 500 = 0 THEN PERFORM pg_sleep(0.01); END IF; RETURN id; END $$;
      CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM slow(NEW.id); RETURN NEW; END $$;
      CREATE TABLE loaded (id int, note text);
      CREATE TRIGGER slowly BEFORE INSERT ON loaded FOR EACH ROW EXECUTE PROCEDURE slowly()`;
    const client = await server.connect();
    await client.query(slow);
    const seenTo = await copied(server, client, `COPY (SELECT slow(id), note FROM orders) TO '${file}'`);
    const size = statSync(file).size;
    assertCopies(seenTo, 'copying to a file', 'public.orders', size);
    const seenFrom = await copied(server, await server.connect(), `COPY loaded FROM '${file}'`);
    assertCopies(seenFrom, 'copying from a file', 'public.loaded', size);
    for (const { activity } of seenFrom.filter(({ activity }) => activity?.what === 'copy'))
      assert.equal(activity!.partDone, activity!.copied / size);
  });

  test('a standby replays WAL', async () => {
    const primary = await startServer({ version, settings: { max_wal_size: '4GB' } });
    const standby = await startServer({ version, settings: follows(primary) });
    try {
      await becomeStandby(primary, standby);
      const [source, target] = [await primary.connect(), await standby.connect()];
      const replayed: bigint[] = [];
      const moments: Moment[] = [];
      const { events } = await tracing(['-D', standby.dataDir, '--via', 'ftrace'], async () => {
        await sleep(JOINED_MS);
        for (const part of [1, 2, 3]) {
          await source.query(`CREATE TABLE load${part} AS SELECT generate_series(1, 50000) AS id`);
          await caughtUp(primary, standby);
          moments.push({ ts: await mark(), truth: 'reading WAL', part });
          const { rows } = await target.query('SELECT pg_last_wal_replay_lsn() AS lsn');
          replayed.push(lsnOf(rows[0].lsn));
        }
      });
      const startup = events.find((event) => event.type === 'process' && event.role === 'startup');
      assert.ok(startup?.type === 'process', 'the startup process was not told');
      const seen = at(resolved(events, standby.dataDir), moments, startup.pid);
      assertPhases(seen, { 'reading WAL': 'replay: reading WAL' });
      for (const [index, { activity }] of seen.entries()) {
        // It reads a page of WAL at a time, and tells where that began.
        const behind = replayed[index]! - lsnOf(activity!.lsn!);
        assert.ok(behind >= -8192n && behind <= 16_384n, `${behind} bytes behind`);
      }
    } finally {
      await standby.remove();
      await primary.remove();
    }
  });
});

/** Traces a client's process while it works; the events of that process and those who read for it. */
async function traced(server: Server, client: pg.Client, work: () => Promise<unknown>): Promise<Event[]> {
  const pid = await pidOf(client);
  const { events } = await tracing(['-p', String(pid), '--via', 'ftrace'], async () => {
    await sleep(JOINED_MS);
    await work();
  });
  await client.end();
  return resolved(events, server.dataDir);
}

/** Runs a statement, and asks the server's view of its progress all the time. */
async function watched(
  server: Server,
  client: pg.Client,
  sql: string,
  view: string,
  phase: string,
  done: string,
  total: string,
): Promise<Seen[]> {
  const asker = await server.connect();
  await asker.query(ASKING);
  const question = `SELECT extract(epoch FROM clock_timestamp())::float8, ${phase}::text,
    (${done})::float8 / NULLIF(${total}, 0) FROM pg_stat_progress_${view}`;
  const worker = await pidOf(client);
  let moments: Moment[] = [];
  const events = await traced(server, client, async () => {
    const [answers] = await Promise.all([
      asker.query('SELECT * FROM asked($1, $2)', [worker, question]),
      client.query(sql),
    ]);
    moments = answers.rows;
  });
  await asker.end();
  return at(events, moments, worker);
}

/**
 * Runs a COPY. The truth is the bytes that the server says it has processed; before 14, which cannot say, nothing.
 */
async function copied(server: Server, client: pg.Client, sql: string): Promise<Seen[]> {
  if (version >= 14) return await watched(server, client, sql, 'copy', 'command', 'bytes_processed', '1');
  const pid = await pidOf(client);
  const moments: Moment[] = [];
  const events = await traced(server, client, async () => {
    let over = false;
    const work = client.query(sql).finally(() => {
      over = true;
    });
    while (!over) {
      await sleep(20);
      if (!over) moments.push({ ts: Date.now() / 1000, truth: sql.split(' ')[0]!, part: Number.NaN });
    }
    await work;
  });
  return at(events, moments, pid);
}

/** Most moments say what is copied, and how much of it, with what is in the server's buffers (64 kB, copyfrom_internal.h). */
function assertCopies(seen: readonly Seen[], phase: string, table: string, size: number): void {
  const said = seen.filter(({ activity }) => activity?.phase === phase);
  const others = new Set(seen.map(({ activity }) => told(activity)));
  assert.ok(said.length > seen.length * 0.8, `${said.length} of ${seen.length}: ${[...others].join(', ')}`);
  for (const { activity, part } of said) {
    const { copied, object } = activity!;
    assert.equal(nameOf(object!), table);
    assert.ok(copied <= size && !(Math.abs(copied - part) > 0.05 * size), `${copied} bytes, ${part}`);
  }
  const [first, last] = [said[0]!.activity!.copied, said.at(-1)!.activity!.copied];
  assert.ok(first < 0.2 * size && last > 0.8 * size, `from ${first} to ${last} of ${size}`);
}

/** Runs a query whose rows, numbered as `n`, stop at a quarter, half and three quarters of them. */
async function gated(server: Server, settings: string, numbered: string): Promise<Seen[]> {
  const client = await server.connect();
  await client.query(settings);
  const { rows } = await client.query(`SELECT count(*)::int AS n FROM (${numbered}) all_of_them`);
  const gates = await makeGates(server, rows[0].n);
  const moments: Moment[] = [];
  const events = await traced(server, client, async () => {
    const done = client.query(`SELECT count(gate(n)) FROM (${numbered}) numbered`);
    for (const n of [1, 2, 3]) {
      await gates.reached(n, 1);
      moments.push({ ts: await mark(), truth: 'reading back', part: n / 4 });
      await gates.open(n);
    }
    await done;
  });
  return at(events, moments, pidAmong(events));
}

/** Until a backend has taken all that was sent: it sleeps, and would be woken by more. */
async function waitsForClient(asker: pg.Client, pid: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  const waiting = "SELECT wait_event = 'ClientRead' AS waits FROM pg_stat_activity WHERE pid = $1";
  while (!(await asker.query(waiting, [pid])).rows[0].waits || !isAsleep(pid)) {
    if (Date.now() > deadline) throw new Error(`${pid} did not take what was sent in time`);
    await sleep(10);
  }
}

/** The state is the third field of /proc/PID/stat, behind the name in brackets (proc_pid_stat(5)). */
function isAsleep(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') S ');
}

/** A time, in seconds, with a little nothing on both sides of it. */
async function mark(): Promise<number> {
  await sleep(50);
  const now = Date.now() / 1000;
  await sleep(50);
  return now;
}

async function pidOf(client: pg.Client): Promise<number> {
  return Number((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
}

function pidAmong(events: readonly Event[]): number {
  const backend = events.find((event) => event.type === 'process' && event.role === 'client backend');
  assert.ok(backend?.type === 'process', 'the backend was not told');
  return backend.pid;
}

function at(events: readonly Event[], moments: readonly Moment[], pid = pidAmong(events)): Seen[] {
  const play = player(events, pid);
  return moments.map((moment) => ({ ...moment, activity: play(moment.ts) }));
}

/** What the process is at, at times that are asked for in their order. */
function player(events: readonly Event[], pid: number): (ts: number) => Activity | null {
  const timed = events.map((event) => ({ event, end: endOf(event) })).sort((a, b) => a.end - b.end);
  const aggregates = createAggregates();
  let next = 0;
  return (ts) => {
    for (; next < timed.length && timed[next]!.end <= ts; next++) aggregates.write([timed[next]!.event]);
    const process = aggregates.processes.get(pid);
    return process === undefined ? null : activityOf(process, ts);
  };
}

function endOf(event: Event): number {
  return 'ts' in event && event.ts !== null
    ? event.ts + (event.type === 'syscall' ? (event.dur ?? 0) : 0)
    : 0;
}

/** What it was at, each phase once in the order of their beginnings. */
function phasesOf(events: readonly Event[]): string[] {
  const play = player(events, pidAmong(events));
  const phases = events.map((event) => told(play(endOf(event))));
  return [...new Set(phases.filter((phase) => phase !== 'nothing'))];
}

function told(activity: Activity | null): string {
  return activity === null ? 'nothing' : `${activity.what}: ${activity.phase}`;
}

/** Each of the phases was there, and what is told well inside it begins as wanted. */
function assertPhases(seen: readonly Seen[], wanted: Readonly<Record<string, string>>): void {
  for (const [truth, begins] of Object.entries(wanted)) {
    const inside = seen.filter((_moment, index) => {
      const near = seen.slice(Math.max(0, index - INSIDE), index + INSIDE + 1);
      return near.every((moment) => moment.truth === truth);
    });
    assert.ok(inside.length > 0, `the server was never ${truth}`);
    const wrong = inside.filter(({ activity }) => !told(activity).startsWith(begins));
    const examples = [...new Set(wrong.map(({ activity }) => told(activity)))].join(', ');
    assert.ok(
      wrong.length <= inside.length * 0.1,
      `${truth}: ${wrong.length} of ${inside.length} are ${examples}`,
    );
  }
}

/** What is told of the part of an index that is done goes from little to nearly all of it, and never back. */
function assertGoesThrough(seen: readonly Seen[], index: string): void {
  const parts = seen.flatMap(({ truth, activity }) =>
    truth === 'vacuuming indexes' && activity?.object && nameOf(activity.object) === index
      ? (activity.progress?.done ?? [])
      : [],
  );
  assert.ok(parts.length > 0, `nothing is told of ${index}`);
  assert.ok(parts[0]! < 0.2 && parts.at(-1)! > 0.8, `from ${parts[0]} to ${parts.at(-1)}`);
  assert.deepEqual(
    parts,
    parts.toSorted((a, b) => a - b),
  );
}

/** What is told of the part done is within 5 points, and it is told at most moments. */
function assertParts(seen: readonly Seen[], partOf: (activity: Activity) => number | null): void {
  const parts = seen.map(({ activity, part }) => ({
    part,
    found: activity === null ? null : partOf(activity),
  }));
  const known = parts.filter(({ found }) => found !== null);
  assert.ok(known.length > seen.length / 2, `known at ${known.length} of ${seen.length} moments`);
  const off = known.filter(({ part, found }) => Math.abs(found! - part) > POINTS);
  assert.ok(
    off.length <= known.length * 0.05,
    `off at ${off.length} of ${known.length}: ${JSON.stringify(off.slice(0, 5))}`,
  );
}

function lsnOf(text: string): bigint {
  const [high, low] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
