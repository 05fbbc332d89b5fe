/** The arguments of a call: from text to values, one reader a parameter of calls.ts. */
import type { Int } from '../../event/types.js';
import type { Parameter } from '../calls.js';
import { ADVICE, FCNTL, WHENCE } from '../xlat.js';
import { read, readInt } from './number.js';
import type { Process } from './process.js';
import { skipArgument, skipString } from './scan.js';
import { unquote } from './unquote.js';

/** The values read from one call's arguments; `undefined` where the trace does not show them. */
export class Slots {
  fd: number | undefined;
  path: string | undefined;
  deleted: true | undefined;
  dirfd: number | 'AT_FDCWD' | undefined;
  dirpath: string | undefined;
  newdirfd: number | 'AT_FDCWD' | undefined;
  newdirpath: string | undefined;
  newpath: string | undefined;
  newfd: number | undefined;
  lastfd: number | undefined;
  outfd: number | undefined;
  outpath: string | undefined;
  outoffset: Int | undefined;
  offset: Int | undefined;
  length: Int | undefined;
  iovcnt: number | undefined;
  whence: string | undefined;
  flags: string | undefined;
  mode: string | undefined;
  prot: string | undefined;
  cmd: string | undefined;
  advice: string | undefined;
  /** The process that made the call: it remembers the paths of its descriptors. */
  process: Process;

  constructor(process: Process) {
    this.process = process;
  }
}

/**
 * Reads the argument at `pos` into its slot. Gives the position after what it read; `FOREIGN` where the text
 * cannot be this parameter's.
 */
export type ReadArgument = (slots: Slots, text: string, pos: number, end: number) => number;

export const FOREIGN = -1;

/** A descriptor's number and, in `annotation`, what the trace says that it is. */
const descriptor: { fd: number; path: string | undefined; deleted: true | undefined } = {
  fd: 0,
  path: undefined,
  deleted: undefined,
};

function readDescriptor(slots: Slots, text: string, pos: number, end: number): number {
  let at = readInt(text, pos, end);
  if (at === -1) return FOREIGN;
  // Raw registers (-e raw) show a descriptor, which is an int, as unsigned: 0xffffff9c.
  descriptor.fd = Number(read.value) | 0;
  descriptor.path = undefined;
  descriptor.deleted = undefined;
  at = skipName(text, at, end);
  if (text.charCodeAt(at) !== 60) return at;
  const annotation = slots.process.annotation(descriptor.fd, text, at, end);
  if (annotation === null) return FOREIGN;
  descriptor.path = annotation.path;
  if (annotation.deleted) descriptor.deleted = true;
  return at + annotation.raw.length;
}

/** After the ` /* NAME` comment that -X verbose adds to a number. */
function skipName(text: string, pos: number, end: number): number {
  if (text.charCodeAt(pos) !== 32 || text.charCodeAt(pos + 1) !== 47) return pos;
  for (let at = pos + 4; at <= end; at++) {
    if (text.charCodeAt(at - 1) === 47 && text.charCodeAt(at - 2) === 42) return at;
  }
  return end;
}

const CWD = 'AT_FDCWD';

function readDirectory(slots: Slots, text: string, pos: number, end: number): number {
  if (!text.startsWith(CWD, pos)) {
    const at = readDescriptor(slots, text, pos, end);
    directory = descriptor.fd === -100 ? CWD : descriptor.fd;
    return at;
  }
  directory = CWD;
  descriptor.path = undefined;
  const at = pos + CWD.length;
  if (text.charCodeAt(at) !== 60) return at;
  const annotation = slots.process.annotation(-1, text, at, end);
  if (annotation === null) return FOREIGN;
  descriptor.path = annotation.path;
  return at + annotation.raw.length;
}

let directory: number | 'AT_FDCWD' = CWD;

/** A quoted string; `undefined` for `NULL` and for an address. */
let string: string | undefined;

function readString(text: string, pos: number, end: number): number {
  string = undefined;
  if (text.charCodeAt(pos) !== 34) return isAddress(text, pos) ? skipArgument(text, pos, end) : FOREIGN;
  const after = skipString(text, pos, end);
  if (after === -1) return FOREIGN;
  string = unquote(text.slice(pos + 1, after - 1));
  return after;
}

