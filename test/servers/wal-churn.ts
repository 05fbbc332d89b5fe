/** What the WAL tests let a server do: every kind of change that reaches a catalog's pages. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerOptions } from './cluster.js';
import type { Server } from './server.js';
import { WAL_ONLY } from './settings.js';
import { versionUnderTest } from './versions.js';

export interface Variant {
  name: string;
  settings: Readonly<Record<string, string | number | boolean>>;
  initdbArgs?: readonly string[];
  /** Of Debian's server, which has compressions that the package's has not. */
  debian?: true;
}

/** Nothing but the test decides when pages are written, and no segment is recycled. */
const QUIET = {
  ...WAL_ONLY,
  max_prepared_transactions: 2,
  ...(versionUnderTest() < 13 ? { wal_keep_segments: 64 } : { wal_keep_size: '1GB' }),
};

/** `lz4` and `zstd` are in 15 and later only. */
export const DEBIAN = { version: 15, binDir: '/usr/lib/postgresql/15/bin' };

const ALL_VARIANTS: readonly Variant[] = [
  { name: 'as it comes', settings: QUIET },
  {
    name: 'pglz, checksums, logical',
    settings: { ...QUIET, wal_compression: 'on', wal_level: 'logical' },
    initdbArgs: ['--data-checksums'],
  },
  {
    name: 'no full pages, wal_level minimal',
    settings: { ...QUIET, full_page_writes: false, wal_level: 'minimal', max_wal_senders: 0 },
  },
  { name: 'lz4', settings: { ...QUIET, wal_compression: 'lz4' }, debian: true },
  { name: 'zstd', settings: { ...QUIET, wal_compression: 'zstd' }, debian: true },
];

/** Those that the version under test can have at all. */
export const VARIANTS = ALL_VARIANTS.filter(
  ({ debian }) => debian === undefined || versionUnderTest() === DEBIAN.version,
);

/** What startServer() takes for a variant, or why this run cannot have it. */
export function serverOptions(variant: Variant): ServerOptions | string {
  const version = versionUnderTest();
  const { settings, initdbArgs = [] } = variant;
  if (variant.debian === undefined) return { version, settings, initdbArgs };
  if (!existsSync(join(DEBIAN.binDir, 'postgres'))) return `no ${DEBIAN.binDir}/postgres`;
  return { version, settings, initdbArgs, binDir: DEBIAN.binDir };
}

/** Long before the test's checkpoint, so that there are old rows, dead rows and free space to reuse. */
export async function settle(server: Server): Promise<void> {
  const client = await server.connect();
  await each(client, 'CREATE DATABASE other', 'CREATE DATABASE elsewhere');
  await client.query(`
    CREATE SCHEMA s; CREATE TABLE s.kept (id int PRIMARY KEY, v text);
    INSERT INTO s.kept SELECT i, repeat('x', i) FROM generate_series(1, 300) i;
    CREATE TABLE s.locked (id int PRIMARY KEY, v text); INSERT INTO s.locked SELECT * FROM s.kept;
    CREATE TABLE parent (id int, at date) PARTITION BY RANGE (at)`);
  await many(client, 60, (i) => `CREATE TABLE old_${i} (id int PRIMARY KEY, v text)`);
  await many(client, 30, (i) => `DROP TABLE old_${i}`);
  await each(client, 'VACUUM', 'CHECKPOINT');
  await client.end();
}

