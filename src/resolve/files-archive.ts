/**
 * ClusterFiles over a snapshot's archive, a tar compressed or not, all in memory. Nothing is unpacked, so no name in
 * it leads anywhere; what no snapshot has (links, devices, a file twice) is refused.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ReadEntry } from 'tar/read-entry';
import { ClusterFileError, type ClusterFiles } from './files.js';
import { memoryFiles } from './files-memory.js';

/** A FIFO would block open() for ever. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** What becomes of it, a dozen times as much, is held until it is taken apart. */
const CHUNK = 1 << 16;
/** Bytes of all files, and their number: a million relations have some 500 MB of catalogs. */
const MAX_BYTES = 1 << 30;
const MAX_FILES = 1 << 20;

/** @throws ClusterFileError where it cannot be read, is cut short, or is no archive that a snapshot can be. */
export function archiveFiles(path: string): ClusterFiles {
  let fd: number | undefined;
  try {
    fd = openSync(path, FLAGS);
    if (!fstatSync(fd).isFile()) throw new ClusterFileError(path, 'not a regular file');
    return memoryFiles(withoutFolder(readArchive(path, fd)));
  } catch (error) {
    if (error instanceof ClusterFileError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ClusterFileError(path, message, code);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readArchive(path: string, fd: number): Map<string, Uint8Array> {
  const { Parser } = loadParser();
  const files = new Map<string, Uint8Array>();
  let total = 0;
  let problem: string | null = null;
  let ended = false;
  const parser = new Parser({
    onReadEntry(entry) {
      total += entry.size;
      problem ??= objection(entry, files, total);
      if (problem === null && entry.type !== 'Directory') keep(entry, files);
      else entry.resume();
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
  files: ReadonlyMap<string, Uint8Array>,
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

function keep(entry: ReadEntry, files: Map<string, Uint8Array>): void {
  const bytes = new Uint8Array(entry.size);
  let filled = 0;
  files.set(plain(entry.path), bytes);
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
function withoutFolder(files: Map<string, Uint8Array>): Map<string, Uint8Array> {
  const heads = Array.from(files.keys(), (path) => /^([^/]+)\/PG_VERSION$/.exec(path)?.[1]);
  const folder = files.has('PG_VERSION') ? undefined : heads.find((head) => head !== undefined);
  if (folder === undefined) return files;
  const inside = [...files].filter(([path]) => path.startsWith(`${folder}/`));
  return new Map(inside.map(([path, bytes]) => [path.slice(folder.length + 1), bytes]));
}
