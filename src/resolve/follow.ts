/**
 * Follows the events: what a call does to its process's descriptors, and what it touches. Calls are events
 * when they finish, so that an event's effect is complete; a failed call changes nothing.
 */
import type { CallArguments, Event, FdEvent, SyscallEvent } from '../event/types.js';
import { fileOf, place, touchPath } from './arguments.js';
import {
  closeFile,
  closeRange,
  createFile,
  createProcesses,
  dropOnExec,
  forgetAll,
  forgetProcess,
  inherit,
  loseDescriptors,
  type OpenFile,
  type Process,
  type Processes,
  processOf,
  setFile,
} from './descriptors.js';
import { EFFECT, type Effect, effectOf } from './effects.js';
import { FLAG, hasFlag } from './flags.js';
import { copy, moveData, range, seek } from './moves.js';
import { control, duplicate, fileOfKind, make, open } from './opening.js';
import { clearTouches, createTouches, type Touch, type Touches } from './touch.js';

export interface Follower {
  processes: Processes;
  touches: Touches;
  /** A capture has begun; the next one is of other processes. */
  begun: boolean;
}

export function createFollower(): Follower {
  return { processes: createProcesses(), touches: createTouches(), begun: false };
}

/** Takes in an event, and returns what it touches: the same object each time. */
export function follow(follower: Follower, event: Event): Touches {
  const { processes, touches } = follower;
  clearTouches(touches);
  switch (event.type) {
    case 'syscall':
      call(processes, touches, event);
      break;
    case 'sample':
      if (event.call !== undefined)
        sample(processOf(processes, event.pid, event.ts), touches.first, event, effectOf(event.call));
      break;
    case 'fd':
      touches.first.file = preload(processes, event);
      break;
    case 'process':
      if (typeof event.cwd === 'string') processOf(processes, event.pid, event.ts).cwd = event.cwd;
      break;
    case 'exit':
      forgetProcess(processes, event.pid ?? 0);
      break;
    case 'lost':
      // Of a process whose beginning was missed, all that it has open is told after it.
      if (event.pid === undefined) loseDescriptors(processes);
      break;
    case 'trace':
      if (follower.begun) forgetAll(processes);
      follower.begun = true;
      break;
  }
  return touches;
}

/** A descriptor that was open before: from an inventory or a listing. */
export function preload(processes: Processes, event: FdEvent): OpenFile {
  const file = createFile(event.path, place(event.offset));
  file.append = hasFlag(event.flags, FLAG.O_APPEND);
  const kept = event.flags === undefined ? null : !hasFlag(event.flags, FLAG.O_CLOEXEC);
  setFile(processOf(processes, event.pid, event.ts).table, event.fd, file, kept);
  return file;
}

