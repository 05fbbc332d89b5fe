/** What a call's arguments name: the file under its descriptor, its path made absolute, its numbers. */
import type { CallArguments, Int } from '../event/types.js';
import { correctFile, type OpenFile, type Process } from './descriptors.js';
import type { Touch } from './touch.js';

/** The file under the event's `fd`; what the trace shows of it corrects the table. */
export function fileOf(
  process: Process,
  touch: Touch,
  event: CallArguments & { errno?: string },
): OpenFile | null {
  const { fd, path } = event;
  if (typeof fd !== 'number' || fd < 0 || event.errno === 'EBADF') return null;
  const file =
    typeof path === 'string' ? correctFile(process.table, fd, path) : (process.table.files.get(fd) ?? null);
  touch.file = file;
  touch.unknown = file === null;
  return file;
}

/** Sets what `touch` touches to a path argument, which counts from where openat(2) says. */
export function touchPath(
  process: Process,
  touch: Touch,
  path: string | undefined,
  dirfd?: number | 'AT_FDCWD',
  dirpath?: string,
): void {
  touch.path = pathAt(process, path, dirfd, dirpath);
  touch.unplaced = touch.path === null && path !== undefined;
}

/**
 * A path argument, absolute where the trace tells from where it counts. Takes in the working directory, which
 * some traces show as what AT_FDCWD is.
 * @returns an absolute path; a relative one where it counts from a working directory that is not known; null
 * where the call has no path, or it counts from a descriptor that is not known.
 */
export function pathAt(
  process: Process,
  path: string | undefined,
  dirfd?: number | 'AT_FDCWD',
  dirpath?: string,
): string | null {
  if (typeof path !== 'string') return null;
  if (path.startsWith('/')) return path;
  const inCwd = dirfd === undefined || dirfd === 'AT_FDCWD';
  if (inCwd && dirpath?.startsWith('/')) process.cwd = dirpath;
  const directory = inCwd ? process.cwd : (dirpath ?? process.table.files.get(dirfd)?.path ?? null);
  if (directory === null) return inCwd && path !== '' ? path : null;
  return path === '' ? directory : `${directory}/${path}`;
}

/** An offset, a length or a result as a number; -1 where it is none that a file can have. */
export function place(value: Int | undefined): number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : -1;
}
