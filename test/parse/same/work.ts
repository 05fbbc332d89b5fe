/** A recorded piece of work, as the calls that every system has; and what its parts are called and numbered there. */
import { readFileSync } from 'node:fs';
import type { SyscallEvent } from '../../../src/event/types.js';

export const CASE = 'fixtures/trace/15-lsof';

/** A call's parameters in the order of its manual page, each by the event's key; `buffer` is an address. */
export const ORDER: Readonly<Record<string, readonly string[]>> = {
  openat: ['dirfd', 'path', 'flags', 'mode'],
  read: ['fd', 'buffer', 'length'],
  write: ['fd', 'buffer', 'length'],
  pread64: ['fd', 'buffer', 'length', 'offset'],
  pwrite64: ['fd', 'buffer', 'length', 'offset'],
  lseek: ['fd', 'offset', 'whence'],
  close: ['fd'],
  fsync: ['fd'],
  fdatasync: ['fd'],
  rename: ['path', 'newpath'],
  unlink: ['path'],
  mmap: ['address', 'length', 'prot', 'flags', 'fd', 'offset'],
  clone: [],
};

export type Flags = Readonly<Record<string, number>>;

/** Signed, as the register holds it. */
export function bitsOf(text: string, names: Flags): number {
  return text.split('|').reduce((sum, word) => {
    const bit = names[word];
    if (bit === undefined) throw new Error(`no value for ${word}`);
    return sum | bit;
  }, 0);
}

export const WHENCE: Flags = { SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2 };
export const PROT: Flags = { PROT_NONE: 0, PROT_READ: 1, PROT_WRITE: 2, PROT_EXEC: 4 };

/** The finished calls of the recording that every system has, in the order in which they ended. */
export function readWork(): SyscallEvent[] {
  return readFileSync(`${CASE}.resolved.ndjson`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SyscallEvent)
    .filter(({ type, call, unfinished }) => type === 'syscall' && ORDER[call] !== undefined && !unfinished);
}

export function valueIn(event: SyscallEvent, key: string): string | number {
  const value = (event as unknown as Record<string, string | number | undefined>)[key];
  return value ?? 0;
}

/** Two records a call, at its beginning and its end, in the order of time. */
export function interleave(
  events: readonly SyscallEvent[],
  entry: (event: SyscallEvent) => string[],
  exit: (event: SyscallEvent) => string[],
): string[] {
  const records = events.flatMap((event, index) => [
    { at: event.ts!, rank: index * 2, lines: entry(event) },
    { at: event.ts! + event.dur!, rank: index * 2 + 1, lines: exit(event) },
  ]);
  records.sort((one, other) => one.at - other.at || one.rank - other.rank);
  return records.flatMap(({ lines }) => lines);
}