function call(processes: Processes, touches: Touches, event: SyscallEvent): void {
  const process = processOf(processes, event.pid ?? 0, event.ts);
  const { first, second } = touches;
  const effect = effectOf(event.call);
  const ret = place(event.ret ?? -1);
  switch (effect) {
    case EFFECT.read:
    case EFFECT.write:
      moveData(fileOf(process, first, event), first, event, ret, effect === EFFECT.write);
      return;
    case EFFECT.pread:
    case EFFECT.pwrite:
      if (event.offset === -1) {
        moveData(fileOf(process, first, event), first, event, ret, effect === EFFECT.pwrite);
        return;
      }
      fileOf(process, first, event);
      first.offset = place(event.offset);
      first.length = ret >= 0 ? ret : place(event.length);
      first.reaches = ret > 0;
      return;
    case EFFECT.range:
    case EFFECT.extend:
    case EFFECT.map:
      fileOf(process, first, event);
      range(first, event);
      first.reaches = effect === EFFECT.extend && ret === 0 && !hasFlag(event.mode, FLAG.FALLOC_FL_KEEP_SIZE);
      return;
    case EFFECT.seek:
      seek(fileOf(process, first, event), first, event, ret);
      return;
    case EFFECT.truncate:
      if (event.fd === undefined) touchPath(process, first, event.path);
      else fileOf(process, first, event);
      first.offset = place(event.length);
      if (ret === 0) first.size = first.offset;
      return;
    case EFFECT.open:
      open(process, touches, event, ret);
      return;
    case EFFECT.close:
      fileOf(process, first, event);
      // Linux frees the descriptor whatever else goes wrong (close(2), NOTES).
      if (event.ret !== null && event.fd !== undefined && event.errno !== 'EBADF')
        closeFile(process.table, event.fd);
      return;
    case EFFECT.closeRange:
      if (ret === 0 && !hasFlag(event.flags, FLAG.CLOSE_RANGE_CLOEXEC))
        closeRange(process.table, event.fd ?? 0, event.lastfd ?? event.fd ?? -1);
      return;
    case EFFECT.dup:
      duplicate(process, fileOf(process, first, event), event, ret, true);
      return;
    case EFFECT.dupTo:
      fileOf(process, first, event);
      if (ret !== event.fd) duplicate(process, first.file, event, ret, !hasFlag(event.flags, FLAG.O_CLOEXEC));
      return;
    case EFFECT.control:
      control(process, fileOf(process, first, event), event, ret);
      return;
    case EFFECT.fork:
      if (ret > 0) inherit(processes, process, ret, hasFlag(event.flags, FLAG.CLONE_FILES), event.ts);
      return;
    case EFFECT.exec:
      touchPath(process, first, event.path, event.dirfd, event.dirpath);
      if (ret === 0) dropOnExec(process);
      return;
    case EFFECT.socket:
      first.file = make(process, ret, 'socket', event.retpath ?? null, event.flags);
      if (event.fd !== undefined) fileOfKind(process, first, event, ret, 'socket');
      return;
    case EFFECT.epoll:
      first.file = make(process, ret, 'epoll', event.retpath ?? null, event.flags);
      return;
    case EFFECT.anonymous:
      first.file = make(process, ret, 'other', event.retpath ?? null, event.flags);
      return;
    case EFFECT.pipe:
    case EFFECT.socketPair:
      if (ret !== 0) return;
      first.file = make(process, event.fd ?? -1, madeBy(effect), event.path ?? null, event.flags);
      make(process, event.newfd ?? -1, madeBy(effect), event.newpath ?? null, event.flags);
      return;
    case EFFECT.onSocket:
      fileOfKind(process, first, event, ret, 'socket');
      return;
    case EFFECT.onEpoll:
      fileOfKind(process, first, event, ret, 'epoll');
      return;
    case EFFECT.copy:
      copy(process, touches, event, ret);
      return;
    case EFFECT.chdir:
      if (event.fd === undefined) touchPath(process, first, event.path);
      else fileOf(process, first, event);
      if (ret === 0) process.cwd = absolute(first.file?.path ?? first.path);
      return;
    case EFFECT.twoPaths:
      touchPath(process, first, event.path, event.dirfd, event.dirpath);
      touchPath(process, second, event.newpath, event.newdirfd, event.newdirpath);
      return;
    case EFFECT.path:
      touchPath(process, first, event.path, event.dirfd, event.dirpath);
      return;
    case EFFECT.none:
      if (event.fd !== undefined) fileOf(process, first, event);
      else touchPath(process, first, event.path, event.dirfd, event.dirpath);
      if (event.retpath !== undefined && ret >= 0)
        setFile(process.table, ret, createFile(event.retpath, -1), null);
      return;
  }
}

/** What a process was doing at a moment: nothing of it has happened yet. */
function sample(process: Process, touch: Touch, event: CallArguments, effect: Effect): void {
  if (event.fd === undefined) {
    touchPath(process, touch, event.path, event.dirfd, event.dirpath);
    return;
  }
  const file = fileOf(process, touch, event);
  if (effect === EFFECT.read || effect === EFFECT.write) {
    // What moved the descriptor since the last sample was not seen: where it stands, the sample itself says.
    touch.offset = file === null || (file.append && effect === EFFECT.write) ? -1 : place(event.offset);
    touch.length = place(event.length);
  } else if (effect !== EFFECT.seek) {
    range(touch, event);
  }
}

function madeBy(effect: Effect): OpenFile['made'] {
  return effect === EFFECT.pipe ? 'pipe' : 'socket';
}

function absolute(path: string | null): string | null {
  return path?.startsWith('/') ? path : null;
}
