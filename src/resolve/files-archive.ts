/**
 * ClusterFiles over a snapshot's archive, a tar compressed or not, all in memory. Nothing is unpacked, so no name in
 * it leads anywhere; what no snapshot has (links, devices, a file twice) is refused. The large catalogs of a snapshot
 * are read once, from start to end, and let go of meanwhile; where one is read again, the archive is, too.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type { ReadEntry } from 'tar/read-entry';
import { ClusterFileError, type ClusterFiles } from './files.js';
import { type Content, memoryFiles } from './files-memory.js';
import { SIZES_FILE } from './files-snapshot.js';
import { LargeFile } from './large-file.js';

/** A FIFO would block open() for ever. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** What becomes of it, a dozen times as much, is held until it is taken apart. */
const CHUNK = 1 << 16;
/** Bytes of all files, and their number: a million relations have some 500 MB of catalogs. */
const MAX_BYTES = 1 << 30;
const MAX_FILES = 1 << 20;
/** More than a segment of WAL, and than the catalogs of a hundred thousand relations. */
const LARGE = 16 << 20;

/** @throws ClusterFileError where it cannot be read, is cut short, or is no archive that a snapshot can be. */
export function archiveFiles(path: string): ClusterFiles {
  const { files, identity } = openArchive(path, () => true);
  // What is no snapshot may have WAL, for which catalogs are read again and again.
  if (!files.has(SIZES_FILE)) return memoryFiles(files);
  for (const [name, file] of files)
    if (file instanceof LargeFile) file.readOnce(() => readAgain(path, name, file.length, identity));
  return memoryFiles(files);
}

function readAgain(path: string, name: string, length: number, identity: string): LargeFile {
  const again = openArchive(path, (entry) => entry === name || entry.endsWith(`/${name}`));
  const file = again.files.get(name);
  if (again.identity === identity && file instanceof LargeFile && file.length === length) return file;
  throw new ClusterFileError(path, 'changed since it was opened');
}

interface Archive {
  files: Map<string, Content>;
  /** Another one when the file has been replaced or written to. */
  identity: string;
}

/** @param wanted whether more than a file's name is kept */
function openArchive(path: string, wanted: (entry: string) => boolean): Archive {
  let fd: number | undefined;
  try {
    fd = openSync(path, FLAGS);
    const stats = fstatSync(fd, { bigint: true });
    if (!stats.isFile()) throw new ClusterFileError(path, 'not a regular file');
    const files = withoutFolder(readArchive(path, fd, wanted));
    return { files, identity: [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join() };
  } catch (error) {
    if (error instanceof ClusterFileError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ClusterFileError(path, message, code);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readArchive(path: string, fd: number, wanted: (entry: string) => boolean): Map<string, Content> {
  const { Parser } = loadParser();
  const files = new Map<string, Content>();
  let total = 0;
  let problem: string | null = null;
  let ended = false;
  const parser = new Parser({
    onReadEntry(entry) {
      total += entry.size;
      problem ??= objection(entry, files, total);
      const isFile = problem === null && entry.type !== 'Directory';
      if (isFile && wanted(plain(entry.path))) return keep(entry, files);
      if (isFile) files.set(plain(entry.path), new Uint8Array(0));
      entry.resume();
    },
    onwarn(code, message) {
      problem ??= code === 'TAR_ENTRY_INFO' ? null : String(message);
    },
  });
  parser.on('eof', () => {
    ended = true;
  });
  parser.on('error', (error: Error) => {
    problem ??= error.message;
  });
  const chunk = Buffer.allocUnsafe(CHUNK);
  // Past the tar's end too, where gzip has its checksum.
  while (problem === null) {
    const length = readSync(fd, chunk, 0, CHUNK, null);
    if (length === 0) break;
    // The parser keeps parts of what it is given.
    parser.write(Buffer.from(chunk.subarray(0, length)));
  }
  if (problem === null) parser.end();
  if (problem === null && !ended) problem = 'cut short (expected the end of an archive, found none)';
  if (problem !== null) throw new ClusterFileError(path, `no archive of a snapshot: ${problem}`);
  return files;
}

/** Only for an archive: it adds a tenth to the time that all other modules take to load. */
function loadParser(): typeof import('tar/parse') {
  return createRequire(import.meta.url)('tar/parse');
}

/** Why a snapshot can have no such entry; null where it can. */
function objection(
  { path, type, size }: ReadEntry,
  files: ReadonlyMap<string, Content>,
  total: number,
): string | null {
  const parts = path.split('/');
  if (path.startsWith('/') || parts.includes('..')) return `an entry outside of it, ${path}`;
  if (type !== 'File' && type !== 'OldFile' && type !== 'Directory') return `${path} is a ${type}`;
  if (files.has(plain(path))) return `${path} is in it twice`;
  if (total > MAX_BYTES)
    return `too large (expected at most ${MAX_BYTES} bytes, found ${total} up to ${path}, ${size} bytes)`;
  return files.size < MAX_FILES ? null : `too many files (expected at most ${MAX_FILES})`;
}

function keep(entry: ReadEntry, files: Map<string, Content>): void {
  const path = plain(entry.path);
  // The list is kept whole: it is what sizes are read from.
  if (entry.size > LARGE && basename(path) !== SIZES_FILE) {
    const file = new LargeFile(entry.size);
    files.set(path, file);
    entry.on('data', (data: Buffer) => file.append(data));
    return;
  }
  const bytes = new Uint8Array(entry.size);
  let filled = 0;
  files.set(path, bytes);
  entry.on('data', (data: Buffer) => {
    bytes.set(data, filled);
    filled += data.length;
  });
}

/** Without `./` in front. */
function plain(path: string): string {
  return path.replace(/^(?:\.\/+)+/, '');
}

/** An archive has its files in one folder, or in none. */
function withoutFolder(files: Map<string, Content>): Map<string, Content> {
  const heads = Array.from(files.keys(), (path) => /^([^/]+)\/PG_VERSION$/.exec(path)?.[1]);
  const folder = files.has('PG_VERSION') ? undefined : heads.find((head) => head !== undefined);
  if (folder === undefined) return files;
  const inside = [...files].filter(([path]) => path.startsWith(`${folder}/`));
  return new Map(inside.map(([path, bytes]) => [path.slice(folder.length + 1), bytes]));
}
