/** Calls that give a descriptor. */
import type { SyscallEvent } from '../event/types.js';
import { fileOf, touchPath } from './arguments.js';
import { closeFile, createFile, type OpenFile, type Process, setFile } from './descriptors.js';
import { FLAG, hasFlag } from './flags.js';
import type { Touch, Touches } from './touch.js';

export function open(process: Process, touches: Touches, event: SyscallEvent, ret: number): void {
  const { first } = touches;
  touchPath(process, first, event.path, event.dirfd, event.dirpath);
  if (ret < 0) return;
  const { path } = first;
  const shown = event.retpath ?? path;
  if (shown === null) {
    closeFile(process.table, ret);
    return;
  }
  const file = createFile(shown, 0);
  // Without the flags it may append: then writes have no position.
  const creates = event.call === 'creat';
  file.append = !creates && (event.flags === undefined || hasFlag(event.flags, FLAG.O_APPEND));
  const kept = event.flags === undefined ? creates || null : !hasFlag(event.flags, FLAG.O_CLOEXEC);
  setFile(process.table, ret, file, kept);
  first.file = file;
  first.unplaced = false;
  if (creates || hasFlag(event.flags, FLAG.O_TRUNC)) first.size = 0;
  touches.opened = path;
  if (process.cwd === null && path !== null) process.cwd = cwdBehind(path, shown);
}

/**
 * The working directory, from a relative path that was opened and what the trace shows of its descriptor. Only
 * by folders that are never links: what is behind a link may have the same name elsewhere.
 */
function cwdBehind(path: string, shown: string): string | null {
  if (!path.startsWith('base/') && !path.startsWith('global/')) return null;
  return shown.startsWith('/') && shown.endsWith(`/${path}`) ? shown.slice(0, -path.length - 1) : null;
}

export function duplicate(
  process: Process,
  file: OpenFile | null,
  event: SyscallEvent,
  ret: number,
  kept: boolean,
): void {
  if (ret < 0) return;
  const copied = file ?? (event.retpath === undefined ? null : createFile(event.retpath, -1));
  if (copied === null) closeFile(process.table, ret);
  else setFile(process.table, ret, copied, kept);
}

export function control(process: Process, file: OpenFile | null, event: SyscallEvent, ret: number): void {
  if (ret < 0 || event.fd === undefined) return;
  switch (event.cmd) {
    case 'F_DUPFD':
    case 'F_DUPFD_CLOEXEC':
      duplicate(process, file, event, ret, event.cmd === 'F_DUPFD');
      return;
    case 'F_SETFD':
      if (hasFlag(event.flags, FLAG.FD_CLOEXEC)) process.table.kept.delete(event.fd);
      else if (file !== null && event.flags !== undefined) process.table.kept.add(event.fd);
      return;
    case 'F_SETFL':
      if (file !== null) file.append = event.flags === undefined || hasFlag(event.flags, FLAG.O_APPEND);
  }
}

export function make(
  process: Process,
  fd: number,
  made: OpenFile['made'],
  path: string | null,
  flags?: string,
): OpenFile | null {
  if (fd < 0) return null;
  const file = createFile(path, -1);
  file.made = made;
  setFile(process.table, fd, file, flags === undefined ? null : !hasFlag(flags, FLAG.O_CLOEXEC));
  return file;
}

/** As fileOf(), for a call that succeeds on one kind only. */
export function fileOfKind(
  process: Process,
  touch: Touch,
  event: SyscallEvent,
  ret: number,
  made: OpenFile['made'],
): void {
  if (fileOf(process, touch, event) !== null || event.fd === undefined || ret < 0) return;
  touch.file = make(process, event.fd, made, null);
  touch.unknown = false;
}
