/** ClusterFiles over a real directory, which may hold anything: links, FIFOs, devices, files being written. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { ClusterFileError, type ClusterFiles } from './files.js';

/** The links that PostgreSQL itself makes in a data directory. */
const LINK = /^(?:pg_tblspc\/[0-9]+|pg_wal)$/;
/** A FIFO without a writer would block open() for ever; a link as last part is refused. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
/** More than any file that is read whole; what is larger is not what its name says. */
const MAX_WHOLE = 64 << 20;

/** @throws ClusterFileError where the directory is missing, unreadable or no directory. */
export function directoryFiles(directory: string): ClusterFiles {
  const root = resolveRoot(directory);
  return {
    read(path) {
      return withFile(path, (fd, { size }) => {
        if (size > MAX_WHOLE) {
          throw new ClusterFileError(path, `too large (expected at most ${MAX_WHOLE} bytes, found ${size})`);
        }
        return readFully(fd, 0, size);
      });
    },
    readAt(path, offset, length) {
      return withFile(path, (fd, { size }) =>
        readFully(fd, offset, Math.max(0, Math.min(length, size - offset))),
      );
    },
    size(path) {
      try {
        const stats = lstatSync(locate(path));
        return stats.isFile() ? stats.size : null;
      } catch {
        return null;
      }
    },
    list(path) {
      try {
        return readdirSync(enter(path)).sort();
      } catch {
        return [];
      }
    },
    link(path) {
      try {
        return readlinkSync(locate(path));
      } catch {
        return null;
      }
    },
  };

  /** The real path of a file, each directory on the way checked to be one of the cluster's own. */
  function locate(path: string): string {
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    if (name === '' || name === '.' || name === '..')
      throw new ClusterFileError(path, 'not a path of a cluster');
    return slash < 0 ? join(root, name) : join(enter(path.slice(0, slash)), name);
  }

  /** The real path of a directory. */
  function enter(path: string): string {
    const real = locate(path);
    const stats = lstatSync(real);
    if (stats.isDirectory()) return real;
    if (!stats.isSymbolicLink() || !LINK.test(path))
      throw new ClusterFileError(path, 'not a directory', 'ENOTDIR');
    const target = readlinkSync(real);
    return realpathSync(isAbsolute(target) ? target : join(real, '..', target));
  }

  function withFile<T>(path: string, use: (fd: number, stats: Stats) => T): T {
    let fd: number | undefined;
    try {
      fd = openSync(locate(path), FLAGS);
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new ClusterFileError(path, 'not a regular file');
      return use(fd, stats);
    } catch (error) {
      throw error instanceof ClusterFileError ? error : refused(path, error);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}

function resolveRoot(directory: string): string {
  let real: string;
  try {
    real = realpathSync(directory);
    readdirSync(real);
  } catch (error) {
    throw refused(directory, error);
  }
  return real;
}

/** Up to `length` bytes: a file that shrinks meanwhile gives fewer. */
function readFully(fd: number, offset: number, length: number): Uint8Array {
  // Filled with zeros it would be written twice.
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled === length ? bytes : bytes.subarray(0, filled);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOTDIR: 'not a directory',
  ELOOP: 'a link where none belongs',
  ENXIO: 'not a regular file',
};

function refused(path: string, error: unknown): ClusterFileError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new ClusterFileError(path, (code !== undefined && REASONS[code]) || message, code);
}
