/**
 * A peer of the WAL reader: pg_waldump. The servers' packages lack it; what this machine has not installed is taken
 * out of a package of Debian or Ubuntu, with the libraries that it was made for.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { walLayout } from '../../src/postgres/wal/layout.js';
import { formatLsn, type Lsn } from '../../src/postgres/wal/lsn.js';
import { Skipped } from '../skipped.js';
import { cacheDirectory, keep } from './cache.js';
import { ask, type Release, unpack } from './debian.js';

const WAL_PAGE = 8192;

const KEYRINGS = '/usr/share/keyrings';
const UBUNTU_KEYS = 'ubuntu-archive-keyring.gpg';

const debian = (suite: string) => async (): Promise<Release> => ({
  archive: 'http://deb.debian.org/debian',
  suite,
  keyring: join(KEYRINGS, 'debian-archive-keyring.gpg'),
});

const ubuntu = (suite: string) => async (): Promise<Release> => ({
  archive: 'http://archive.ubuntu.com/ubuntu',
  suite,
  keyring: await ubuntuKeys(),
});

/** Releases that came with a version. None with 11 is on those servers any more. */
const RELEASES: ReadonlyMap<number, () => Promise<Release>> = new Map([
  [10, ubuntu('bionic')],
  [12, ubuntu('focal')],
  [13, debian('bullseye')],
  [14, ubuntu('jammy')],
  [15, debian('bookworm')],
  [16, ubuntu('noble')],
  [17, debian('trixie')],
  [18, debian('forky')],
]);

/**
 * Whose pg_waldump reads a version that has none, once the pages say that they are its own: in 12 the records of
 * 11 changed in what they hold, not in how they are built.
 */
const STAND_INS: ReadonlyMap<number, number> = new Map([[11, 12]]);

const LOADER = 'ld-linux-x86-64.so.2';
/** What any of them links to, and where its packages have it. */
const LIBRARIES = ['libc.so.6', 'libpthread.so.0', 'liblz4.so.1', 'libzstd.so.1'];
const LIBRARY_PACKAGES = ['libc6', 'liblz4-1', 'libzstd1'];
const LIBRARY_FOLDERS = ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu'];

export interface Waldump {
  /** Whose WAL it reads. */
  version: number;
  command: string;
  /** Those before its own. */
  words: string[];
}

/** @throws Skipped where there is none and none to be had. */
export async function findWaldump(server: number): Promise<Waldump> {
  const version = STAND_INS.get(server) ?? server;
  const installed = `/usr/lib/postgresql/${version}/bin/pg_waldump`;
  if (existsSync(installed)) return { version, command: installed, words: [] };
  if (process.arch !== 'x64')
    throw new Skipped(`no ${installed} (expected x64 for another, found ${process.arch})`);
  const target = join(await cacheDirectory(), `pg_waldump-${version}`);
  return among(version, await keep(target, (folder) => fetch(version, folder)));
}

/** With the loader of the release, so that nothing of this machine's libraries matters. */
function among(version: number, folder: string): Waldump {
  const words = ['--library-path', folder, join(folder, 'pg_waldump')];
  return { version, command: join(folder, LOADER), words };
}

/** Of the packages, which are many times as large, only what is needed. */
async function fetch(version: number, folder: string): Promise<void> {
  const release = await RELEASES.get(version)!();
  const files = await mkdtemp(join(folder, 'files-'));
  await unpack([`postgresql-${version}`, ...LIBRARY_PACKAGES], files, release);
  await copyFile(join(files, `usr/lib/postgresql/${version}/bin/pg_waldump`), join(folder, 'pg_waldump'));
  for (const name of [LOADER, ...LIBRARIES])
    for (const path of LIBRARY_FOLDERS.map((parent) => join(files, parent, name)))
      if (existsSync(path)) await copyFile(path, join(folder, name));
  await rm(files, { recursive: true });
  const { command, words } = among(version, folder);
  await ask(command, [...words, '--version']);
}

/** What it prints, with the blocks (-b), of the records in `segments` from one position to another. */
export async function runWaldump(
  peer: Waldump,
  server: number,
  segments: string,
  from: Lsn,
  to: Lsn,
): Promise<string> {
  if (peer.version === server) return print(peer, segments, from, to);
  const scratch = await mkdtemp(join(tmpdir(), 'pgtrace-wal-'));
  try {
    for (const name of await readdir(segments))
      if (/^[\dA-F]{24}$/.test(name)) {
        const bytes = await readFile(join(segments, name));
        restamp(bytes, walLayout(server)!.magic, walLayout(peer.version)!.magic);
        await writeFile(join(scratch, name), bytes);
      }
    return await print(peer, scratch, from, to);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function print(peer: Waldump, segments: string, from: Lsn, to: Lsn): Promise<string> {
  const words = [...peer.words, '-b', '-p', segments, '-s', formatLsn(from), '-e', formatLsn(to)];
  const { stdout } = await promisify(execFile)(peer.command, words, { maxBuffer: 1 << 30 });
  return stdout;
}

/** xlp_magic, the first of a page; no record's sum covers it. */
function restamp(segment: Buffer, from: number, to: number): void {
  for (let page = 0; page < segment.length; page += WAL_PAGE)
    if (segment.readUInt16LE(page) === from) segment.writeUInt16LE(to, page);
}

async function ubuntuKeys(): Promise<string> {
  const installed = join(KEYRINGS, UBUNTU_KEYS);
  if (existsSync(installed)) return installed;
  const release = await debian('trixie')();
  const folder = await keep(join(await cacheDirectory(), 'ubuntu-keyring'), (into) =>
    unpack(['ubuntu-keyring'], into, release),
  );
  return join(folder, KEYRINGS, UBUNTU_KEYS);
}
