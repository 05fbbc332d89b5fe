/** The arguments of a call: one reader a parameter of calls.ts. */
import type { Int } from '../../event/types.js';
import type { Parameter } from '../calls.js';
import { ADVICE, FCNTL, WHENCE } from '../xlat.js';
import { read, readInt } from './number.js';
import type { Process } from './process.js';
import { skipArgument, skipString } from './scan.js';
import {
  FOREIGN,
  found,
  isAddress,
  member,
  named,
  readDescriptor,
  readDirectory,
  readNumber,
  readPointed,
  readString,
  readWord,
} from './values.js';

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
  /** Told after the result: it is no argument, but what the call gave. */
  size: number | undefined;
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

/** `S_IFREG|0644`; `0100644`, which -X verbose adds the names to. */
const REGULAR = /^(?:S_IFREG\||010\d{4}(?!\d))/;

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
    const at = readDescriptor(slots.process, text, pos, end);
    slots.fd = found.fd;
    slots.path = found.path;
    slots.deleted = found.deleted;
    return at;
  },
  newfd(slots, text, pos, end) {
    const at = readDescriptor(slots.process, text, pos, end);
    slots.newfd = found.fd;
    return at;
  },
  lastfd(slots, text, pos, end) {
    const at = readInt(text, pos, end);
    slots.lastfd = Number(read.value) >>> 0;
    return at;
  },
  outfd(slots, text, pos, end) {
    const at = readDescriptor(slots.process, text, pos, end);
    slots.outfd = found.fd;
    slots.outpath = found.path;
    return at;
  },
  dirfd(slots, text, pos, end) {
    const at = readDirectory(slots.process, text, pos, end);
    slots.dirfd = found.directory;
    slots.dirpath = found.path;
    return at;
  },
  newdirfd(slots, text, pos, end) {
    const at = readDirectory(slots.process, text, pos, end);
    slots.newdirfd = found.directory;
    slots.newdirpath = found.path;
    return at;
  },
  path(slots, text, pos, end) {
    const at = readString(text, pos, end);
    slots.path = found.string;
    return at;
  },
  newpath(slots, text, pos, end) {
    const at = readString(text, pos, end);
    slots.newpath = found.string;
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
    slots.offset = found.pointed;
    return at;
  },
  '*outoffset'(slots, text, pos, end) {
    const at = readPointed(text, pos, end);
    slots.outoffset = found.pointed;
    return at;
  },
  whence(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.whence = named(WHENCE);
    return at;
  },
  flags(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.flags = found.word;
    return at;
  },
  mode(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.mode = found.word;
    return at;
  },
  prot(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.prot = found.word;
    return at;
  },
  cmd(slots, text, pos, end) {
    const at = readWord(text, pos, end);
    slots.cmd = found.word;
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
  '*stat'(slots, text, pos, end) {
    const at = skipArgument(text, pos, end);
    const size = REGULAR.test(member('st_mode', text, pos, at) ?? '')
      ? Number(member('st_size', text, pos, at))
      : Number.NaN;
    slots.size = Number.isSafeInteger(size) ? size : undefined;
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
    let at = readDescriptor(slots.process, text, pos + 1, end);
    if (at === FOREIGN || text.charCodeAt(at) !== 44) return FOREIGN;
    slots.fd = found.fd;
    slots.path = found.path;
    at = readDescriptor(slots.process, text, at + 2, end);
    if (at === FOREIGN || text.charCodeAt(at) !== 93) return FOREIGN;
    slots.newfd = found.fd;
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
