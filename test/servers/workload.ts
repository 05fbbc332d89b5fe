/** Fills a cluster with what makes names hard: awkward names, every kind of relation, rewrites, open transactions. */
import type { Client } from 'pg';
import type { Server } from './server.js';

export interface Filled {
  /** Sessions that hold transactions and temporary tables open. */
  sessions: Client[];
  /** Names of relations that only an open transaction knows, by path. */
  uncommitted: Map<string, string>;
  /** Files of relations that were rolled back. */
  rolledBack: { tablespace: number; database: number; filenode: number }[];
}

export const AWKWARD_NAMES = [
  'plain',
  'CamelCase',
  'with space',
  'dot.ted',
  'quo"te',
  "apo'strophe",
  'back\\slash',
  'new\nline',
  'esc\x1b[31mred',
  'tab\tand\rreturn',
  '表 ÄÖÜ é',
  '🐘',
  'select',
  '$1',
  'x'.repeat(63),
  'ü'.repeat(31),
];

export async function fillCluster(server: Server): Promise<Filled> {
  const admin = await server.connect();
  const fast = server.makeDirectory('fast space').replaceAll("'", "''");
  await admin.query(`CREATE TABLESPACE "fast ""ts""" LOCATION '${fast}'`);
  await admin.query(`CREATE DATABASE "odd ""db"" 表" TEMPLATE template0`);
  await admin.query('CREATE DATABASE elsewhere TABLESPACE "fast ""ts"""');
  await admin.query(`CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`);
  if (server.version >= 15) {
    await admin.query('SET allow_in_place_tablespaces = on');
    await admin.query(`CREATE TABLESPACE inplace LOCATION ''`);
    await admin.query('CREATE TABLE in_place (v text) TABLESPACE inplace');
  }
  await admin.query('CREATE ROLE reader');

  const sessions: Client[] = [];
  const filled: Filled = { sessions, uncommitted: new Map(), rolledBack: [] };
  for (const database of ['postgres', 'odd "db" 表', 'elsewhere']) {
    const client = await server.connect(database);
    await makeRelations(client, server.version);
    await rewriteRelations(client);
    await lockRows(server, client, database);
    filled.rolledBack.push(...(await rollBack(client)));
    await client.query('VACUUM');
    await client.query('CREATE TEMP TABLE temporary (id int PRIMARY KEY, v text)');
    sessions.push(client);
    const open = await server.connect(database);
    await open.query('BEGIN; CREATE TABLE first_name (v text); ALTER TABLE first_name RENAME TO open_table');
    await open.query('SAVEPOINT s; CREATE INDEX open_index ON open_table (v); RELEASE s');
    for (const name of ['open_table', 'open_index']) {
      filled.uncommitted.set(await filePath(open, name), name);
    }
    const { rows } = await open.query(`
      SELECT c.relname AS name, pg_relation_filepath(c.oid) AS path FROM pg_class o
        JOIN pg_class t ON t.oid = o.reltoastrelid JOIN pg_index i ON i.indrelid = t.oid
        JOIN pg_class c ON c.oid IN (t.oid, i.indexrelid) WHERE o.relname = 'open_table'`);
    for (const { path, name } of rows) filled.uncommitted.set(path, name);
    sessions.push(open);
  }
  const latin = await server.connect('latin');
  await latin.query('CREATE TABLE "é ü ß" (v text)');
  await latin.end();
  await admin.end();
  return filled;
}

