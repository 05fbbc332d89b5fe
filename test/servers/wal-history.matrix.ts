/** Names where the WAL is no plain history: after a crash, on a standby, and after its promotion to a new timeline. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Catalog, openCatalog } from '../../src/resolve/catalog.js';
import { type Cluster, openCluster } from '../../src/resolve/cluster.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { type CatalogOverlay, createOverlay } from '../../src/resolve/overlay.js';
import { type Expected, expectedRelations, relationFiles } from './relations.js';
import { type Server, startServer } from './server.js';
import { WAL_ONLY } from './settings.js';
import { becomeStandby, caughtUp, follows, until } from './standby.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const QUIET = {
  ...WAL_ONLY,
  ...(version < 13 ? { wal_keep_segments: 32 } : { wal_keep_size: '512MB' }),
};

interface Opened {
  cluster: Cluster;
  catalog: Catalog;
  overlay: CatalogOverlay;
}

test('after a crash: what had committed is named, what had not is not', async () => {
  const server = await startServer({ version, settings: QUIET });
  try {
    const before = open(server);
    await work(server, 'early');
    const client = await server.connect();
    await client.query('BEGIN; CREATE TABLE never (id int PRIMARY KEY)');
    const never = await fileOf(client, 'never');
    const expected = await expectedRelations(server);
    await work(server, 'late');
    const complete = await expectedRelations(server);
    await server.crash();

    before.catalog.reload();
    const image = open(server);
    for (const { catalog, cluster, overlay } of [before, image]) {
      assert.ok(named(cluster, catalog, complete) >= expected.size);
      assert.deepEqual(told(catalog, never), 'public.never, uncommitted');
      assert.equal(overlay.trouble(), null);
    }

    await server.start();
    await work(server, 'afterwards');
    const recovered = await expectedRelations(server);
    const fresh = open(server);
    before.catalog.reload();
    image.catalog.reload();
    for (const { catalog, cluster, overlay } of [before, image, fresh]) {
      named(cluster, catalog, recovered);
      assert.equal(overlay.trouble(), null);
    }
    assert.match(told(fresh.catalog, never), /^no such filenode/);
  } finally {
    await server.remove();
  }
});

test('a standby by the WAL that it received, and after its promotion', async () => {
  const primary = await startServer({ version, settings: { ...QUIET, wal_level: 'replica' } });
  const standby = await startServer({ version, settings: { ...QUIET, ...follows(primary) } });
  try {
    await work(primary, 'early');
    await becomeStandby(primary, standby);
    const opened = open(standby);
    await work(primary, 'late');
    await caughtUp(primary, standby);
    opened.catalog.reload();
    named(opened.cluster, opened.catalog, await expectedRelations(primary));
    assert.equal(opened.overlay.trouble(), null);

    await promote(standby);
    await work(standby, 'promoted');
    opened.catalog.reload();
    const expected = await expectedRelations(standby);
    named(opened.cluster, opened.catalog, expected);
    const fresh = open(standby);
    named(fresh.cluster, fresh.catalog, expected);
    assert.deepEqual([opened.overlay.trouble(), fresh.overlay.trouble()], [null, null]);
    assert.ok(readdirSync(join(standby.dataDir, 'pg_wal')).includes('00000002.history'));
  } finally {
    await primary.remove();
    await standby.remove();
  }
});

function open(server: Server): Opened {
  const cluster = openCluster(directoryFiles(server.dataDir));
  const overlay = createOverlay();
  return { cluster, overlay, catalog: openCatalog(cluster, (opened) => overlay.source(opened)) };
}

/** Holds the name of every file that the server knows against the server's. */
function named(cluster: Cluster, catalog: Catalog, expected: ReadonlyMap<string, Expected>): number {
  let count = 0;
  for (const { main, tablespace, database, filenode, backend } of relationFiles(cluster)) {
    const right = expected.get(main);
    if (right === undefined || backend !== undefined) continue;
    assert.deepEqual(catalog.relation(tablespace, database, filenode), right.named, main);
    count += 1;
  }
  return count;
}

async function work(server: Server, schema: string): Promise<void> {
  const client = await server.connect();
  await client.query(`CREATE SCHEMA ${schema}`);
  for (let index = 0; index < 20; index += 1)
    await client.query(`CREATE TABLE ${schema}.t_${index} (id serial PRIMARY KEY, v text)`);
  await client.query(
    `BEGIN; SAVEPOINT a; DROP TABLE ${schema}.t_0; ROLLBACK TO a; DROP TABLE ${schema}.t_1; COMMIT`,
  );
  await client.query(`TRUNCATE ${schema}.t_2; ALTER TABLE ${schema}.t_3 RENAME TO renamed`);
  await client.query(`VACUUM FULL ${schema}.t_4`);
  await client.query('VACUUM FULL pg_class');
  await client.query(`CREATE DATABASE ${schema}`);
  await client.end();
}

type Client = Awaited<ReturnType<Server['connect']>>;

async function fileOf(client: Client, table: string): Promise<{ database: number; filenode: number }> {
  const { rows } = await client.query<{ database: number; filenode: number }>(
    `SELECT oid::int8::int4 AS database, pg_relation_filenode('${table}')::int8::int4 AS filenode
      FROM pg_database WHERE datname = current_database()`,
  );
  return rows[0]!;
}

function told(catalog: Catalog, file: { database: number; filenode: number }): string {
  const answer = catalog.relation(1663, file.database, file.filenode);
  if (typeof answer === 'string') return answer;
  return `${answer.schema}.${answer.name}${answer.uncommitted ? ', uncommitted' : ''}`;
}

async function promote(standby: Server): Promise<void> {
  if (version < 12) {
    const trigger = join(standby.dataDir, 'promote');
    writeFileSync(trigger, '');
    process.kill(standby.pid(), 'SIGUSR1');
  }
  const client = await standby.connect();
  if (version >= 12) await client.query('SELECT pg_promote()');
  await until(client, 'SELECT NOT pg_is_in_recovery() AS done');
  await client.end();
}
