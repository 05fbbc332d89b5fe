/** The values that strace's arguments are of: text to numbers, strings and words, kept in `found` and in `read`. */
import type { Int } from '../../event/types.js';
import { read, readInt } from './number.js';
import type { Process } from './process.js';
import { skipArgument, skipString } from './scan.js';
import { unquote } from './unquote.js';

/** In place of a position: the text cannot be such a value. */
export const FOREIGN = -1;

/** What the functions here read last; one object for all values. */
export const found: {
  /** A descriptor, and what the trace says that it is. */
  fd: number;
  path: string | undefined;
  deleted: true | undefined;
  /** Of a directory `fd` is not set. */
  directory: number | 'AT_FDCWD';
  /** Of a quoted string; `undefined` for `NULL` and for an address. */
  string: string | undefined;
  /** Flags and the like, as the trace shows them; the names alone where it shows number and names. */
  word: string;
  /** Of `[8192]`, `[0] => [8192]`; `undefined` for `NULL` and for an address. */
  pointed: Int | undefined;
} = {
  fd: 0,
  path: undefined,
  deleted: undefined,
  directory: 'AT_FDCWD',
  string: undefined,
  word: '',
  pointed: undefined,
};

export function readDescriptor(process: Process, text: string, pos: number, end: number): number {
  let at = readInt(text, pos, end);
  if (at === -1) return FOREIGN;
  // Raw registers (-e raw) show a descriptor, which is an int, as unsigned: 0xffffff9c.
  found.fd = Number(read.value) | 0;
  found.path = undefined;
  found.deleted = undefined;
  at = skipName(text, at, end);
  if (text.charCodeAt(at) !== 60) return at;
  const annotation = process.annotation(found.fd, text, at, end);
  if (annotation === null) return FOREIGN;
  found.path = annotation.path;
  if (annotation.deleted) found.deleted = true;
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

export function readDirectory(process: Process, text: string, pos: number, end: number): number {
  if (!text.startsWith(CWD, pos)) {
    const at = readDescriptor(process, text, pos, end);
    found.directory = found.fd === -100 ? CWD : found.fd;
    return at;
  }
  found.directory = CWD;
  found.path = undefined;
  const at = pos + CWD.length;
  if (text.charCodeAt(at) !== 60) return at;
  const annotation = process.annotation(-1, text, at, end);
  if (annotation === null) return FOREIGN;
  found.path = annotation.path;
  return at + annotation.raw.length;
}

/** A quoted string, `NULL` or an address. */
export function readString(text: string, pos: number, end: number): number {
  found.string = undefined;
  if (text.charCodeAt(pos) !== 34) return isAddress(text, pos) ? skipArgument(text, pos, end) : FOREIGN;
  const after = skipString(text, pos, end);
  if (after === -1) return FOREIGN;
  found.string = unquote(text.slice(pos + 1, after - 1));
  return after;
}

export function isAddress(text: string, pos: number): boolean {
  const code = text.charCodeAt(pos);
  return code === 78 ? text.startsWith('NULL', pos) : code >= 48 && code <= 57;
}

/** An integer, or `NULL` for 0 where strace takes the parameter for an address. */
export function readNumber(text: string, pos: number, end: number): number {
  const at = readInt(text, pos, end);
  if (at !== -1) return at;
  if (!text.startsWith('NULL', pos)) return FOREIGN;
  read.value = 0;
  return pos + 4;
}

/** Flags and the like. */
export function readWord(text: string, pos: number, end: number): number {
  let at = pos;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 44 || code === 41) break;
    if (code === 40 || code === 123 || code === 91 || code === 34 || code === 47) {
      at = skipArgument(text, pos, end);
      break;
    }
  }
  const word = text.slice(pos, at);
  const comment = word.indexOf(' /* ');
  const both = comment !== -1 && word.endsWith(' */') && !word.includes('???');
  found.word = both ? word.slice(comment + 4, -3) : word;
  return at;
}

/** The last word, or the name of the number that it is. */
export function named(names: readonly string[] | ReadonlyMap<number, string>): string {
  const { word } = found;
  const code = word.charCodeAt(0);
  if (code < 48 || code > 57) return word;
  const number = Number(word);
  return (names instanceof Map ? names.get(number) : (names as readonly string[])[number]) ?? word;
}

/** `[8192]`, `[0] => [8192]`, `NULL`, or an address. */
export function readPointed(text: string, pos: number, end: number): number {
  found.pointed = undefined;
  if (text.charCodeAt(pos) === 91) {
    if (readInt(text, pos + 1, end) === -1) return FOREIGN;
    found.pointed = read.value;
  } else if (!isAddress(text, pos)) return FOREIGN;
  return skipArgument(text, pos, end);
}

/** The value of a structure's member, as text. */
export function member(name: string, text: string, pos: number, end: number): string | undefined {
  const key = `${name}=`;
  for (let at = text.indexOf(key, pos); at !== -1 && at < end; at = text.indexOf(key, at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === 123 || before === 32)
      return text.slice(at + key.length, skipArgument(text, at + key.length, end));
  }
  return undefined;
}