async function makeRelations(client: Client, version: number): Promise<void> {
  for (const name of AWKWARD_NAMES) {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    await client.query(`CREATE SCHEMA ${quoted}`);
    await client.query(`CREATE TABLE ${quoted}.${quoted} (id serial PRIMARY KEY, v text)`);
    await client.query(`INSERT INTO ${quoted}.${quoted} (v) VALUES ('one'), ('two')`);
  }
  await client.query(`
    CREATE TABLE parent (k int, v text) PARTITION BY RANGE (k);
    CREATE TABLE child1 PARTITION OF parent FOR VALUES FROM (0) TO (10);
    CREATE TABLE child2 PARTITION OF parent FOR VALUES FROM (10) TO (20) TABLESPACE "fast ""ts""";
    CREATE TABLE base (v int);
    CREATE TABLE second_base (w int);
    CREATE TABLE heir () INHERITS (base, second_base);
    CREATE SEQUENCE owned OWNED BY base.v; CREATE TABLE identity (id int GENERATED ALWAYS AS IDENTITY)`);
  if (version >= 11) await client.query('CREATE INDEX ON parent (v)');
  await client.query('CREATE INDEX ON child1 (k); CREATE INDEX ON child2 (v) TABLESPACE "fast ""ts"""');
  await client.query('CREATE UNLOGGED TABLE unlogged (id serial PRIMARY KEY, v text)');
  await client.query(`INSERT INTO unlogged (v) SELECT 'v' || g FROM generate_series(1, 500) g`);
  await client.query('CREATE MATERIALIZED VIEW mv AS SELECT v, count(*) FROM unlogged GROUP BY v');
  await client.query('CREATE INDEX mv_index ON mv (v); CREATE VIEW a_view AS SELECT * FROM mv');
  await client.query('CREATE SEQUENCE a_sequence; CREATE TYPE composite AS (a int, b text)');
  await client.query('CREATE TABLE moved (v text); ALTER TABLE moved SET TABLESPACE "fast ""ts"""');
  await client.query(
    `CREATE TABLE many AS SELECT g AS id, repeat('x', 100) AS v FROM generate_series(1, 3000) g`,
  );
  await client.query('VACUUM many');
  await client.query(
    `DO $$ BEGIN FOR n IN 1..300 LOOP EXECUTE 'CREATE TABLE numbered_' || n || ' (v int)'; END LOOP; END $$`,
  );
}

/** Statements that give a relation another file, some in subtransactions, some dropped or undone. */
async function rewriteRelations(client: Client): Promise<void> {
  await client.query('TRUNCATE plain.plain');
  await client.query('VACUUM FULL "with space"."with space"');
  await client.query('CLUSTER "CamelCase"."CamelCase" USING "CamelCase_pkey"');
  await client.query('REINDEX TABLE many; REFRESH MATERIALIZED VIEW mv');
  await client.query('ALTER TABLE "dot.ted"."dot.ted" ALTER COLUMN id TYPE bigint');
  await client.query('ALTER TABLE "select"."select" SET SCHEMA public');
  await client.query('ALTER TABLE public."select" RENAME TO renamed');
  for (const catalog of ['pg_class', 'pg_index', 'pg_namespace', 'pg_type']) {
    await client.query(`VACUUM FULL ${catalog}`);
  }
  await client.query('REINDEX TABLE pg_class');
  await client.query('VACUUM FULL pg_database');
  await client.query('DROP TABLE numbered_1, numbered_2; DROP SCHEMA "$1" CASCADE');
  await client.query(`BEGIN; SAVEPOINT a; CREATE TABLE kept_in_savepoint (v text); SAVEPOINT b;
    TRUNCATE kept_in_savepoint; ROLLBACK TO b; RELEASE a; COMMIT`);
  await client.query('BEGIN; TRUNCATE numbered_3; ROLLBACK');
  await client.query('BEGIN; DROP TABLE numbered_4; ALTER TABLE numbered_5 RENAME TO not_this; ROLLBACK');
}

/** Row locks on pg_class by two sessions at once: xmax becomes a multixact, once with an updater and once without. */
async function lockRows(server: Server, client: Client, database: string): Promise<void> {
  const others = await Promise.all([server.connect(database), server.connect(database)]);
  for (const other of others) {
    await other.query('BEGIN');
    await other.query(`SELECT 1 FROM pg_class WHERE relname IN ('numbered_6', 'numbered_7') FOR KEY SHARE`);
  }
  await client.query('GRANT SELECT ON numbered_6 TO reader');
  for (const other of others) await other.query('COMMIT');
  await Promise.all(others.map((other) => other.end()));
}

async function rollBack(client: Client): Promise<Filled['rolledBack']> {
  await client.query('BEGIN; CREATE TABLE rolled_back (id int PRIMARY KEY, v text)');
  const { rows } = await client.query(`
    SELECT pg_relation_filenode(c.oid)::int8::int4 AS filenode, d.oid::int8::int4 AS database,
           d.dattablespace::int8::int4 AS tablespace
      FROM pg_class c, pg_database d
     WHERE relname LIKE 'rolled_back%' AND datname = current_database()`);
  await client.query('ROLLBACK');
  return rows;
}

async function filePath(client: Client, relation: string): Promise<string> {
  const { rows } = await client.query('SELECT pg_relation_filepath($1::regclass) AS path', [relation]);
  return rows[0].path;
}
