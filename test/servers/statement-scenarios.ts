/** What --statements must show of a real server by every source that sees them. */
import assert from 'node:assert/strict';
import type pg from 'pg';
import type { StatementEvent, SyscallEvent } from '../../src/event/types.js';
import { bytesOf, ofRelation, reads } from '../live/blocks.js';
import { resolved, tracing } from '../live/tracing.js';
import type { ServerOptions } from './cluster.js';
import { type Server, startServer } from './server.js';
import { LOGGING } from './statement-log.js';

/** A server that logs every statement, and in which who executes one reads all of it itself. */
export function startLogging(version: number, settings: ServerOptions['settings'] = {}): Promise<Server> {
  return startServer({
    version,
    settings: {
      ...LOGGING,
      autovacuum: false,
      max_parallel_workers_per_gather: 0,
      shared_buffers: '2MB',
      ...(version >= 18 ? { io_method: 'sync' } : {}),
      ...settings,
    },
  });
}

export async function pidOf(client: pg.Client): Promise<number> {
  return (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
}

/** A driver's: simple, with parameters, prepared; ten in all. */
export async function queryAsDriver(client: pg.Client): Promise<void> {
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
}

/** States between statements, and after a failed one; redacted texts, and nothing of the data beside. */
export async function assertStates(server: Server, via: 'ftrace' | 'strace'): Promise<void> {
  const client = await server.connect();
  const pid = await pidOf(client);
  const { events } = await tracing(
    ['--via', via, '--statements', '--redact', '-p', String(pid)],
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
}

/**
 * Traces with `args` a statement that reads a table and says how much it read, which must be what it is said to have
 * caused; and after it `more`.
 * @returns all reads of the table, and those that the statement caused.
 */
export async function readByStatement(
  server: Server,
  client: pg.Client,
  args: readonly string[],
  more: () => Promise<unknown> = async () => {},
): Promise<{ calls: SyscallEvent[]; caused: SyscallEvent[] }> {
  await client.query("CREATE TABLE big AS SELECT i, repeat('x', 500) FROM generate_series(1, 40000) i");
  await client.query('VACUUM ANALYZE big');
  await client.query('CHECKPOINT');
  const query = 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(*) FROM big';
  let plan: Record<string, unknown> = {};
  const { events } = await tracing([...args, '--statements'], async () => {
    plan = (await client.query(query)).rows[0]['QUERY PLAN'][0].Plan;
    await more();
  });
  const told = resolved(events, server.dataDir);
  const begin = told.find((event) => event.type === 'statement' && event.text === query);
  assert.ok(begin?.type === 'statement');
  const calls = ofRelation(reads(told), 'big');
  const caused = calls.filter(({ statement }) => statement === begin.number);
  assert.equal(bytesOf(caused), Number(plan['Shared Read Blocks']) * 8192);
  return { calls, caused };
}
