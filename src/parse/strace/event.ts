/** What was read of a call, as its event. */
import type { SyscallEvent } from '../../event/types.js';
import type { Slots } from './arguments.js';
import type { Call } from './call.js';
import type { Process } from './process.js';
import type { Result } from './result.js';

/**
 * The event of a finished call; `args` instead of the slots where the arguments were not decoded.
 *
 * The calls of a server at work are made in one piece: adding the keys one by one costs more than reading the line.
 */
export function finishedCall(
  ts: number | null,
  process: Process,
  call: Call,
  slots: Slots,
  result: Result,
  args: string[] | null,
): SyscallEvent {
  const { path } = slots;
  const { ret, dur } = result;
  const plain =
    args === null &&
    path !== undefined &&
    slots.deleted === undefined &&
    dur !== undefined &&
    result.errno === undefined &&
    result.retpath === undefined &&
    process.comm === undefined;
  if (plain) {
    const { pid } = process;
    const { offset, length, whence } = slots;
    const fd = slots.fd!;
    switch (call.shape) {
      case 'fd offset length':
        if (offset === undefined || length === undefined) break;
        return { type: 'syscall', ts, pid, call: call.name, fd, path, offset, length, ret, dur };
      case 'fd length':
        if (length === undefined) break;
        return { type: 'syscall', ts, pid, call: call.name, fd, path, length, ret, dur };
      case 'fd offset whence':
        if (offset === undefined || whence === undefined) break;
        return { type: 'syscall', ts, pid, call: call.name, fd, path, offset, whence, ret, dur };
      case 'fd':
        return { type: 'syscall', ts, pid, call: call.name, fd, path, ret, dur };
    }
  }
  const event = newEvent(ts, process, call);
  if (args === null) assign(event, call, slots);
  else event.args = args;
  event.ret = ret;
  if (result.retpath !== undefined) event.retpath = result.retpath;
  if (call.tellsSize && args === null && slots.size !== undefined) event.size = slots.size;
  if (result.errno !== undefined) event.errno = result.errno;
  if (dur !== undefined) event.dur = dur;
  return event;
}

/** The event of a call that has no result: it was under way when the trace or the process ended. */
export function unfinishedCall(
  ts: number | null,
  process: Process,
  call: Call,
  slots: Slots,
  args: string[] | null,
): SyscallEvent {
  const event = newEvent(ts, process, call);
  if (args === null) assign(event, call, slots);
  else event.args = args;
  event.ret = null;
  event.unfinished = true;
  return event;
}

/** The keys before the arguments; `ret` follows them. */
function newEvent(ts: number | null, process: Process, call: Call): SyscallEvent {
  const { pid, comm } = process;
  const event =
    comm === undefined
      ? { type: 'syscall', ts, pid, call: call.name }
      : { type: 'syscall', ts, pid, comm, call: call.name };
  return event as SyscallEvent;
}

/** Gives the event the values that the slots hold, in the contract's order. */
function assign(event: SyscallEvent, call: Call, slots: Slots): void {
  const target = event as unknown as Record<string, unknown>;
  for (const key of call.keys) {
    const value = slots[key];
    if (value !== undefined) target[key] = value;
  }
}
