/** --statements on every version: what the server's own log says was executed is seen, with its text and times. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event, StatementEvent } from '../../src/event/types.js';
import { bytesOf, ofRelation, reads } from '../live/blocks.js';
import { noUprobes } from '../live/tracefs.js';
import { resolved, tracing } from '../live/tracing.js';
import { type Server, startServer } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const TOOLS = '/usr/lib/postgresql/15/bin';
const noTools: string | false =
  noUprobes ||
  (spawnSync(`${TOOLS}/pgbench`, ['--version']).error === undefined ? false : 'pgbench is not installed');

let server: Server | undefined;

before(async () => {
  if (noUprobes !== false) return;
  server = await startServer({
    version,
    settings: {
      autovacuum: false,
      log_min_duration_statement: 0,
      log_line_prefix: '%p|',
      max_parallel_workers_per_gather: 0,
      shared_buffers: '2MB',
      ...(version >= 18 ? { io_method: 'sync' } : {}),
    },
  });
});

after(async () => {
  await server?.remove();
});

interface Logged {
  pid: number;
  /** In seconds. */
  dur: number;
  text: string;
}

/**
 * What the log says was executed since it had `from` characters, by process. A statement of the extended protocol
 * has a line each for Parse, Bind and Execute.
 * @param apart a statement is prepared on its own.
 */
function logged(from: number, apart: boolean): Map<number, Logged[]> {
  const lines =
    /^(\d+)\|LOG: {2}duration: ([\d.]+) ms {2}(?:(statement)|(parse|bind|execute) [^:]*): (.*(?:\n\t.*)*)/gm;
  const found = new Map<number, Logged[]>();
  const last = new Map<number, string>();
  for (const [, id, ms, simple, message, indented] of server!.log().slice(from).matchAll(lines)) {
    const pid = Number(id);
    const dur = Number(ms) / 1000;
    const text = indented!.replaceAll('\n\t', '\n');
    const all = found.get(pid) ?? [];
    found.set(pid, all);
    const before = last.get(pid);
    last.set(pid, simple ?? message!);
    const goes =
      (message === 'bind' && before === 'parse' && !apart) || (message === 'execute' && before === 'bind');
    if (goes) all.at(-1)!.dur += dur;
    else all.push({ pid, dur, text });
  }
  return found;
}

interface Seen {
  text: string | undefined;
  dur: number | undefined;
}

function seen(events: readonly Event[]): Map<number, Seen[]> {
  const statements = events.filter((event): event is StatementEvent => event.type === 'statement');
  const ends = new Map(
    statements.flatMap(({ number, dur }) =>
      number !== undefined && dur !== undefined ? [[number, dur]] : [],
    ),
  );
  const found = new Map<number, Seen[]>();
  for (const { pid, number, text, dur } of statements)
    if (dur === undefined && number !== undefined)
      found.set(pid, [...(found.get(pid) ?? []), { text, dur: ends.get(number) }]);
  return found;
}

/** Traces the cluster around `work` and holds what is seen to what is logged. */
async function compare(work: () => Promise<void> | void, least: number, apart = false): Promise<void> {
  const from = server!.log().length;
  const { events, stderr } = await tracing(
    ['--via', 'ftrace', '--statements', '--statement-length', '4095', '-D', server!.dataDir],
    async () => {
      await work();
      // The last idle process has written its log, and its end was traced.
      await sleep(200);
    },
  );
  assert.doesNotMatch(stderr, /no statements/);
  const told = seen(events);
  const log = logged(from, apart);
  let count = 0;
  for (const [pid, executed] of log) {
    const statements = told.get(pid) ?? [];
    assert.deepEqual(
      statements.map(({ text }) => text),
      executed.map(({ text }) => text),
    );
    for (const [i, { dur, text }] of executed.entries()) {
      const mine = statements[i]!.dur;
      assert.ok(mine !== undefined, `${text} was not seen to end`);
      // The log's clock begins as the message arrives and ends before the answer is sent; a busy machine may stop
      // the server in between.
      assert.ok(Math.abs(mine - dur) < 0.1, `${text}: ${mine} s seen, ${dur} s logged`);
    }
    count += executed.length;
  }
  assert.ok(count >= least, `only ${count} statements were logged`);
}

