/**
 * pgtrace-snapshot of a server at work, which no checkpoint has written: names as the server says, sizes too, no
 * user's rows, as a directory and as an archive.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { type Catalog, openCatalog } from '../../src/resolve/catalog.js';
import { type Cluster, openCluster } from '../../src/resolve/cluster.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { openFiles } from '../../src/resolve/view.js';
import { asServer, reachable } from './account.js';
import { compareNames } from './compare-names.js';
import { type Expected, expectedRelations, relationFiles } from './relations.js';
import { type Server, startServer } from './server.js';
import { WAL_ONLY } from './settings.js';
import { versionUnderTest } from './versions.js';
import { fillCluster } from './workload.js';

const version = versionUnderTest();
const ROOT = join(import.meta.dirname, '../../..');
/** What no snapshot may hold. */
const MARKER = 'a row of somebody, 4111-1111';
/** The WAL writer's own pace, and some more: what an open transaction did is in the file then. */
const WAL_WRITTEN_MS = 600;
const SETTINGS = { ...WAL_ONLY, wal_level: 'logical' };

test('snapshots of a server at work', async () => {
  const server = await startServer({ version, settings: SETTINGS, initdbArgs: ['--data-checksums'] });
  try {
    const target = server.makeDirectory('snapshots');
    const client = await server.connect();
    await client.query(
      `CREATE TABLE secrets AS SELECT g AS id, '${MARKER} ' || g AS v FROM generate_series(1, 5000) g`,
    );
    await client.query('CHECKPOINT');
    const filled = await fillCluster(server);
    const expected = await expectedRelations(server);
    await sleep(WAL_WRITTEN_MS);
    const work = startWork(server);
    try {
      for (const name of ['directory', 'archive.tar.gz']) {
        const path = join(target, name);
        const milliseconds = await takeSnapshot(server, ['-D', server.dataDir, '-o', path]);
        const { catalog } = open(path);
        const counts = compareNames(openLive(server), catalog, again(expected), filled);
        console.log(
          `PostgreSQL ${version}, ${name}: ${sizeOf(path)} bytes in ${milliseconds} ms, ${JSON.stringify(counts)}, none wrong`,
        );
      }
    } finally {
      assert.ok((await work.stop()) > 0);
    }
    holdsNoRows(server, join(target, 'directory'), join(target, 'archive.tar.gz'));

    // Nothing grows any more.
    const still = join(target, 'still.tgz');
    await takeSnapshot(server, ['-D', server.dataDir, '-o', still]);
    sameSizes(server, open(still).cluster);
    await Promise.all(filled.sessions.map((session) => session.end()));
  } finally {
    await server.remove();
  }
});

test('snapshots while tables come and go', async () => {
  const server = await startServer({ version, settings: SETTINGS });
  try {
    const target = server.makeDirectory('snapshots');
    const churn = await startChurn(server);
    let named = 0;
    try {
      for (let round = 0; round < 5; round++) {
        const before = new Map(churn.current);
        const path = join(target, `${round}.tar.gz`);
        await takeSnapshot(server, ['-D', server.dataDir, '-o', path]);
        const { catalog } = open(path);
        for (const [file, name] of churn.history) {
          const told = catalog.relation(1663, churn.database, file);
          if (typeof told === 'string') {
            assert.ok(!before.has(file) || !churn.current.has(file), `${name}, ${file}: ${told}`);
            continue;
          }
          assert.equal(told.name, name);
          named++;
        }
        assert.deepEqual(catalog.damage, { pages: 0, rows: 0, first: null });
      }
    } finally {
      await churn.stop();
    }
    assert.ok(named > 50, `${named} named`);
    console.log(`PostgreSQL ${version}: ${named} names of ${churn.history.size} files that came and went`);
  } finally {
    await server.remove();
  }
});

test('without the WAL: as of the last checkpoint', async () => {
  const server = await startServer({ version, settings: SETTINGS });
  try {
    const path = join(server.makeDirectory('snapshots'), 'old');
    const client = await server.connect();
    await client.query('CREATE TABLE written (v int); CHECKPOINT; CREATE TABLE after_it (v int)');
    await takeSnapshot(server, ['-D', server.dataDir, '--no-wal', '-o', path]);
    const { rows } = await client.query<{ written: number; after_it: number; database: number }>(
      `SELECT pg_relation_filenode('written')::int8::int4 AS written, oid::int8::int4 AS database,
         pg_relation_filenode('after_it')::int8::int4 AS after_it FROM pg_database WHERE datname = current_database()`,
    );
    const { written, after_it, database } = rows[0]!;
    const { catalog } = open(path);
    assert.equal((catalog.relation(1663, database, written) as { name: string }).name, 'written');
    assert.equal(catalog.relation(1663, database, after_it), 'no such filenode in pg_class');
  } finally {
    await server.remove();
  }
});