function isAddress(text: string, pos: number): boolean {
  const code = text.charCodeAt(pos);
  return code === 78 ? text.startsWith('NULL', pos) : code >= 48 && code <= 57;
}

/** An integer, or `NULL` for 0 where strace takes the parameter for an address. */
function readNumber(text: string, pos: number, end: number): number {
  const at = readInt(text, pos, end);
  if (at !== -1) return at;
  if (!text.startsWith('NULL', pos)) return FOREIGN;
  read.value = 0;
  return pos + 4;
}

/** Flags and the like, as the trace shows them; the names alone where it shows number and names. */
let word: string = '';

function readWord(text: string, pos: number, end: number): number {
  let at = pos;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 44 || code === 41) break;
    if (code === 40 || code === 123 || code === 91 || code === 34 || code === 47) {
      at = skipArgument(text, pos, end);
      break;
    }
  }
  word = text.slice(pos, at);
  const comment = word.indexOf(' /* ');
  if (comment !== -1 && word.endsWith(' */') && !word.includes('???')) word = word.slice(comment + 4, -3);
  return at;
}

function named(names: readonly string[] | ReadonlyMap<number, string>): string {
  const code = word.charCodeAt(0);
  if (code < 48 || code > 57) return word;
  const number = Number(word);
  return (names instanceof Map ? names.get(number) : (names as readonly string[])[number]) ?? word;
}

/** `[8192]`, `[0] => [8192]`, `NULL`, or an address. */
let pointed: Int | undefined;

function readPointed(text: string, pos: number, end: number): number {
  pointed = undefined;
  if (text.charCodeAt(pos) === 91) {
    if (readInt(text, pos + 1, end) === -1) return FOREIGN;
    pointed = read.value;
  } else if (!isAddress(text, pos)) return FOREIGN;
  return skipArgument(text, pos, end);
}

/** The sum of the numbers before each `}`: `[{iov_base="…", iov_len=8192}]`, before version 4.16 `[{"…", 8192}]`. */
function readVector(slots: Slots, text: string, pos: number, end: number): number {
  slots.length = undefined;
  if (text.charCodeAt(pos) !== 91) return isAddress(text, pos) ? skipArgument(text, pos, end) : FOREIGN;
  const after = skipArgument(text, pos, end);
  let sum = 0;
  for (let at = pos + 1; at < after; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      const close = skipString(text, at, after);
      if (close === -1) return FOREIGN;
      at = close - 1;
    } else if (code === 125) {
      let first = at;
      while (text.charCodeAt(first - 1) >= 48 && text.charCodeAt(first - 1) <= 57) first--;
      sum += Number(text.slice(first, at));
    }
  }
  // strace shows the first 32 elements (or -s many) and then `...`: the sum would be of a part.
  if (!text.endsWith('...]', after)) slots.length = sum;
  return after;
}

/** The value of a structure's member, as text. */
function member(name: string, text: string, pos: number, end: number): string | undefined {
  const key = `${name}=`;
  for (let at = text.indexOf(key, pos); at !== -1 && at < end; at = text.indexOf(key, at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === 123 || before === 32)
      return text.slice(at + key.length, skipArgument(text, at + key.length, end));
  }
  return undefined;
}

const skip: ReadArgument = (_slots, text, pos, end) => {
  if (text.charCodeAt(pos) === 34) {
    const after = skipString(text, pos, end);
    if (after === -1) return FOREIGN;
    const code = text.charCodeAt(after);
    if (code === 44 || code === 41) return after;
    return skipArgument(text, after, end);
  }
  return skipArgument(text, pos, end);
};

