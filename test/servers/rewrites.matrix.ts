/** The files that a rewrite makes, looked at while it runs: held in its middle by a lock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { type PgRelation, qualifiedName } from '../../src/event/pg.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { createAsker } from './churn-asker.js';
import { Truth } from './churn-truth.js';
import { relationFiles, relationsOf } from './relations.js';
import { startServer } from './server.js';
import { WAL_ONLY } from './settings.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();

interface Rewrite {
  sql: string;
  /** What the new files are to become, by the names of what they replace; null for what replaces nothing. */
  becomes: readonly string[] | null;
  /** New names, where they replace nothing. */
  makes?: readonly string[];
}

const TABLE = ['orders', 'pg_toast_$', 'pg_toast_$_index'];

const REWRITES: readonly Rewrite[] = [
  { sql: 'VACUUM FULL orders', becomes: [...TABLE, 'orders_hold'] },
  { sql: 'CLUSTER orders USING orders_pkey', becomes: [...TABLE, 'orders_hold'] },
  { sql: 'ALTER TABLE orders ALTER k TYPE bigint USING hold(k) + id', becomes: TABLE },
  { sql: 'REINDEX TABLE orders', becomes: ['orders_hold'] },
  { sql: 'REINDEX INDEX orders_hold', becomes: ['orders_hold'] },
  { sql: 'REFRESH MATERIALIZED VIEW mv', becomes: ['mv'] },
  { sql: 'CREATE INDEX orders_new ON orders (hold(v), id)', becomes: null, makes: ['orders_new'] },
  { sql: 'CREATE TABLE copied AS SELECT hold(v) FROM orders', becomes: null, makes: ['copied'] },
  { sql: 'CREATE TABLE many (v int) PARTITION BY LIST (v); SELECT hold(1)', becomes: null, makes: [] },
  { sql: 'TRUNCATE orders; SELECT hold(1)', becomes: [...TABLE, 'orders_pkey', 'orders_hold'] },
];

test('what a rewrite makes has the name of what it will be', async () => {
  const server = await startServer({ version, settings: WAL_ONLY });
  try {
    const [client, other] = [await server.connect(), await server.connect()];
    await client.query(`
      CREATE FUNCTION hold(v anyelement) RETURNS anyelement IMMUTABLE LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN v; END $$;
      CREATE TABLE orders (id serial PRIMARY KEY, v text, k int DEFAULT 1);
      INSERT INTO orders (v) SELECT repeat('v', g) FROM generate_series(1, 100) g;
      CREATE INDEX orders_hold ON orders (hold(v));
      CREATE MATERIALIZED VIEW mv AS SELECT hold(id) AS id FROM orders;
      CREATE TABLE flushed (v int)`);
    const cluster = openCluster(directoryFiles(server.dataDir));
    const asker = createAsker(server.dataDir);
    const truth = new Truth(asker);
    let before = await relationsOf(client, 'postgres');
    truth.checkCommitted(before, before);
    let looked = 0;
    for (const { sql, becomes, makes = [] } of REWRITES) {
      const known = new Set([...relationFiles(cluster)].map(({ main }) => main));
      await other.query('SELECT pg_advisory_lock(42)');
      const done = begin(client, sql);
      await untilHeld(other, sql);
      await other.query('INSERT INTO flushed VALUES (1)');
      const oid = [...before.values()].find(({ named }) => named.name === 'orders')!.named.oid;
      const made = new Set(
        [...relationFiles(cluster)].map(({ main }) => main).filter((main) => !known.has(main)),
      );
      const told = [...asker.ask(made).values()];
      for (const pg of told) {
        assert.equal(pg.unresolved, undefined, `${sql}: ${JSON.stringify(pg)}`);
        assert.equal(pg.uncommitted, true, `${sql}: ${JSON.stringify(pg)}`);
        const will = becomes === null ? undefined : qualifiedName(pg.schema!, pg.relation!);
        assert.equal(pg.rewriteOf, will, `${sql}: ${JSON.stringify(pg)}`);
        if (becomes !== null && pg.relation!.startsWith('pg_toast'))
          assert.equal(pg.table, 'public.orders', sql);
      }
      const expected = (becomes ?? makes).map((name) => name.replace('$', String(oid)));
      const names = new Set(told.map(({ relation }) => relation!));
      for (const name of expected) assert.ok(names.has(name), `${sql}: ${name} is none of ${[...names]}`);
      truth.checkCommitted(before, before);
      looked += told.length;
      await other.query('SELECT pg_advisory_unlock(42)');
      await done;
      const after = await relationsOf(client, 'postgres');
      truth.checkCommitted(before, after);
      before = after;
    }
    if (version >= 12) await reindexConcurrently(client, other, asker.ask, server.dataDir);
    console.log(
      `PostgreSQL ${version}: ${looked} files of rewrites under way, ${JSON.stringify(truth.counts)}, none wrong`,
    );
  } finally {
    await server.remove();
  }
});

/** Its catalog rows are committed while it builds. */
async function reindexConcurrently(
  client: Client,
  other: Client,
  ask: (paths: Iterable<string>) => Map<string, PgRelation>,
  dataDir: string,
): Promise<void> {
  await client.query(`INSERT INTO orders (v) VALUES ('one')`);
  const cluster = openCluster(directoryFiles(dataDir));
  const known = new Set([...relationFiles(cluster)].map(({ main }) => main));
  await other.query('SELECT pg_advisory_lock(42)');
  const done = begin(client, 'REINDEX INDEX CONCURRENTLY orders_hold');
  await untilHeld(other, 'REINDEX CONCURRENTLY');
  const made = [...relationFiles(cluster)].map(({ main }) => main).filter((main) => !known.has(main));
  const told = [...ask(made).values()];
  assert.deepEqual(
    told.map(({ relation, rewriteOf, table, unresolved }) => ({ relation, rewriteOf, table, unresolved })),
    [
      {
        relation: 'orders_hold_ccnew',
        rewriteOf: 'public.orders_hold',
        table: 'public.orders',
        unresolved: undefined,
      },
    ],
  );
  await other.query('SELECT pg_advisory_unlock(42)');
  await done;
  const [after] = ask(made).values();
  assert.deepEqual(
    [after!.relation, after!.rewriteOf, after!.dropped],
    ['orders_hold', undefined, undefined],
  );
}

/** A statement whose end is waited for later; that a failed test cuts it short is not what is wrong. */
function begin(client: Client, sql: string): Promise<unknown> {
  const done = client.query(sql);
  done.catch(() => undefined);
  return done;
}

/** @throws where nobody waits for the lock within a time that is long enough. */
async function untilHeld(client: Client, sql: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    const { rows } = await client.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
    if (rows.length > 0) return;
    await sleep(10);
  }
  assert.fail(`${sql} was not held`);
}
