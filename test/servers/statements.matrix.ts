/** --statements on every version: what the server's own log says was executed is seen, with its text and times. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import type { StatementEvent } from '../../src/event/types.js';
import { noUprobes } from '../live/tracefs.js';
import { tracing } from '../live/tracing.js';
import type { Server } from './server.js';
import { compareToLog } from './statement-log.js';
import { assertStates, pidOf, queryAsDriver, readByStatement, startLogging } from './statement-scenarios.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const TOOLS = '/usr/lib/postgresql/15/bin';
const noTools: string | false =
  noUprobes ||
  (spawnSync(`${TOOLS}/pgbench`, ['--version']).error === undefined ? false : 'pgbench is not installed');

let server: Server | undefined;

before(async () => {
  if (noUprobes !== false) return;
  server = await startLogging(version);
});

after(async () => {
  await server?.remove();
});

/** Every process of the cluster, from its first statement on. */
const compare = (work: () => Promise<void> | void, least: number, apart = false) =>
  compareToLog(server!, ['--via', 'ftrace', '-D', server!.dataDir], work, { least, apart });

test('a driver’s statements: simple, with parameters, prepared', { skip: noUprobes }, async () => {
  await compare(async () => {
    const client = await server!.connect();
    await queryAsDriver(client);
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

test('states between statements, and after a failed one; redacted texts', { skip: noUprobes }, () =>
  assertStates(server!, 'ftrace'),
);

test('texts that no probe can fetch: the right one, or none', { skip: noUprobes }, async () => {
  const client = await server!.connect();
  const pid = await pidOf(client);
  const slow = `SELECT pg_sleep(0.5) /* ${'é'.repeat(5000)} */`;
  const quick = Array.from({ length: 100 }, (_, i) => `SELECT ${i} /* ${'x'.repeat(5000)} */`);
  const { events } = await tracing(
    ['--via', 'ftrace', '--statements', '--statement-length', '6000', '-p', String(pid)],
    async () => {
      await client.query(slow);
      await client.query(`${slow} -- $1`, []);
      for (const text of quick) await client.query(text);
    },
  );
  await client.end();
  const [simple, extended, ...others] = events.filter(
    (event): event is StatementEvent => event.type === 'statement' && event.state === 'running',
  );
  const beginning = Buffer.from(slow).subarray(0, 6000).toString();
  for (const event of [simple!, extended!]) {
    assert.equal(event.text, beginning);
    assert.equal(event.cut, true);
  }
  assert.equal(others.length, quick.length);
  for (const [i, { text, cut }] of others.entries())
    if (text === undefined) assert.equal(cut, true);
    else assert.deepEqual([text, cut], [quick[i], undefined]);
});

test('what parallel workers read belongs to their leader’s statement', { skip: noUprobes }, async () => {
  const client = await server!.connect();
  await client.query(
    'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0',
  );
  const args = ['--via', 'ftrace', '-D', server!.dataDir];
  const { calls, caused } = await readByStatement(server!, client, args);
  await client.end();
  assert.ok(new Set(caused.map(({ pid }) => pid)).size > 1, 'no worker read');
  assert.equal(caused.length, calls.length);
});