export const READERS: Readonly<Record<Parameter, ReadArgument>> = {
  '-': skip,
  fd(slots, text, pos, end) {
    const at = readDescriptor(slots, text, pos, end);
    slots.fd = descriptor.fd;
    slots.path = descriptor.path;
    slots.deleted = descriptor.deleted;
    return at;
  },
  newfd(slots, text, pos, end) {
    const at = readDescriptor(slots, text, pos, end);
    slots.newfd = descriptor.fd;
    return at;
  },
  lastfd(slots, text, pos, end) {
    const at = readInt(text, pos, end);
    slots.lastfd = Number(read.value) >>> 0;
    return at;
  },
  outfd(slots, text, pos, end) {
    const at = readDescriptor(slots, text, pos, end);
    slots.outfd = descriptor.fd;
    slots.outpath = descriptor.path;
    return at;
  },
  dirfd(slots, text, pos, end) {
    const at = readDirectory(slots, text, pos, end);
    slots.dirfd = directory;
    slots.dirpath = descriptor.path;
    return at;
  },
  newdirfd(slots, text, pos, end) {
    const at = readDirectory(slots, text, pos, end);
    slots.newdirfd = directory;
    slots.newdirpath = descriptor.path;
    return at;
  },
  path(slots, text, pos, end) {
    const at = readString(text, pos, end);
    slots.path = string;
    return at;
  },
  newpath(slots, text, pos, end) {
    const at = readString(text, pos, end);
    slots.newpath = string;
    return at;
  },
  offset(slots, text, pos, end) {
    const at = readNumber(text, pos, end);
    slots.offset = read.value;
    return at;
  },
  outoffset(slots, text, pos, end) {
    const at = readNumber(text, pos, end);
    slots.outoffset = read.value;
    return at;
  },
  length(slots, text, pos, end) {
    const at = readNumber(text, pos, end);
    slots.length = read.value;
    return at;
  },
  iovcnt(slots, text, pos, end) {
    const at = readNumber(text, pos, end);
    slots.iovcnt = Number(read.value);
    return at;
  },
  '*offset'(slots, text, pos, end) {
    const at = readPointed(text, pos, end);
    slots.offset = pointed;
    return at;
  },
  '*outoffset'(slots, text, pos, end) {
    const at = readPointed(text, pos, end);
    slots.outoffset = pointed;
    return at;
  },
  whence(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.whence = named(WHENCE);
    return at;
  },
  flags(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.flags = word;
    return at;
  },
  mode(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.mode = word;
    return at;
  },
  prot(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.prot = word;
    return at;
  },
  cmd(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.cmd = word;
    return at;
  },
  advice(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.advice = named(ADVICE);
    return at;
  },
  iov: readVector,
  how(slots, text, pos, end) {
    const at = skipArgument(text, pos, end);
    slots.flags = member('flags', text, pos, at);
    slots.mode = member('mode', text, pos, at);
    return at;
  },
  'flags='(slots, text, pos, end) {
    slots.flags = undefined;
    for (let from = pos; ; from++) {
      while (text.charCodeAt(from) === 32) from++;
      const at = skipArgument(text, from, end);
      if (text.startsWith('flags=', from)) slots.flags = text.slice(from + 6, at);
      if (text.charCodeAt(at) !== 44 || at >= end) return at;
      from = at;
    }
  },
  fds(slots, text, pos, end) {
    if (text.charCodeAt(pos) !== 91) return skipArgument(text, pos, end);
    let at = readDescriptor(slots, text, pos + 1, end);
    if (at === FOREIGN || text.charCodeAt(at) !== 44) return FOREIGN;
    slots.fd = descriptor.fd;
    slots.path = descriptor.path;
    at = readDescriptor(slots, text, at + 2, end);
    if (at === FOREIGN || text.charCodeAt(at) !== 93) return FOREIGN;
    slots.newfd = descriptor.fd;
    return at + 1;
  },
  arg(slots, text, pos, end) {
    const cmd = named(FCNTL);
    slots.cmd = cmd;
    slots.newfd = undefined;
    slots.flags = undefined;
    if (cmd.startsWith('F_DUPFD')) return READERS.newfd(slots, text, pos, end);
    if (cmd === 'F_SETFD' || cmd === 'F_SETFL') return READERS.flags(slots, text, pos, end);
    return skipArgument(text, pos, end);
  },
};