/** The churn itself; `directory` is an empty one for a tablespace. */
export async function churn(server: Server, directory: string): Promise<void> {
  const client = await server.connect();
  const second = await server.connect();
  await many(client, 80, (i) => `CREATE TABLE t_${i} (id serial PRIMARY KEY, a text, b int DEFAULT ${i})`);
  await many(client, 40, (i) => `ALTER TABLE t_${i} RENAME TO u_${i}`);
  await many(client, 20, (i) => `ALTER TABLE u_${i} SET SCHEMA s`);
  await many(client, 10, (i) => `ALTER TABLE s.u_${i} ADD COLUMN c_${i} numeric, ALTER COLUMN b TYPE bigint`);
  await many(client, 10, (i) => `COMMENT ON TABLE s.u_${i} IS 'number ${i} ${'long '.repeat(i)}'`);
  await many(
    client,
    12,
    (i) =>
      `CREATE TABLE p_${i} PARTITION OF parent FOR VALUES FROM ('20${i + 10}-01-01') TO ('20${i + 10}-12-31')`,
  );
  await many(
    client,
    5,
    (i) => `TRUNCATE s.u_${i}; INSERT INTO s.u_${i} (a) SELECT 'x' FROM generate_series(1, 50)`,
  );

  await client.query(`BEGIN; CREATE TABLE gone (v int); SAVEPOINT a; CREATE TABLE gone_too (v int);
    ROLLBACK TO a; CREATE TABLE gone_as_well (v text); ROLLBACK`);
  await client.query(`BEGIN; CREATE TABLE outer_1 (v int); SAVEPOINT a; CREATE TABLE inner_1 (v int); SAVEPOINT b;
    CREATE TABLE inner_2 (v int); RELEASE b; SAVEPOINT c; CREATE TABLE undone (v int); ROLLBACK TO c; COMMIT`);
  await client.query(`DO $$ BEGIN FOR i IN 1..70 LOOP BEGIN
    EXECUTE format('CREATE TABLE sub_%s (v int)', i); IF i % 3 = 0 THEN RAISE division_by_zero; END IF;
    EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$`);
  await client.query(`BEGIN; CREATE TABLE prepared (v int); SAVEPOINT a; CREATE TABLE prepared_in (v int);
    PREPARE TRANSACTION 'kept'`);
  await client.query(`BEGIN; CREATE TABLE unprepared (v int); SAVEPOINT a; CREATE TABLE unprepared_in (v int);
    PREPARE TRANSACTION 'given up'`);
  await each(client, `COMMIT PREPARED 'kept'`, `ROLLBACK PREPARED 'given up'`);

  // Several lockers of a row make a multixact; an updater among them, too.
  await client.query(`BEGIN; SELECT 1 FROM s.locked WHERE id < 50 FOR KEY SHARE`);
  await second.query(`BEGIN; SELECT 1 FROM s.locked WHERE id < 50 FOR SHARE`);
  await client.query(`COMMIT`);
  await client.query(`BEGIN; SELECT 1 FROM s.locked WHERE id > 100 AND id < 120 FOR KEY SHARE`);
  await second.query(`COMMIT; BEGIN; UPDATE s.locked SET v = 'y' WHERE id > 100 AND id < 120; SAVEPOINT z;
    SELECT 1 FROM s.locked WHERE id > 200 FOR UPDATE; ROLLBACK TO z; COMMIT`);
  // A lock on a row that another transaction has updated is a lock on the newer version, too.
  await client.query(`COMMIT`);
  await second.query(`BEGIN; UPDATE s.locked SET v = 'z' WHERE id > 100 AND id < 120`);
  await client.query(`BEGIN; SELECT 1 FROM s.locked WHERE id > 100 AND id < 120 FOR KEY SHARE`);
  await second.query(`COMMIT`);
  await client.query(
    `COMMIT; BEGIN; SELECT 1 FROM pg_class WHERE oid = 's.kept'::regclass FOR UPDATE; COMMIT`,
  );
  await client.query(
    `INSERT INTO s.locked VALUES (1, 'again'), (1000, 'new') ON CONFLICT (id) DO UPDATE SET v = 'upserted'`,
  );
  await client.query(`COPY s.locked (id) FROM PROGRAM 'seq 2000 2300'`);
  await many(client, 40, (i) => `UPDATE s.kept SET v = v || 'tail' WHERE id = ${i}`);
  await many(client, 40, (i) => `UPDATE s.kept SET v = repeat('wide', ${20 * i}) WHERE id = ${100 + i}`);
  await client.query(`DELETE FROM s.kept WHERE id % 3 = 0`);
  await client.query(`UPDATE pg_class SET reltuples = reltuples + 1`);
  await each(client, 'ANALYZE', 'VACUUM');

  await each(client, 'VACUUM FULL s.kept', 'CLUSTER s.kept USING kept_pkey', 'REINDEX TABLE s.kept');
  await client.query(`VACUUM FULL pg_class`);
  await client.query(`VACUUM FULL pg_namespace`);
  await client.query(`VACUUM FULL pg_database`);
  await many(client, 10, (i) => `CREATE TABLE after_${i} AS SELECT g FROM generate_series(1, 10) g`);
  await each(client, 'CREATE MATERIALIZED VIEW mv AS SELECT * FROM s.kept', 'REFRESH MATERIALIZED VIEW mv');
  await client.query(`CREATE INDEX CONCURRENTLY extra ON s.kept (md5(v))`);
  await client.query(`CREATE TABLESPACE ts LOCATION '${directory}'`);
  await each(client, 'ALTER TABLE s.kept SET TABLESPACE ts', 'CREATE DATABASE in_ts TABLESPACE ts');
  await each(client, 'CREATE DATABASE copied TEMPLATE other', 'CREATE DATABASE brief', 'DROP DATABASE brief');
  if (server.version >= 15) await client.query(`CREATE DATABASE by_file STRATEGY file_copy`);

  const other = await server.connect('elsewhere');
  await many(other, 30, (i) => `CREATE TABLE in_other_${i} (v text)`);
  await many(other, 15, (i) => `DROP TABLE in_other_${i}`);
  await each(other, 'VACUUM', 'VACUUM FREEZE');
  await other.end();
  await many(client, 30, (i) => `DROP TABLE t_${i + 45}`);
  await each(client, 'VACUUM pg_attribute', 'VACUUM FREEZE pg_class', 'VACUUM FREEZE');
  await each(client, 'DELETE FROM s.kept WHERE id > 50', 'VACUUM s.kept');
  // Pruned rows at a page's end leave unused line pointers there, which some versions give up.
  await client.query(`CREATE TABLE s.pruned (v text); INSERT INTO s.pruned VALUES ('a'), ('b'), ('c')`);
  await client.query(`BEGIN; UPDATE s.pruned SET v = 'd'; UPDATE s.pruned SET v = 'e'; ROLLBACK`);
  await client.query(`VACUUM s.pruned`);
  await many(client, 20, (i) => `CREATE TABLE reuse_${i} (a int, b int, c text)`);
  await client.query(`BEGIN; CREATE TABLE last_one (v int)`);
  await second.query(
    `CREATE TABLE seen (v int); COMMENT ON TABLE seen IS 'last of all'; SELECT pg_sleep(0.3)`,
  );
  await client.query(`ROLLBACK`);
  await client.end();
  await second.end();
}

type Client = Awaited<ReturnType<Server['connect']>>;

async function each(client: Client, ...statements: string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

/** One transaction a statement, as sessions do it. */
async function many(client: Client, count: number, statement: (index: number) => string): Promise<void> {
  for (let index = 0; index < count; index += 1) await client.query(statement(index));
}