/** Runs the command as the account that owns the files; returns how long it took. @throws unless it succeeds in silence. */
async function takeSnapshot(server: Server, args: string[]): Promise<number> {
  const began = Date.now();
  const own = reachable(ROOT, server.account) ? asServer(server.account) : {};
  const child = spawn(process.execPath, [join(ROOT, 'bin/pgtrace-snapshot'), ...args], { cwd: '/', ...own });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      told += text;
    });
  }
  const status = await new Promise((resolve) => child.once('close', resolve));
  assert.deepEqual([status, told], [0, '']);
  return Date.now() - began;
}

function open(path: string): { cluster: Cluster; catalog: Catalog } {
  assert.equal(statSync(path).mode & 0o077, 0);
  const { files, homes } = openFiles(path);
  assert.ok(homes !== null && homes.length > 0);
  assert.deepEqual(files.list('pg_wal'), []);
  const cluster = openCluster(files);
  assert.deepEqual(cluster.warnings, []);
  return { cluster, catalog: openCatalog(cluster) };
}

function openLive(server: Server): Cluster {
  return openCluster(directoryFiles(server.dataDir));
}

function again(expected: ReadonlyMap<string, Expected>): Map<string, Expected> {
  return new Map(Array.from(expected, ([path, relation]) => [path, { ...relation, seen: false }]));
}

/** Every file of a relation has the size that the file system says. */
function sameSizes(server: Server, snapshot: Cluster): void {
  let files = 0;
  for (const { path } of relationFiles(openLive(server))) {
    assert.equal(snapshot.files.size(path), statSync(join(server.dataDir, path)).size, path);
    files++;
  }
  assert.ok(files > 1000);
}

function holdsNoRows(server: Server, directory: string, archive: string): void {
  const wal = join(server.dataDir, 'pg_wal');
  const isLogged = readdirSync(wal).some(
    (name) => name.length === 24 && holds(readFileSync(join(wal, name))),
  );
  assert.ok(isLogged, 'the WAL has the marker');
  assert.ok(!holds(gunzipSync(readFileSync(archive))), archive);
  for (const path of filesIn(directory)) assert.ok(!holds(readFileSync(path)), path);
}

function holds(bytes: Buffer): boolean {
  return bytes.includes(MARKER.slice(0, 12));
}

function sizeOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return filesIn(path).reduce((sum, file) => sum + statSync(file).size, 0);
}

function filesIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** Sessions that write rows and statistics, and no names, until they are stopped; then how often. */
function startWork(server: Server): { stop(): Promise<number> } {
  let going = true;
  let rounds = 0;
  const session = async (statements: readonly string[]): Promise<void> => {
    const client = await server.connect();
    while (going) {
      for (const statement of statements) await client.query(statement);
      rounds++;
    }
    await client.end();
  };
  const sessions = [
    session([`UPDATE secrets SET v = v || '!' WHERE id % 7 = 0`, 'ANALYZE secrets']),
    session([
      `INSERT INTO unlogged (v) VALUES ('${MARKER}')`,
      'VACUUM many',
      'UPDATE pg_class SET reltuples = 7',
    ]),
  ];
  return {
    async stop() {
      going = false;
      await Promise.all(sessions);
      return rounds;
    },
  };
}

interface Churn {
  database: number;
  /** Which table each file was of. */
  history: Map<number, string>;
  /** Those of committed tables, for now. */
  current: Map<number, string>;
  stop(): Promise<void>;
}

/** A session that makes, rewrites and drops tables, until it is stopped. */
async function startChurn(server: Server): Promise<Churn> {
  const client = await server.connect();
  const { rows } = await client.query(
    'SELECT oid::int8::int4 AS database FROM pg_database WHERE datname = current_database()',
  );
  const history = new Map<number, string>();
  const current = new Map<number, string>();
  let going = true;
  const note = async (name: string): Promise<void> => {
    const found = await client.query<{ file: number }>(
      `SELECT pg_relation_filenode('${name}')::int8::int4 AS file`,
    );
    for (const [file, other] of current) if (other === name) current.delete(file);
    history.set(found.rows[0]!.file, name);
    current.set(found.rows[0]!.file, name);
  };
  const work = async (): Promise<void> => {
    for (let number = 0; going; number++) {
      const name = `churn_${number}`;
      await client.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v text)`);
      await note(name);
      if (number % 3 === 0) {
        for (const [file, other] of current) if (other === name) current.delete(file);
        await client.query(`TRUNCATE ${name}`);
        await note(name);
      }
      if (number % 2 === 0) {
        for (const [file, other] of current) if (other === name) current.delete(file);
        await client.query(`DROP TABLE ${name}`);
      }
    }
    await client.end();
  };
  const working = work();
  return {
    database: rows[0].database,
    history,
    current,
    async stop() {
      going = false;
      await working;
    },
  };
}
