/** Copies out of a running cluster the few files that resolving needs, as `pgtrace-snapshot` would. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Server } from '../server.js';

const CATALOGS = [
  'pg_class',
  'pg_namespace',
  'pg_index',
  'pg_inherits',
  'pg_depend',
  'pg_database',
  'pg_tablespace',
];
const SLRUS = ['pg_xact', 'pg_subtrans', 'pg_multixact/offsets', 'pg_multixact/members'];

/** The server has just made a checkpoint and does nothing now. `target` is empty or does not exist. */
export async function takeSnapshot(
  server: Server,
  databases: readonly string[],
  target: string,
): Promise<void> {
  const keep = new Set(['PG_VERSION', 'global/pg_control', 'global/pg_filenode.map']);
  for (const directory of SLRUS)
    for (const name of readdirSync(join(server.dataDir, directory))) keep.add(`${directory}/${name}`);
  for (const database of databases) for (const path of await catalogFiles(server, database)) keep.add(path);
  for (const path of keep) copy(server.dataDir, target, path);
  mkdirSync(join(target, 'pg_tblspc'), { recursive: true });
  for (const oid of readdirSync(join(server.dataDir, 'pg_tblspc')))
    symlinkSync(readlinkSync(join(server.dataDir, 'pg_tblspc', oid)), join(target, 'pg_tblspc', oid));
  writeFileSync(join(target, 'pgtrace-sizes.ndjson'), relationSizes(server.dataDir));
}

async function catalogFiles(server: Server, database: string): Promise<string[]> {
  const client = await server.connect(database);
  const { rows } = await client.query<{ path: string }>(
    'SELECT pg_relation_filepath(c::regclass) AS path FROM unnest($1::text[]) c',
    [CATALOGS],
  );
  await client.end();
  return rows.flatMap(({ path }) => {
    const folder = dirname(path);
    return folder === 'global' ? [path] : [path, `${folder}/pg_filenode.map`, `${folder}/PG_VERSION`];
  });
}

function copy(from: string, to: string, path: string): void {
  mkdirSync(dirname(join(to, path)), { recursive: true });
  copyFileSync(join(from, path), join(to, path));
  chmodSync(join(to, path), 0o644);
}

/** One line a relation file of the cluster, in and out of tablespaces, by path. */
function relationSizes(dataDir: string): string {
  const folders = ['global', ...subfolders(dataDir, 'base'), ...tablespaceFolders(dataDir)];
  return folders
    .flatMap((folder) => readdirSync(join(dataDir, folder)).map((name) => `${folder}/${name}`))
    .filter((path) => /\/(t\d+_)?\d+(_(fsm|vm|init))?(\.\d+)?$/.test(path))
    .sort()
    .map((path) => `${JSON.stringify({ path, size: statSync(join(dataDir, path)).size })}\n`)
    .join('');
}

function tablespaceFolders(dataDir: string): string[] {
  return subfolders(dataDir, 'pg_tblspc').flatMap((space) =>
    subfolders(dataDir, space).flatMap((versioned) => subfolders(dataDir, versioned)),
  );
}

function subfolders(dataDir: string, folder: string): string[] {
  return readdirSync(join(dataDir, folder))
    .map((name) => `${folder}/${name}`)
    .filter((path) => existsSync(join(dataDir, path)) && !lstatSync(join(dataDir, path)).isFile());
}
