/**
 * A cluster that lost its server: catalogs as the last checkpoint left them, and the WAL since. Only what naming its
 * files reads is kept, as one archive, with what the server said after its recovery.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { openCatalog } from '../../../src/resolve/catalog.js';
import { openCluster } from '../../../src/resolve/cluster.js';
import type { ClusterFiles } from '../../../src/resolve/files.js';
import { directoryFiles } from '../../../src/resolve/files-directory.js';
import { createOverlay } from '../../../src/resolve/overlay.js';
import { relationsOf } from '../relations.js';
import { startServer } from '../server.js';
import { WAL_ONLY } from '../settings.js';

/** What the fixture says of a relation's file. */
export interface CrashRelation {
  database: number;
  tablespace: number;
  filenode: number;
  schema: string;
  name: string;
  relkind: string;
  oid: number;
}

/** pg_tablespace.oid of pg_default. */
const DEFAULT = 1663;

/** Each kind of record that changes a catalog: images, inserts, HOT and other updates, locks, deletes, pruning. */
const WORK = [
  'CREATE TABLE kept (id serial PRIMARY KEY, v text)',
  'CREATE TABLE gone (id int PRIMARY KEY)',
  'CREATE TABLE parts (k int) PARTITION BY RANGE (k)',
  'CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)',
  'ALTER TABLE kept RENAME TO renamed',
  'TRUNCATE renamed',
  'BEGIN; SAVEPOINT s; CREATE TABLE never (v int); ROLLBACK TO s; CREATE TABLE inside (v int); COMMIT',
  'BEGIN; CREATE TABLE undone (v text); ROLLBACK',
  'DROP TABLE gone',
  'VACUUM pg_class',
  'CREATE INDEX renamed_v ON renamed (v)',
  'REINDEX TABLE renamed',
];

export async function recordCrash(version: number, target: string): Promise<void> {
  const initdbArgs = version % 2 === 0 ? ['--data-checksums'] : [];
  const server = await startServer({ version, settings: WAL_ONLY, initdbArgs });
  const kept = mkdtempSync(join(tmpdir(), 'pgtrace-crash-'));
  try {
    const client = await server.connect();
    const { rows } = await client.query(
      'SELECT oid::int8::int4 FROM pg_database WHERE datname = current_database()',
    );
    const database: number = rows[0].oid;
    // What initdb did is in another segment then.
    await client.query('SELECT pg_switch_wal()');
    await client.query('CHECKPOINT');
    for (const sql of WORK) await client.query(sql);
    await server.crash();
    keep(server.dataDir, kept, database);
    await server.start();
    const after = await server.connect();
    const relations: CrashRelation[] = [];
    for (const { path, named, tablespace } of (await relationsOf(after, 'postgres')).values()) {
      if (tablespace !== 'pg_default' || named.oid < 16384) continue;
      const { oid, schema, name, relkind } = named;
      const filenode = Number(path.slice(path.lastIndexOf('/') + 1));
      relations.push({ database, tablespace: DEFAULT, filenode, schema, name, relkind, oid });
    }
    mkdirSync(target, { recursive: true });
    const lines = relations.map((relation) => JSON.stringify(relation));
    writeFileSync(join(target, `${version}.json`), `[\n${lines.join(',\n')}\n]\n`);
    execFileSync('tar', ['-czf', resolve(target, `${version}.tar.gz`), '--owner=0', '--group=0', '.'], {
      cwd: kept,
    });
  } finally {
    rmSync(kept, { recursive: true });
    await server.remove();
  }
}

/** Copies what is read for the names of a database's files, as far as it is read. */
function keep(dataDir: string, target: string, database: number): void {
  const files = directoryFiles(dataDir);
  const ends = new Map<string, number>();
  const note = (path: string, bytes: Uint8Array, offset: number): Uint8Array => {
    const used = path.startsWith('pg_wal/') ? lastUsed(bytes) : bytes.length;
    if (used > 0) ends.set(path, Math.max(ends.get(path) ?? 0, offset + used));
    return bytes;
  };
  const watched: ClusterFiles = {
    ...files,
    read: (path) => note(path, files.read(path), 0),
    readAt: (path, offset, length) => note(path, files.readAt(path, offset, length), offset),
  };
  const overlay = createOverlay();
  openCatalog(openCluster(watched), (cluster) => overlay.source(cluster)).relation(DEFAULT, database, 1);
  for (const [path, end] of ends) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), files.readAt(path, 0, end));
  }
}

/** Up to the last byte that is not zero, in whole pages: a segment is zeros from where it was written to. */
function lastUsed(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Math.ceil(end / 8192) * 8192;
}
