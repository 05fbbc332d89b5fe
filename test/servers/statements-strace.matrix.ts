/** --via strace --statements on every version: what the server's own log says was executed is seen in the protocol. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Framing } from '../../src/attach/protocol/framing.js';
import { BACKEND } from '../../src/attach/protocol/messages.js';
import type { StatementEvent } from '../../src/event/types.js';
import * as say from '../attach/protocol/bytes.js';
import { bytesOf, ofRelation, reads } from '../live/blocks.js';
import { impossible, resolved, tracing } from '../live/tracing.js';
import { type Server, startServer } from './server.js';
import { compareToLog, LOGGING } from './statement-log.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const noStrace = impossible('strace') ?? false;

let server: Server | undefined;

before(async () => {
  if (noStrace !== false) return;
  server = await startServer({
    version,
    settings: {
      ...LOGGING,
      autovacuum: false,
      max_parallel_workers_per_gather: 0,
      shared_buffers: '2MB',
      ...(version >= 18 ? { io_method: 'sync' } : {}),
    },
  });
});

after(async () => {
  await server?.remove();
});

const pidOf = async (client: { query(sql: string): Promise<{ rows: { pid: number }[] }> }) =>
  (await client.query('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;

test('a driver’s statements: simple, with parameters, prepared, long', { skip: noStrace }, async () => {
  const client = await server!.connect();
  const pid = await pidOf(client);
  await compareToLog(
    server!,
    ['--via', 'strace', '-p', String(pid)],
    async () => {
      await client.query('SELECT 1');
      await client.query('SELECT pg_sleep(0.2)');
      await client.query('SELECT \'two\nlines, é and €\' AS text, "relname" FROM pg_class LIMIT 1');
      await client.query('SELECT $1::int + $2::int', [1, 2]);
      await client.query('SELECT length($1::text)', ['x'.repeat(50_000)]);
      for (let i = 0; i < 3; i++)
        await client.query({
          name: 'named',
          text: 'SELECT count(*) FROM pg_class WHERE oid > $1',
          values: [i],
        });
      await client.query(`SELECT ${"'long', ".repeat(300)} 1`);
      // Answers of many calls, and of one message that is longer than the server's buffer.
      await client.query('SELECT generate_series(1, 20000)');
      await client.query("SELECT repeat('Z', 100000)");
      await client.query('BEGIN');
      await client.query('SELECT 2');
      await client.query('ROLLBACK');
    },
    { least: 12, tolerance: 0.3 },
  );
  await client.end();
});

/** A client that says what it is given, byte for byte. */
async function open(): Promise<{ socket: Socket; idle(times?: number): Promise<void> }> {
  const socket = connect(join(server!.socketDir, `.s.PGSQL.${server!.port}`));
  await once(socket, 'connect');
  const answers = new Framing(BACKEND, 0);
  answers.align();
  let ready = 0;
  socket.on('data', (data) => {
    ready += answers.read(data).filter(({ type }) => type === 'Z').length;
    socket.emit('ready');
  });
  const idle = async (times = 1) => {
    while (ready < times) await once(socket, 'ready');
    ready -= times;
  };
  socket.write(say.opening(196608, 'user\0postgres\0database\0postgres\0\0'));
  await idle();
  return { socket, idle };
}

test('pipelines, pieces, COPY, an error in between', { skip: noStrace }, async () => {
  const other = await server!.connect();
  await other.query('DROP TABLE IF EXISTS copied');
  await other.query('CREATE TABLE copied (t text)');
  const { socket, idle } = await open();
  const { rows } = await other.query(
    "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
  );
  await compareToLog(
    server!,
    ['--via', 'strace', '-p', String(rows[0].pid)],
    async () => {
      const { parse, bind, execute, sync, query } = say;
      socket.write(Buffer.concat([parse('a', 'SELECT 1'), bind('', 'a'), execute(''), sync()]));
      await idle();
      const steps = (sql: string) => [parse('', sql), bind('', ''), execute('')];
      socket.write(Buffer.concat([...steps('SELECT 2'), ...steps('SELECT 3'), sync()]));
      await idle();
      const whole = Buffer.concat([...steps('SELECT 4'), sync()]);
      for (const piece of [whole.subarray(0, 7), whole.subarray(7, 20), whole.subarray(20)]) {
        socket.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await idle();
      socket.write(Buffer.concat([...steps('SELECT wrong'), ...steps('SELECT 5'), sync()]));
      await idle();
      socket.write(query('COPY copied FROM STDIN'));
      for (let i = 0; i < 20; i++)
        socket.write(
          say.copyData(`Q${'x'.repeat(999)}
`),
        );
      socket.write(Buffer.concat([say.copyDone(), query('SELECT 6')]));
      await idle(2);
      socket.write(Buffer.concat([bind('', 'a'), execute(''), sync()]));
      await idle();
    },
    { least: 7, tolerance: 0.3 },
  );
  socket.end();
  await other.end();
});

test('states, redacted texts, and nothing of the data beside', { skip: noStrace }, async () => {
  const client = await server!.connect();
  const pid = await pidOf(client);
  const { events } = await tracing(
    ['--via', 'strace', '--statements', '--redact', '-p', String(pid)],
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
  assert.doesNotMatch(JSON.stringify(events), /secret/);
});

test('what a statement reads is what it says it read', { skip: noStrace }, async () => {
  const client = await server!.connect();
  const pid = await pidOf(client);
  await client.query("CREATE TABLE big AS SELECT i, repeat('x', 500) FROM generate_series(1, 10000) i");
  await client.query('VACUUM ANALYZE big');
  await client.query('CHECKPOINT');
  const query = 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(*) FROM big';
  let plan: Record<string, unknown> = {};
  const { events } = await tracing(['--via', 'strace', '--statements', '-p', String(pid)], async () => {
    plan = (await client.query(query)).rows[0]['QUERY PLAN'][0].Plan;
    await client.query('SELECT count(*) FROM big');
  });
  await client.end();
  const told = resolved(events, server!.dataDir);
  const begin = told.find((event) => event.type === 'statement' && event.text === query);
  assert.ok(begin?.type === 'statement');
  const calls = ofRelation(reads(told), 'big');
  const caused = calls.filter(({ statement }) => statement === begin.number);
  assert.ok(caused.length > 0 && caused.length < calls.length);
  assert.equal(bytesOf(caused), Number(plan['Shared Read Blocks']) * 8192);
});
