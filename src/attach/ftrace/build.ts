/** A joined entry and exit as an event. */
import { endianness } from 'node:os';
import type { Int, SyscallEvent } from '../../event/types.js';
import { errnoName, fdFlags, isRestart, openBits } from '../../parse/linux/flags.js';
import type { Enter, Slot } from './schema.js';

const LITTLE = endianness() === 'LE';
const O_CREAT_OR_TMPFILE = /O_CREAT|O_TMPFILE/;

/** A long as a number, beyond ±2^53 as a string. */
export function signed(words: Int32Array, at: number, wide: boolean): Int {
  if (!wide) return words[at]!;
  const low = words[LITTLE ? at : at + 1]! >>> 0;
  const high = words[LITTLE ? at + 1 : at]!;
  return high === 0 ? low : both(high, low);
}

function unsigned(words: Int32Array, at: number, wide: boolean): Int {
  if (!wide) return words[at]! >>> 0;
  const low = words[LITTLE ? at : at + 1]! >>> 0;
  const high = words[LITTLE ? at + 1 : at]! >>> 0;
  return high === 0 ? low : both(high, low);
}

function both(high: number, low: number): Int {
  const value = high * 2 ** 32 + low;
  return Number.isSafeInteger(value) ? value : String((BigInt(high) << 32n) + BigInt(low));
}

/** The low 32 bits of the argument at `at`: all that an int parameter has. */
function low(words: Int32Array, at: number, wide: boolean): number {
  return words[wide && !LITTLE ? at + 1 : at]!;
}

/** Puts the result, as strace shows it: -1 and a name for a failure, null for a call to be made again. */
export function putResult(event: SyscallEvent, result: Int): void {
  if (typeof result === 'number' && result < 0 && result >= -4095) {
    event.ret = isRestart(-result) ? null : -1;
    event.errno = errnoName(-result);
  }
}

/** A call whose entry was seen; `texts` are what its pointers to text pointed at, by slot. */
export function buildCall(
  ts: number,
  pid: number,
  enter: Enter,
  words: Int32Array,
  texts: readonly (string | null)[],
  ret: Int | null,
): SyscallEvent {
  const { form, slots } = enter;
  if (form === 'transfer') {
    const [fd, , length, offset] = slots as readonly [Slot, Slot, Slot, Slot];
    const event: SyscallEvent = {
      type: 'syscall',
      ts,
      pid,
      call: enter.call.name,
      fd: low(words, fd.at, fd.wide),
      length: unsigned(words, length.at, length.wide),
      offset: signed(words, offset.at, offset.wide),
      ret,
    };
    if (ret !== null) putResult(event, ret);
    return event;
  }
  // `ret` is put last, as in a line of strace.
  const event = { type: 'syscall', ts, pid, call: enter.call.name } as SyscallEvent;
  const into = event as unknown as Record<string, unknown>;
  if (enter.call.args === null) {
    if (enter.slots.length > 0) event.args = enter.slots.map((slot) => rawWord(words, slot.at, slot.wide));
  } else {
    for (let i = 0; i < slots.length; i++) {
      const { key, read, at, wide } = slots[i]!;
      if (read === 'skip') continue;
      if (read === 'int') into[key] = low(words, at, wide);
      else if (read === 'unsigned') into[key] = unsigned(words, at, wide);
      else if (read === 'signed') into[key] = signed(words, at, wide);
      else if (read === 'dirfd') {
        const fd = low(words, at, wide);
        into[key] = fd === -100 ? 'AT_FDCWD' : fd;
      } else if (read === 'text') {
        const text = texts[i];
        if (text !== null && text !== undefined) into[key] = text;
      } else into[key] = read(low(words, at, wide));
    }
    if (enter.call.name === 'fcntl') putFcntlArgument(event, words, enter);
    else if (event.mode !== undefined && isUncreatingOpen(event)) delete event.mode;
  }
  event.ret = ret;
  if (ret !== null) putResult(event, ret);
  return event;
}

function isUncreatingOpen(event: SyscallEvent): boolean {
  return (event.call === 'openat' || event.call === 'open') && !O_CREAT_OR_TMPFILE.test(event.flags ?? '');
}

function putFcntlArgument(event: SyscallEvent, words: Int32Array, enter: Enter): void {
  const slot = enter.slots[2];
  if (slot === undefined) return;
  const value = low(words, slot.at, slot.wide);
  if (event.cmd === 'F_DUPFD' || event.cmd === 'F_DUPFD_CLOEXEC') event.newfd = value;
  else if (event.cmd === 'F_SETFL') event.flags = openBits(value);
  else if (event.cmd === 'F_SETFD') event.flags = fdFlags(value);
}

function rawWord(words: Int32Array, at: number, wide: boolean): string {
  if (!wide) return `0x${(words[at]! >>> 0).toString(16)}`;
  const low = words[LITTLE ? at : at + 1]! >>> 0;
  const high = words[LITTLE ? at + 1 : at]! >>> 0;
  return `0x${high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0')}`;
}
