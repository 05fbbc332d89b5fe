/** /proc as the inventory reads it. A process may end between two reads: what is gone or hidden is null. */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs';
import {
  type FdInfo,
  parseChildren,
  parseFdInfo,
  parseLink,
  parseStat,
  parseTitleBytes,
  type Stat,
  statusField,
} from './proc.js';

export interface OpenFile {
  fd: number;
  path: string;
  deleted?: true;
  /** Null where fdinfo cannot be read. */
  info: FdInfo | null;
}

export interface ProcFs {
  /** Whether there is a proc file system at all. */
  readonly mounted: boolean;
  pids(): number[];
  stat(pid: number): Stat | null;
  title(pid: number): string | null;
  cwd(pid: number): string | null;
  /** The content of PG_VERSION in the process's working directory, through its own mount namespace. */
  version(pid: number): string | null;
  /** A field of /proc/PID/status. */
  status(pid: number, field: string): string | null;
  /** The same array as long as nothing has changed. */
  children(pid: number): readonly number[];
  /** How many read and write calls the process has made: proc_pid_io(5). Null where it may not be known. */
  ioCalls(pid: number): number | null;
  /** What is open; `denied` where the kernel does not let us see it. */
  files(pid: number): OpenFile[] | 'denied' | null;
  /** The position of an open file; null where it was closed. */
  offset(pid: number, fd: number): number | null;
  /** The content of /proc/PID/syscall: the call that a process is blocked in. */
  syscall(pid: number): string | null;
  /** Whether the process's working directory is this directory, under whatever name. */
  worksIn(pid: number, directory: string): boolean;
}

export function openProc(root = '/proc'): ProcFs {
  const text = (path: string): string | null => attempt(() => readFileSync(`${root}/${path}`, 'utf8'));
  const link = (path: string): string | null => attempt(() => readlinkSync(`${root}/${path}`));
  // Needs CONFIG_PROC_CHILDREN; without it every process is asked for its parent.
  const hasChildren = existsSync(`${root}/self/task/${process.pid}/children`);
  const families = new Map<number, ChildrenFile>();
  const childrenOf = (pid: number): readonly number[] => {
    let family = families.get(pid);
    try {
      family ??= openChildren(`${root}/${pid}/task/${pid}/children`);
      families.set(pid, family);
      return readChildren(family);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      if (family !== undefined) closeSync(family.fd);
      families.delete(pid);
      return [];
    }
  };

  const proc: ProcFs = {
    mounted: existsSync(`${root}/self/stat`),
    pids: () => (attempt(() => readdirSync(root)) ?? []).filter((name) => /^\d+$/.test(name)).map(Number),
    stat: (pid) => {
      const line = text(`${pid}/stat`);
      return line === null ? null : parseStat(line);
    },
    title: (pid) => {
      const bytes = text(`${pid}/cmdline`);
      return bytes === null ? null : parseTitleBytes(bytes);
    },
    cwd: (pid) => {
      const target = link(`${pid}/cwd`);
      return target === null ? null : parseLink(target).path;
    },
    version: (pid) => attempt(() => readVersion(`${root}/${pid}/cwd/PG_VERSION`)),
    status: (pid, field) => {
      const lines = text(`${pid}/status`);
      return lines === null ? null : (statusField(lines, field) ?? null);
    },
    children: (pid) => {
      if (hasChildren) return childrenOf(pid);
      return proc.pids().filter((other) => proc.stat(other)?.parent === pid);
    },
    files: (pid) => {
      let names: string[];
      try {
        names = readdirSync(`${root}/${pid}/fd`);
      } catch (error) {
        return isDenied(error) ? 'denied' : null;
      }
      return names.flatMap((name) => {
        const target = link(`${pid}/fd/${name}`);
        // Closed since the directory was read.
        if (target === null) return [];
        const info = text(`${pid}/fdinfo/${name}`);
        return [
          {
            fd: Number(name),
            ...fileOf(target, `${root}/${pid}/fd/${name}`),
            info: info === null ? null : parseFdInfo(info),
          },
        ];
      });
    },
    offset: (pid, fd) => {
      const info = text(`${pid}/fdinfo/${fd}`);
      return info === null ? null : (parseFdInfo(info)?.offset ?? null);
    },
    syscall: (pid) => text(`${pid}/syscall`),
    ioCalls: (pid) => {
      const io = text(`${pid}/io`);
      if (io === null) return null;
      const [, reads, writes] = /^syscr: (\d+)\nsyscw: (\d+)$/m.exec(io) ?? [];
      return reads === undefined ? null : Number(reads) + Number(writes);
    },
    worksIn: (pid, directory) =>
      attempt(() => {
        const there = statSync(`${root}/${pid}/cwd`);
        const here = statSync(directory);
        return there.dev === here.dev && there.ino === here.ino;
      }) ?? false,
  };
  return proc;
}

/** A name that itself ends like the mark of an unlinked file is told by its links. */
function fileOf(target: string, link: string): { path: string; deleted?: true } {
  const file = parseLink(target);
  return file.deleted && attempt(() => statSync(link).nlink) !== 0 ? { path: target } : file;
}

/** A postmaster's children, asked for hundreds of times a second: kept open, and parsed when they change. */
interface ChildrenFile {
  fd: number;
  text: string;
  pids: readonly number[];
}

function openChildren(path: string): ChildrenFile {
  return { fd: openSync(path, 'r'), text: '', pids: [] };
}

let childrenBytes = Buffer.alloc(16 * 1024);

function readChildren(file: ChildrenFile): readonly number[] {
  let length = 0;
  for (;;) {
    if (length === childrenBytes.length) childrenBytes = Buffer.concat([childrenBytes, Buffer.alloc(length)]);
    const read = readSync(file.fd, childrenBytes, length, childrenBytes.length - length, length);
    if (read === 0) break;
    length += read;
  }
  const text = childrenBytes.toString('latin1', 0, length);
  if (text !== file.text) {
    file.text = text;
    file.pids = parseChildren(text);
  }
  return file.pids;
}

/** The data directory may hold anything under that name: a pipe must not stop us, nor a gigabyte fill us. */
function readVersion(path: string): string | null {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!fstatSync(fd).isFile()) return null;
    const bytes = Buffer.alloc(32);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    return /^\d+(?:\.\d+)?(?=\s|$)/.exec(bytes.toString('latin1', 0, length))?.[0] ?? null;
  } finally {
    closeSync(fd);
  }
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}

function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}
