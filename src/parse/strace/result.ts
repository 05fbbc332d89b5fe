/** What stands behind a call's `)`: `= 8192 <0.000003>`, `= -1 ENOENT (No such file or directory)`, `= ?` … */
import type { Int } from '../../event/types.js';
import { ERRNO } from '../xlat.js';
import { read, readInt, readSeconds } from './number.js';
import { readAnnotation } from './process.js';

export class Result {
  ret: Int | null = null;
  retpath: string | undefined;
  errno: string | undefined;
  /** Seconds. */
  dur: number | undefined;
}

/**
 * Reads the result that begins at `pos`, after the `)`, into `result`. False where the text is none.
 * `returnsProcess` says that a name behind the number is a process's (-Y), not a file's.
 */
export function readResult(
  result: Result,
  text: string,
  pos: number,
  end: number,
  returnsProcess: boolean,
): boolean {
  let at = pos;
  while (text.charCodeAt(at) === 32) at++;
  if (at >= end || text.charCodeAt(at) !== 61) return false;
  at++;
  if (text.charCodeAt(at) === 32) at++;
  result.retpath = undefined;
  result.errno = undefined;
  result.dur = undefined;
  if (text.charCodeAt(at) === 63) {
    result.ret = null;
    at++;
  } else {
    const octal = text.charCodeAt(at) === 48;
    const number = at;
    at = readInt(text, at, end);
    if (at === -1) return false;
    result.ret = read.value;
    if (octal && at - number > 1 && text.charCodeAt(number + 1) !== 120) {
      // umask and its like return a mode, which strace prints in octal.
      result.ret = Number.parseInt(text.slice(number, at), 8);
    }
    if (text.charCodeAt(at) === 60) {
      const annotation = readAnnotation(text, at, end);
      if (annotation === null) return false;
      at += annotation.raw.length;
      if (!returnsProcess) result.retpath = annotation.path;
    }
  }
  if (at >= end) return true;
  if (text.charCodeAt(at) !== 32) return false;
  if (text.charCodeAt(at + 1) === 60 && readDuration(result, text, at + 1, end)) return true;
  readRemarks(result, text, at + 1, end);
  return true;
}

/** `<0.000003>` up to the end of the line. */
function readDuration(result: Result, text: string, pos: number, end: number): boolean {
  if (text.charCodeAt(end - 1) !== 62) return false;
  for (let at = pos + 1; at < end - 1; at++) {
    const code = text.charCodeAt(at);
    if (code !== 46 && (code < 48 || code > 57)) return false;
  }
  result.dur = readSeconds(text, pos + 1, end - 1);
  return true;
}

const ERROR = /^(?:([A-Z][A-Z0-9_]*)(?![a-z0-9_])|\(errno (\d+)\)|(\d+)(?: \/\* ([A-Z0-9_]+) \*\/)?(?= \())/;

/** Between result and duration: the error's name and text, or what a call's decoder adds. */
function readRemarks(result: Result, text: string, pos: number, end: number): void {
  const open = text.lastIndexOf(' <', end - 1);
  if (open >= pos - 1) readDuration(result, text, open + 1, end);
  const failed = result.ret === null || (typeof result.ret === 'number' && result.ret < 0);
  if (!failed) return;
  const match = ERROR.exec(text.slice(pos, Math.min(end, pos + 80)));
  if (match === null) return;
  const [, name, old, number, comment] = match;
  result.errno = name ?? comment ?? errnoName(Number(old ?? number));
}

function errnoName(number: number): string {
  return ERRNO[number] ?? `ERRNO_${number}`;
}
