/** What the recorded servers do: the shop's schema, made before the trace begins, and the traced work on it. */
import type pg from 'pg';
import type { Server } from '../server.js';

/**
 * Makes the database `shop`. Beside the tables that the work uses, it leaves in the catalogs what a reader of
 * their files must not fall for: catalogs that moved, rows that are dead, aborted, or of a subtransaction.
 */
export async function makeShop(server: Server): Promise<void> {
  const space = server.makeDirectory('space');
  await sql(server, 'postgres', [
    `CREATE TABLESPACE "fast disk" LOCATION '${space}'`,
    'CREATE DATABASE shop',
    'VACUUM FULL pg_tablespace',
  ]);
  await sql(server, 'shop', [...tables(server.version), 'VACUUM (ANALYZE)', ...catalogHistory]);
  await truncateLocked(server);
  await sql(server, 'shop', ['CHECKPOINT']);
}

/**
 * A pg_class row that is replaced while another session has it locked: the old version, with the old filenode,
 * is dead by a multixact's member only.
 */
async function truncateLocked(server: Server): Promise<void> {
  const locker = await server.connect('shop');
  await runAll(locker, ['BEGIN', `SELECT 1 FROM pg_class WHERE relname = 'ledger' FOR KEY SHARE`]);
  await sql(server, 'shop', ['TRUNCATE ledger']);
  await locker.query('COMMIT');
  await locker.end();
}

function tables(version: number): string[] {
  return [
    'CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL, placed date NOT NULL, note text)',
    `INSERT INTO orders SELECT i, i % 97, date '2024-01-01' + i % 366, repeat('n', 40) FROM generate_series(1, 1200) i`,
    'CREATE INDEX orders_customer_idx ON orders (customer)',
    'CREATE TABLE documents (id int PRIMARY KEY, body text)',
    'ALTER TABLE documents ALTER body SET STORAGE EXTERNAL',
    `INSERT INTO documents SELECT i, repeat('d', 5000) FROM generate_series(1, 3) i`,
    'CREATE SCHEMA "Sales 2024"',
    `CREATE TABLE "Sales 2024"."Line ""Items""" (order_id int, item text) TABLESPACE "fast disk"`,
    `INSERT INTO "Sales 2024"."Line ""Items""" SELECT i, 'item' FROM generate_series(1, 300) i`,
    'CREATE TABLE "Sales 2024".größe (länge int)',
    'INSERT INTO "Sales 2024".größe VALUES (1)',
    'CREATE TABLE readings (at date, value float8) PARTITION BY RANGE (at)',
    `CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
    `CREATE TABLE readings_2025 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
       TABLESPACE "fast disk"`,
    version < 11 ? 'CREATE INDEX ON readings_2024 (at)' : 'CREATE INDEX ON readings (at)',
    `INSERT INTO readings SELECT date '2024-01-01' + i, i FROM generate_series(0, 700) i`,
    'CREATE UNLOGGED TABLE carts (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, basket text)',
    `INSERT INTO carts (basket) VALUES ('apples')`,
    'CREATE MATERIALIZED VIEW best_customers AS SELECT customer, count(*) FROM orders GROUP BY customer',
    'CREATE TABLE ledger (v int)',
    'CREATE VIEW all_orders AS SELECT * FROM orders',
  ];
}

const catalogHistory: readonly string[] = [
  // Moved: the file of pg_class is found through pg_filenode.map, that of pg_index through pg_class.
  'VACUUM FULL pg_class',
  'VACUUM FULL pg_index',
  // Updated rows, the older versions of which still stand on the page.
  'CREATE TABLE draft (v int)',
  'ALTER TABLE draft RENAME TO final',
  'TRUNCATE final',
  'CREATE TABLE short_lived (v int)',
  'DROP TABLE short_lived',
  // Aborted as a whole, and in part.
  'BEGIN',
  'CREATE TABLE never_was (v int)',
  'ROLLBACK',
  `BEGIN`,
  'SAVEPOINT one',
  'CREATE TABLE from_savepoint (v int)',
  'RELEASE one',
  'SAVEPOINT two',
  'CREATE TABLE rolled_back (v int)',
  'ROLLBACK TO two',
  'COMMIT',
];

/** The traced work, about a thousand calls, on a server whose buffers are empty. Its last session stays open. */
export async function work(server: Server): Promise<pg.Client> {
  const client = await server.connect('shop');
  await runAll(client, [
    'SELECT sum(length(note)) FROM orders',
    'SET enable_seqscan = off',
    'SELECT note FROM orders WHERE id = 42',
    'SET enable_seqscan = on',
    `INSERT INTO orders SELECT i, i % 97, date '2025-01-01', 'new' FROM generate_series(1201, 1260) i`,
    'UPDATE orders SET note = upper(note) WHERE id <= 60',
    `INSERT INTO documents VALUES (4, repeat('e', 6000))`,
    'SELECT sum(length(body)) FROM documents',
    'SELECT count(*) FROM "Sales 2024"."Line ""Items"""',
    'SELECT count(*), sum(value) FROM readings',
    'CREATE INDEX orders_placed_idx ON orders (placed)',
    `SET work_mem = '64kB'`,
    'SELECT max(s) FROM (SELECT md5(id::text) AS s, note FROM orders ORDER BY 1 OFFSET 0) sorted',
    'DELETE FROM orders WHERE id <= 30',
    'VACUUM orders',
    'CREATE TEMPORARY TABLE picked AS SELECT id, note FROM orders WHERE id < 200',
    'CREATE TABLE scratch AS SELECT 1 AS v',
    'DROP TABLE scratch',
    `INSERT INTO carts (basket) VALUES ('pears')`,
    'CHECKPOINT',
  ]);
  return client;
}

/** A short piece of work, about two hundred calls, for the traces that show how strace's options print. */
export async function workBriefly(server: Server): Promise<void> {
  const client = await server.connect('shop');
  await runAll(client, [
    'SELECT count(*) FROM "Sales 2024"."Line ""Items"""',
    `INSERT INTO "Sales 2024"."Line ""Items""" VALUES (0, 'added')`,
    'CHECKPOINT',
  ]);
  await client.end();
}

async function sql(server: Server, database: string, statements: readonly string[]): Promise<void> {
  const client = await server.connect(database);
  await runAll(client, statements);
  await client.end();
}

async function runAll(client: pg.Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}
