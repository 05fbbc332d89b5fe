/** A call that was read, as its event; the keys in the order in which strace's events have them. */
import type { CallArguments, Int, SyscallEvent } from '../event/types.js';

/** What a trace tells of a finished call. */
export interface CallRecord {
  /** Seconds; null where the trace has no times. */
  ts: number | null;
  pid: number | null;
  comm?: string | undefined;
  call: string;
  arguments: CallArguments;
  /** Null where the trace tells none. */
  ret: Int | null;
  retpath?: string | undefined;
  errno?: string | undefined;
  /** Seconds. */
  dur?: number | undefined;
}

export function finishedCall(record: CallRecord): SyscallEvent {
  const { ret, retpath, errno, dur } = record;
  const event = begin(record);
  event.ret = ret;
  if (retpath !== undefined) event.retpath = retpath;
  if (errno !== undefined) event.errno = errno;
  if (dur !== undefined) event.dur = dur;
  return event;
}

/** The event of a call whose end the trace does not have. */
export function unfinishedCall(record: Omit<CallRecord, 'ret'>): SyscallEvent {
  const event = begin(record);
  event.ret = null;
  event.unfinished = true;
  return event;
}

function begin({ ts, pid, comm, call, arguments: values }: Omit<CallRecord, 'ret'>): SyscallEvent {
  const head = comm === undefined ? { ts, pid, call } : { ts, pid, comm, call };
  return { type: 'syscall', ...head, ...values } as SyscallEvent;
}

/**
 * A difference of two times, without the digits that subtracting doubles adds: to nanoseconds, to microseconds, which is
 * what a double holds, where they count from the epoch.
 */
export function difference(later: number, earlier: number): number {
  const scale = earlier < 1e8 ? 1e9 : 1e6;
  return Math.round((later - earlier) * scale) / scale;
}
