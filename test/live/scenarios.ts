/** What a complete source must show of a real server, whatever its version. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import type { Event, ProcessEvent } from '../../src/event/types.js';
import { type Server, startServer } from '../servers/server.js';
import { blocksOf, bytesOf, ofKind, ofRelation, reads, upTo, writes } from './blocks.js';
import { impossible, resolved, type Trace, tracing, type Via } from './tracing.js';

/** Rows of half a kilobyte, fifteen in a block. */
const ROWS = 6000;

export function liveScenarios(version: number, via: Via): void {
  const skip = impossible(via) ?? false;
  describe(`PostgreSQL ${version} via ${via}`, { skip }, () => {
    let server: Server;
    let client: pg.Client;
    let pid: number;

    /** The backend forgets what it has open and cached: a server that has just started. */
    const startCold = async () => {
      await server.restart();
      client = await server.connect();
      pid = await numberOf(client, 'SELECT pg_backend_pid()');
      await client.query('SET max_parallel_workers_per_gather = 0');
    };

    const trace = async (
      sql: string,
      options: string[] = [],
    ): Promise<Trace & { told: Event[]; rows: unknown[] }> => {
      let rows: unknown[] = [];
      const { events, stderr } = await tracing(['-p', String(pid), '--via', via, ...options], async () => {
        rows = (await client.query(sql)).rows;
      });
      assert.deepEqual(gapsOf(events), [], stderr);
      return { events, stderr, rows, told: resolved(events, server.dataDir) };
    };

    before(async () => {
      server = await startServer({ version, settings: settingsOf(version) });
      const setup = await server.connect();
      await setup.query(
        `CREATE TABLE orders AS SELECT g AS id, repeat('x', 500) AS note FROM generate_series(1, ${ROWS}) g`,
      );
      await setup.query('ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id)');
      await setup.query('VACUUM ANALYZE orders');
      await setup.end();
      await startCold();
    });
    after(() => server?.remove());

    test('a sequential scan reads each block once, in order, and as many as the server says', async () => {
      await startCold();
      const { events, told, rows } = await trace(
        'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT * FROM orders',
      );
      const [
        {
          'QUERY PLAN': [{ Plan: plan }],
        },
      ] = rows as [{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }];
      const found = ofRelation(reads(told), 'orders');
      const total = await numberOf(client, "SELECT pg_relation_size('orders') / 8192");
      assert.deepEqual(blocksOf(found), upTo(total));
      assert.equal(bytesOf(found), plan['Shared Read Blocks']! * 8192);
      assertBegins(events, {
        pid,
        role: 'client backend',
        user: 'postgres',
        database: 'postgres',
        client: '[local]',
      });
    });

    test('bytes read are those of pg_stat_io', {
      skip: version < 16 && 'pg_stat_io came with 16',
    }, async () => {
      await startCold();
      const other = await server.connect();
      const counted = async () => {
        const bytes = version < 18 ? 'reads * op_bytes' : 'read_bytes';
        const sql = `SELECT sum(${bytes})::int AS read FROM pg_stat_io WHERE backend_type = 'client backend' AND object = 'relation'`;
        await client.query('SELECT pg_stat_force_next_flush()');
        await client.query('SELECT 1');
        return (await other.query(sql)).rows[0].read as number;
      };
      // What the asking itself reads is in shared buffers then.
      await counted();
      const before = await counted();
      const { told } = await trace(
        'CREATE TABLE copied AS SELECT * FROM orders; SELECT count(*) FROM orders WHERE id = 7',
      );
      const after = await counted();
      assert.equal(bytesOf(ofKind(reads(told), 'relation')), after - before);
      assert.ok(after - before > 100 * 8192, 'nothing to compare was read');
      await client.query('DROP TABLE copied');
    });

    test('an index scan reads the index and the block of the row', async () => {
      await startCold();
      const { told } = await trace('SET enable_seqscan = off; SELECT note FROM orders WHERE id = 4000');
      assert.ok(ofRelation(reads(told), 'orders_pkey').length >= 2);
      const block = await numberOf(
        client,
        "SELECT split_part(trim(ctid::text, '()'), ',', 1)::int FROM orders WHERE id = 4000",
      );
      assert.deepEqual(blocksOf(ofRelation(reads(told), 'orders')), [block]);
    });

    test('a sort writes temporary files of its own', async () => {
      const { told } = await trace(
        "SET work_mem = '64kB'; SELECT id FROM orders ORDER BY note, id DESC OFFSET 5999",
      );
      const temp = ofKind(writes(told), 'temp');
      assert.ok(temp.length > 0);
      for (const { pg } of temp) assert.equal(pg?.kind === 'temp' && pg.creator, pid);
    });

    test('an INSERT extends its table and writes WAL', async () => {
      await client.query('CREATE TABLE grown (id int, note text)');
      await client.query('CHECKPOINT');
      const { told } = await trace(
        "INSERT INTO grown SELECT g, repeat('y', 500) FROM generate_series(1, 3000) g",
      );
      const size = await numberOf(client, "SELECT pg_relation_size('grown') / 8192");
      const extended = [...new Set(blocksOf(ofRelation(writes(told), 'grown')))];
      // 16 and later extend by fallocate(2) or pwritev(2) of several blocks.
      if (version < 16)
        assert.deepEqual(
          extended.sort((a, b) => a - b),
          upTo(size),
        );
      assert.ok(ofKind(writes(told), 'wal').length > 0);
    });

    test('VACUUM reads each block of the table', async (t) => {
      await client.query('DELETE FROM orders WHERE id % 3 = 0');
      await startCold();
      const { told, stderr } = await trace('VACUUM orders');
      const total = await numberOf(client, "SELECT pg_relation_size('orders') / 8192");
      const found = [...new Set(blocksOf(ofRelation(reads(told), 'orders')))].sort((a, b) => a - b);
      // VACUUM closes its table at once: ftrace may come too late to prove which it was, and says so.
      if (via === 'ftrace' && found.length === 0 && /closed before their path/.test(stderr)) t.skip(stderr);
      else assert.deepEqual(found, upTo(total));
    });

    test('a whole cluster is traced, a connection that is made meanwhile too', async () => {
      await startCold();
      let later = 0;
      const { events } = await tracing(['-D', server.dataDir, '--via', via], async () => {
        const other = await server.connect();
        later = await numberOf(other, 'SELECT pg_backend_pid()');
        // Until a tracer that has to be started for it is there.
        await other.query('SELECT pg_sleep(1)');
        await other.query('SET max_parallel_workers_per_gather = 0');
        await other.query('SELECT sum(length(note)) FROM orders');
        await other.end();
      });
      const roles = new Set(rolesOf(events));
      for (const role of ['postmaster', 'checkpointer', 'background writer', 'walwriter', 'client backend']) {
        assert.ok(roles.has(role), role);
      }
      const found = reads(resolved(events, server.dataDir)).filter((call) => call.pid === later);
      const total = await numberOf(client, "SELECT pg_relation_size('orders') / 8192");
      assert.deepEqual(blocksOf(ofRelation(found, 'orders')), upTo(total));
    });

    test('a parallel scan is seen from its workers’ first reads on', {
      skip: via === 'ftrace' ? false : `${via} joins a worker after its first reads`,
    }, async () => {
      await startCold();
      await client.query(
        'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; ' +
          'SET min_parallel_table_scan_size = 0',
      );
      const { events, stderr } = await trace(
        'SELECT count(*) FROM orders WHERE length(repeat(md5(note), 100)) > 0',
      );
      const found = ofRelation(reads(resolved(events, server.dataDir)), 'orders');
      assert.ok(new Set(found.map((call) => call.pid)).size > 1, `no worker read: ${stderr}`);
      const total = await numberOf(client, "SELECT pg_relation_size('orders') / 8192");
      assert.deepEqual(
        blocksOf(found).sort((a, b) => a - b),
        upTo(total),
      );
      const lost = events.filter(({ type }) => type === 'lost');
      assert.deepEqual(lost, []);
    });

    test('parallel workers are joined, with their leader', async () => {
      await startCold();
      await client.query(
        'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; ' +
          'SET min_parallel_table_scan_size = 0',
      );
      // Long enough for a worker to be seen and joined.
      const sql =
        'SELECT count(*), sum(length(o.note || p.note)) FROM orders o JOIN orders p ON o.id % 100 = p.id % 100';
      const { events } = await trace(sql);
      const workers = events.filter(
        (event): event is ProcessEvent => event.type === 'process' && event.role === 'parallel worker',
      );
      assert.ok(workers.length > 0, 'no worker was seen');
      for (const worker of workers) assert.equal(worker.leader, pid);
    });
  });
}

