/**
 * Where a descriptor stood before the first call of a trace. Its position is read while the process works, so
 * the calls traced until then are taken back from it; where that cannot be told, it is left out. Up to
 * PostgreSQL 11 blocks are reached by lseek(2) and read(2), and a wrong position names wrong blocks. Pure.
 */
import type { Event, FdEvent, SyscallEvent } from '../event/types.js';

/** The positions of a process's files at a moment. */
export interface Shot {
  /** Between these times, in seconds since the epoch, the positions were read. */
  from: number;
  to: number;
  /** Whether the process slept in one call before and after. */
  blocked: boolean;
  /** The descriptor of the moving call that it was blocked in; null for none. */
  moving: number | null;
  offsets: ReadonlyMap<number, number>;
}

const MOVING: ReadonlySet<string> = new Set(['read', 'write', 'readv', 'writev']);
/** Calls that return a descriptor, beside the fcntl that does. */
const OPENING =
  /^(?:open|openat|openat2|creat|dup|dup2|dup3|accept|accept4|socket|eventfd2?|signalfd4?|timerfd_create|memfd_create|epoll_create1?|inotify_init1?|fcntl)$/;

/** Whether a call may move the position of its `fd`. */
export function moves(call: string): boolean {
  return MOVING.has(call) || call === 'lseek' || call === '_llseek' || call.startsWith('getdents');
}

/**
 * The fd events that stand before `held`, the process's events from the beginning of the trace on. A descriptor
 * that was opened or closed meanwhile is left to the calls that say so.
 */
export function settleFiles(
  files: readonly FdEvent[],
  shots: readonly Shot[],
  held: readonly Event[],
): FdEvent[] {
  const calls = held.filter((event): event is SyscallEvent => event.type === 'syscall');
  return files.flatMap((file) => {
    const touching = calls.filter((call) => touches(call, file.fd));
    if (touching.length === 0) return [file];
    if (touching.some((call) => replaces(call, file.fd) && (call.ts ?? 0) <= file.ts!)) return [];
    const offset = startOf(file.fd, shots, touching, calls);
    const { offset: _, ...rest } = file;
    return [offset === null ? rest : { ...rest, offset }];
  });
}

function touches(call: SyscallEvent, fd: number): boolean {
  return call.fd === fd ? moves(call.call) || replaces(call, fd) : replaces(call, fd);
}

function replaces(call: SyscallEvent, fd: number): boolean {
  if (call.call === 'close') return call.fd === fd;
  if (call.call === 'close_range') return true;
  return call.ret === fd && OPENING.test(call.call);
}

/** The position before the first of `touching`, by a shot that no call disturbed. */
function startOf(
  fd: number,
  shots: readonly Shot[],
  touching: readonly SyscallEvent[],
  calls: readonly SyscallEvent[],
): number | null {
  for (const { from, to, moving, offsets } of shots) {
    let offset = offsets.get(fd);
    if (offset === undefined) continue;
    // A call that began before the trace will never be told, whatever it does to the position.
    if (moving === fd && !calls.some((call) => call.ts !== null && call.ts < from)) continue;
    let certain = true;
    for (const call of touching) {
      if (call.ts === null || call.ts > to) continue;
      const ended = call.ts + (call.dur ?? 0);
      // The call that the process is in has not moved the position yet.
      if (moving === fd && ended >= to) continue;
      if (!MOVING.has(call.call) || typeof call.ret !== 'number' || ended >= from) certain = false;
      else offset -= Math.max(call.ret, 0);
    }
    if (certain && offset >= 0) return offset;
  }
  return null;
}
