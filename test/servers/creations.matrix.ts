/**
 * Databases and tablespaces that came, moved or were renamed since the last checkpoint: a copy of the data directory,
 * and what a crash leaves, name the tables in them.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Client } from 'pg';
import { type Catalog, openCatalog } from '../../src/resolve/catalog.js';
import { type Cluster, openCluster } from '../../src/resolve/cluster.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { createOverlay } from '../../src/resolve/overlay.js';
import { compareNames } from './compare-names.js';
import { type Expected, expectedRelations, relationFiles } from './relations.js';
import { type Server, startServer } from './server.js';
import { WAL_ONLY } from './settings.js';
import { versionUnderTest } from './versions.js';
import type { Filled } from './workload.js';

const version = versionUnderTest();
/** CREATE DATABASE has a STRATEGY from then on; before, it copies files, between two checkpoints. */
const strategies = version >= 15;
const NOTHING_OPEN: Filled = { sessions: [], uncommitted: new Map(), rolledBack: [] };
/** What had another name before. */
const RENAMED: Readonly<Record<string, string>> = {
  renamed: 'copied',
  earlier: 'early',
  table_after: 'table_before',
};

test('databases and tablespaces that no checkpoint has written', async () => {
  const server = await startServer({ version, settings: WAL_ONLY, initdbArgs: ['--data-checksums'] });
  const copies = mkdtempSync(join(tmpdir(), 'pgtrace-copy-'));
  try {
    const client = await server.connect();
    await makeDatabases(server, client);
    const before = await checkpointOf(client);
    await changeWithoutCheckpoint(server, client);
    const expected = await expectedRelations(server);
    assert.equal(await checkpointOf(client), before, 'a checkpoint came between');
    const copy = join(copies, 'main');
    execFileSync('cp', ['-a', server.dataDir, copy]);
    checkNames('a copy of a running server', copy, expected);
    await server.crash();
    checkNames('after a crash', server.dataDir, expected);

    await server.start();
    const again = await server.connect();
    await again.query('ALTER DATABASE renamed SET TABLESPACE earlier');
    await again.query('ALTER DATABASE moved SET TABLESPACE pg_default');
    await inDatabase(server, 'renamed', 'CREATE TABLE last (id int PRIMARY KEY) TABLESPACE pg_default');
    await inDatabase(server, 'moved', 'CREATE TABLE last (id int PRIMARY KEY)');
    await inDatabase(server, 'moved', 'VACUUM FULL pg_class');
    const moved = await expectedRelations(server);
    await server.crash();
    checkNames('after a crash just after two databases moved', server.dataDir, moved);
  } finally {
    rmSync(copies, { recursive: true });
    await server.remove();
  }
});

/** What makes checkpoints of its own. */
async function makeDatabases(server: Server, client: Client): Promise<void> {
  await client.query(`CREATE TABLESPACE early LOCATION '${server.makeDirectory('early')}'`);
  await client.query(`CREATE DATABASE copied TEMPLATE template0${strategies ? ' STRATEGY file_copy' : ''}`);
  await client.query('CREATE DATABASE moved TEMPLATE template0');
  await inDatabase(server, 'moved', 'CREATE TABLE came_along (id int PRIMARY KEY, v text)');
  await inDatabase(server, 'copied', 'CREATE TABLE table_before (id int)');
  await client.query('ALTER DATABASE moved SET TABLESPACE early');
}

async function changeWithoutCheckpoint(server: Server, client: Client): Promise<void> {
  await client.query(`CREATE TABLESPACE late LOCATION '${server.makeDirectory('late')}'`);
  await client.query('ALTER TABLESPACE early RENAME TO earlier');
  await client.query('ALTER DATABASE copied RENAME TO renamed');
  await inDatabase(server, 'renamed', 'ALTER TABLE table_before RENAME TO table_after');
  if (strategies) {
    await client.query('CREATE DATABASE logged TEMPLATE template0 STRATEGY wal_log');
    await client.query('CREATE DATABASE logged_late TEMPLATE template0 STRATEGY wal_log TABLESPACE late');
  }
  const databases = ['postgres', 'renamed', 'moved', ...(strategies ? ['logged', 'logged_late'] : [])];
  for (const database of databases)
    await inDatabase(
      server,
      database,
      `CREATE SCHEMA new;
       CREATE TABLE new.here (id int PRIMARY KEY, v text);
       CREATE TABLE new.there (id serial PRIMARY KEY, v text) TABLESPACE late;
       CREATE TABLE new.moving (v text);
       ALTER TABLE new.moving SET TABLESPACE late;
       ALTER TABLE new.moving RENAME TO has_moved;
       CREATE TABLE new.brief (v text);
       DROP TABLE new.brief`,
    );
  // Whose map changes, too.
  await inDatabase(server, strategies ? 'logged_late' : 'moved', 'VACUUM FULL pg_class');
}

async function inDatabase(server: Server, database: string, text: string): Promise<void> {
  const client = await server.connect(database);
  await client.query(text);
  await client.end();
}

async function checkpointOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>(
    'SELECT checkpoint_lsn::text AS lsn FROM pg_control_checkpoint()',
  );
  return rows[0]!.lsn;
}

function checkNames(what: string, directory: string, expected: ReadonlyMap<string, Expected>): void {
  const cluster = openCluster(directoryFiles(directory));
  const overlay = createOverlay();
  const counts = compareNames(
    cluster,
    openCatalog(cluster, (opened) => overlay.source(opened)),
    fresh(expected),
    NOTHING_OPEN,
  );
  assert.equal(overlay.trouble(), null);
  const unnamed = checkStale(cluster, openCatalog(cluster), expected);
  console.log(
    `PostgreSQL ${version}, ${what}: ${JSON.stringify(counts)}, none wrong; without WAL ${unnamed} files without a name`,
  );
}

/** Without WAL a file has no name, or the one it has, or the one before. Returns how many have none. */
function checkStale(cluster: Cluster, catalog: Catalog, expected: ReadonlyMap<string, Expected>): number {
  let unnamed = 0;
  for (const file of relationFiles(cluster)) {
    const told = catalog.relation(file.tablespace, file.database, file.filenode);
    const right = expected.get(file.main);
    if (typeof told === 'string') unnamed++;
    else if (right !== undefined) {
      const { name, schema } = right.named;
      assert.deepEqual([told.schema, told.oid], [schema, right.named.oid], file.path);
      assert.ok([name, RENAMED[name]].includes(told.name), `${file.path}: ${told.name} for ${name}`);
    }
    if (right === undefined) continue;
    for (const [known, is] of [
      [catalog.database(file.database), right.database],
      [catalog.tablespace(file.tablespace), right.tablespace],
    ] as const)
      if (known !== undefined && is !== null) assert.ok([is, RENAMED[is]].includes(known), `${known}: ${is}`);
  }
  assert.ok(unnamed > 0, 'a checkpoint has written all of it');
  return unnamed;
}

/** compareNames() notes what it has seen. */
function fresh(expected: ReadonlyMap<string, Expected>): Map<string, Expected> {
  return new Map(Array.from(expected, ([path, relation]) => [path, { ...relation, seen: false }]));
}
