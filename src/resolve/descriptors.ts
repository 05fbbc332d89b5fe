/**
 * What each process's descriptors are, as the kernel keeps them: a process has a table of descriptors, a
 * descriptor leads to an open file with its position, and dup and fork share open files (open(2), fork(2)).
 */
import type { Target } from './target.js';

/** An open file description. */
export interface OpenFile {
  /** As the trace shows it, or as it was opened; null where the call that made it says what it is. */
  path: string | null;
  /** What a file without a path is. */
  made: 'socket' | 'pipe' | 'epoll' | 'other';
  /** In bytes; -1 where it is not known. */
  position: number;
  /** O_APPEND: a write moves the position to an end that is not known. */
  append: boolean;
  /** What annotating keeps here, so that it looks a file up once. */
  target: Target | null;
}

/** A table of descriptors; threads share one. */
export interface FdTable {
  files: Map<number, OpenFile>;
  /** Descriptors that are known to survive an execve. */
  kept: Set<number>;
  /** Descriptors closed since the process was first seen, until what it inherited is known; then null. */
  closed: Set<number> | null;
}

export interface Process {
  pid: number;
  /** The absolute path of its working directory. */
  cwd: string | null;
  table: FdTable;
  /** When it was first seen. */
  since: number | null;
}

/** All processes of a trace. */
export interface Processes {
  byPid: Map<number, Process>;
  /** The one that was asked for last: calls come in runs. */
  last: Process | null;
  /** Events were lost, so that a descriptor which is not known may have been opened among them. */
  lossy: boolean;
}

export function createProcesses(): Processes {
  return { byPid: new Map(), last: null, lossy: false };
}

export function createFile(path: string | null, position: number): OpenFile {
  return { path, made: 'other', position, append: false, target: null };
}

export function processOf(processes: Processes, pid: number, ts: number | null): Process {
  if (processes.last !== null && processes.last.pid === pid) return processes.last;
  let process = processes.byPid.get(pid);
  if (process === undefined) {
    process = { pid, cwd: null, table: createTable(), since: ts };
    processes.byPid.set(pid, process);
  }
  processes.last = process;
  return process;
}

export function forgetProcess(processes: Processes, pid: number): void {
  processes.byPid.delete(pid);
  if (processes.last?.pid === pid) processes.last = null;
}

/** Begins anew: another capture follows, whose pids are other processes. */
export function forgetAll(processes: Processes): void {
  processes.byPid.clear();
  processes.last = null;
  processes.lossy = false;
}

/** Drops every descriptor: among lost events any may have been closed and opened again as something else. */
export function loseDescriptors(processes: Processes): void {
  for (const { table } of processes.byPid.values()) {
    table.files.clear();
    table.kept.clear();
    table.closed = null;
  }
  processes.lossy = true;
}

/** Puts a file under a descriptor. `kept` says whether it survives an execve; null where that is not known. */
export function setFile(table: FdTable, fd: number, file: OpenFile, kept: boolean | null): void {
  table.files.set(fd, file);
  if (kept) table.kept.add(fd);
  else table.kept.delete(fd);
  table.closed?.delete(fd);
}

export function closeFile(table: FdTable, fd: number): void {
  table.files.delete(fd);
  table.kept.delete(fd);
  table.closed?.add(fd);
}

/** close_range(2): both ends belong to the range. */
export function closeRange(table: FdTable, first: number, last: number): void {
  for (const fd of [...table.files.keys()]) {
    if (fd >= first && fd <= last) closeFile(table, fd);
  }
}

/** What is under `fd`, given that the trace shows it as `path`, which is the truth of this moment. */
export function correctFile(table: FdTable, fd: number, path: string): OpenFile {
  const known = table.files.get(fd);
  if (known !== undefined) {
    if (known.path === path) return known;
    if (known.path !== null && isTailOf(known.path, path)) {
      known.path = path;
      known.target = null;
      return known;
    }
  }
  const file = createFile(path, -1);
  setFile(table, fd, file, null);
  return file;
}

/**
 * A child that fork(2) or clone(2) made. Its own events may have come before the parent's call finished:
 * what it has done to a descriptor by then stands.
 * @param started when the call began; a process of that pid seen before it is another one.
 */
export function inherit(
  processes: Processes,
  parent: Process,
  pid: number,
  shared: boolean,
  started: number | null,
): void {
  const known = processes.byPid.get(pid);
  const early =
    known !== undefined &&
    known.table.closed !== null &&
    (started === null || known.since === null || known.since >= started);
  const child = early ? known : { pid, cwd: null, table: createTable(), since: started };
  processes.byPid.set(pid, child);
  processes.last = null;
  child.cwd ??= parent.cwd;
  if (shared) {
    child.table = parent.table;
    return;
  }
  copyMissing(parent.table, child.table);
  child.table.closed = null;
}

/** execve(2): the process gets a table of its own; what is not known to be kept is gone, or cannot be relied on. */
export function dropOnExec(process: Process): void {
  const { files, kept } = process.table;
  const table = createTable();
  table.closed = null;
  for (const fd of kept) {
    const file = files.get(fd);
    if (file !== undefined) setFile(table, fd, file, true);
  }
  process.table = table;
}

function createTable(): FdTable {
  return { files: new Map(), kept: new Set(), closed: new Set() };
}

function copyMissing(from: FdTable, to: FdTable): void {
  for (const [fd, file] of from.files) {
    if (to.files.has(fd) || to.closed?.has(fd)) continue;
    to.files.set(fd, file);
    if (from.kept.has(fd)) to.kept.add(fd);
  }
}

/** True where `path` is `tail` made absolute: a relative path whose directory is learnt only now. */
function isTailOf(tail: string, path: string): boolean {
  return (
    tail.length < path.length &&
    !tail.startsWith('/') &&
    path[path.length - tail.length - 1] === '/' &&
    path.endsWith(tail)
  );
}