test('a driver’s statements: simple, with parameters, prepared', { skip: noUprobes }, async () => {
  await compare(async () => {
    const client = await server!.connect();
    await client.query('SELECT 1');
    await client.query('SELECT pg_sleep(0.2)');
    await client.query('SELECT \'two\nlines, é and €\' AS text, "relname" FROM pg_class LIMIT 1');
    await client.query('SELECT $1::int + $2::int', [1, 2]);
    for (let i = 0; i < 3; i++)
      await client.query({
        name: 'named',
        text: 'SELECT count(*) FROM pg_class WHERE oid > $1',
        values: [i],
      });
    await client.query('BEGIN');
    await client.query('SELECT 2');
    await client.query('ROLLBACK');
    await client.end();
  }, 10);
});

test('psql’s statements', { skip: noTools }, async () => {
  const script =
    'SELECT 1;\nCREATE TABLE p (i int);\nINSERT INTO p\n  SELECT generate_series(1, 100);\nSELECT count(*)\nFROM p;\nDROP TABLE p;\n';
  await compare(() => {
    const psql = spawnSync(
      `${TOOLS}/psql`,
      ['-X', '-q', '-h', server!.socketDir, '-U', 'postgres', '-d', 'postgres'],
      {
        input: script,
        encoding: 'utf8',
      },
    );
    assert.equal(psql.status, 0, psql.stderr);
  }, 5);
});

for (const mode of ['simple', 'extended', 'prepared'])
  test(`pgbench’s statements, ${mode}`, { skip: noTools }, async () => {
    const bench = (...args: string[]) => {
      const run = spawnSync(
        `${TOOLS}/pgbench`,
        ['-h', server!.socketDir, '-U', 'postgres', ...args, 'postgres'],
        {
          encoding: 'utf8',
        },
      );
      assert.equal(run.status, 0, run.stderr);
    };
    bench('-i', '-q');
    await compare(() => bench('-n', '-c', '2', '-t', '20', '-M', mode), 2 * 20 * 7, mode === 'prepared');
  });

test('states between statements, and after a failed one', { skip: noUprobes }, async () => {
  const client = await server!.connect();
  const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  const { events } = await tracing(
    ['--via', 'ftrace', '--statements', '--redact', '-p', String(pid)],
    async () => {
      await client.query('BEGIN');
      await client.query("SELECT 'secret', 42");
      await client.query('SELECT 1/0').catch(() => undefined);
      await client.query('ROLLBACK');
    },
  );
  await client.end();
  const told = events.filter((event): event is StatementEvent => event.type === 'statement');
  assert.deepEqual(
    told.map(({ state, number, text }) => [state, number, text]),
    [
      ['running', 1, 'BEGIN'],
      ['idle in transaction', 1, undefined],
      ['running', 2, 'SELECT ?, ?'],
      ['idle in transaction', 2, undefined],
      ['running', 3, 'SELECT ?/?'],
      ['idle in transaction (aborted)', 3, undefined],
      ['running', 4, 'ROLLBACK'],
      ['idle', 4, undefined],
    ],
  );
});

test('what parallel workers read belongs to their leader’s statement', { skip: noUprobes }, async () => {
  const client = await server!.connect();
  await client.query("CREATE TABLE big AS SELECT i, repeat('x', 500) FROM generate_series(1, 40000) i");
  await client.query('VACUUM ANALYZE big');
  await client.query('CHECKPOINT');
  await client.query(
    'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0',
  );
  const query = 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(*) FROM big';
  let plan: Record<string, unknown> = {};
  const { events } = await tracing(['--via', 'ftrace', '--statements', '-D', server!.dataDir], async () => {
    plan = (await client.query(query)).rows[0]['QUERY PLAN'][0].Plan;
  });
  await client.end();
  const told = resolved(events, server!.dataDir);
  const begin = told.find((event) => event.type === 'statement' && event.text === query);
  assert.ok(begin?.type === 'statement');
  const calls = ofRelation(reads(told), 'big');
  const caused = calls.filter(({ statement }) => statement === begin.number);
  assert.ok(new Set(caused.map(({ pid }) => pid)).size > 1, 'no worker read');
  assert.equal(bytesOf(caused), Number(plan['Shared Read Blocks']) * 8192);
  assert.equal(caused.length, calls.length);
});