/** PostgreSQL 18 lets I/O workers read for a backend. */
export function workerScenario(via: Via): void {
  test(`I/O workers are joined via ${via}`, { skip: impossible(via) ?? false }, async () => {
    const server = await startServer({ version: 18, settings: { autovacuum: 'off', io_method: 'worker' } });
    try {
      const client = await server.connect();
      await client.query(
        `CREATE TABLE orders AS SELECT repeat('x', 500) AS note FROM generate_series(1, ${ROWS}) g`,
      );
      await client.query('VACUUM orders');
      await server.restart();
      const cold = await server.connect();
      const pid = await numberOf(cold, 'SELECT pg_backend_pid()');
      const { events } = await tracing(['-p', String(pid), '--via', via, '--no-workers'], async () => {});
      assert.deepEqual(rolesOf(events), ['client backend']);
      const traced = await tracing(['-p', String(pid), '--via', via], async () => {
        await cold.query('SELECT count(*) FROM orders');
      });
      assert.ok(rolesOf(traced.events).includes('io worker'));
      const found = ofRelation(reads(resolved(traced.events, server.dataDir)), 'orders');
      const total = await numberOf(cold, "SELECT pg_relation_size('orders') / 8192");
      assert.deepEqual(
        blocksOf(found).sort((a, b) => a - b),
        upTo(total),
      );
      assert.ok(
        found.some((call) => call.pid !== pid),
        "every read was the backend's own",
      );
    } finally {
      await server.remove();
    }
  });
}

/** What a complete source may not show: a worker's first moments are the only gap that it may have. */
function gapsOf(events: readonly Event[]): Event[] {
  return events.filter(
    (event) => event.type === 'unparsed' || (event.type === 'lost' && !/it was joined/.test(event.reason)),
  );
}

function rolesOf(events: readonly Event[]): string[] {
  return events.flatMap((event) => (event.type === 'process' ? [event.role ?? 'unknown'] : []));
}

/** io_method=sync gives the backend its own reads back. */
function settingsOf(version: number): Record<string, string | number> {
  const settings: Record<string, string | number> = { autovacuum: 'off', max_parallel_workers: 4 };
  return version >= 18 ? { ...settings, io_method: 'sync', io_combine_limit: 1 } : settings;
}

function assertBegins(events: readonly Event[], process: Partial<ProcessEvent>): void {
  assert.equal(events[0]?.type, 'trace');
  assert.equal(events[1]?.type, 'process');
  for (const [key, value] of Object.entries(process)) {
    assert.equal((events[1] as unknown as Record<string, unknown>)[key], value, key);
  }
  assert.equal(events[2]?.type, 'fd');
}

async function numberOf(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  return Number(rows[0]?.[0]);
}
