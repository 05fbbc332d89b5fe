/** What stands before a call: process, time, and what -n, -i and --secontext add (printleader() in src/strace.c). */
import type { Clock } from './clock.js';
import { readSeconds } from './number.js';
import { skipAngle } from './scan.js';
import { unquote } from './unquote.js';

/** Linux allows no pid above 2^22 (PID_MAX_LIMIT), so a larger number is a time in seconds. */
const PID_MAX = 4194304;

/** Seconds since the epoch of 1973: less is a time since the line before (-r) that outgrew its six columns. */
const EPOCH_MIN = 1e8;

export class Prefix {
  /** Null where the line names no process. */
  pid: number | null = null;
  comm: string | undefined;
  ts: number | null = null;
  /** The process stood in brackets, as on stderr, where it is only shown while there are several. */
  bracketed = false;
}

/** Reads the prefix of the line at `pos`; gives where the rest begins. */
export function readPrefix(prefix: Prefix, clock: Clock, text: string, pos: number, end: number): number {
  prefix.pid = null;
  prefix.comm = undefined;
  prefix.ts = null;
  prefix.bracketed = false;
  let at = pos;
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) at = readPid(prefix, text, at, end);
  else if (code === 91 && text.startsWith('pid ', at + 1)) at = readBracketedPid(prefix, text, at, end);
  at = skipBrackets(text, at, end);
  at = readTime(prefix, clock, text, at, end);
  return skipBrackets(text, at, end);
}

function readPid(prefix: Prefix, text: string, pos: number, end: number): number {
  let at = pos;
  let number = 0;
  let code = text.charCodeAt(at);
  while (code >= 48 && code <= 57 && at < end) {
    number = number * 10 + (code - 48);
    code = text.charCodeAt(++at);
  }
  if (number > PID_MAX) return pos;
  if (code === 60) {
    const after = skipAngle(text, at, end);
    if (after === -1 || text.charCodeAt(after) !== 32) return pos;
    prefix.comm = unquote(text.slice(at + 1, after - 1));
    at = after;
  } else if (code !== 32) return pos;
  prefix.pid = number;
  // strace pads a pid to five columns and adds a blank; what -r pads its time with belongs to the time.
  while (at < end && text.charCodeAt(at) === 32) at++;
  return at;
}

/** `[pid  3820] ` and `[pid  3820<postgres>] `. */
function readBracketedPid(prefix: Prefix, text: string, pos: number, end: number): number {
  let at = pos + 5;
  while (text.charCodeAt(at) === 32) at++;
  const digits = at;
  let number = 0;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57 && at < end; code = text.charCodeAt(++at)) {
    number = number * 10 + (code - 48);
  }
  if (at === digits || number > PID_MAX) return pos;
  let comm: string | undefined;
  if (text.charCodeAt(at) === 60) {
    const after = skipAngle(text, at, end);
    if (after === -1) return pos;
    comm = unquote(text.slice(at + 1, after - 1));
    at = after;
  }
  if (text.charCodeAt(at) !== 93) return pos;
  prefix.pid = number;
  prefix.comm = comm;
  prefix.bracketed = true;
  at++;
  while (at < end && text.charCodeAt(at) === 32) at++;
  return at;
}

/** Reads the time, if one stands there: `1795324737.917464 `, `12:05:37.917464 `, `     0.000013 `, `(+     0.000013) `. */
function readTime(prefix: Prefix, clock: Clock, text: string, pos: number, end: number): number {
  let start = pos;
  while (text.charCodeAt(start) === 32) start++;
  let at = start;
  let colons = 0;
  let dots = 0;
  let code = text.charCodeAt(at);
  while (at < end && ((code >= 48 && code <= 57) || code === 46 || code === 58)) {
    if (code === 58) colons++;
    else if (code === 46) dots++;
    code = text.charCodeAt(++at);
  }
  if (at === start || code !== 32 || dots > 1) return pos;
  if (colons === 0) {
    const seconds = readSeconds(text, start, at);
    if (seconds >= EPOCH_MIN) {
      prefix.ts = seconds;
      clock.realtime();
    } else prefix.ts = clock.relative(seconds);
  } else {
    const time = secondsOfDay(text.slice(start, at));
    if (time === null) return pos;
    prefix.ts = clock.timeOfDay(time);
  }
  at++;
  if (text.charCodeAt(at) !== 40 || text.charCodeAt(at + 1) !== 43) return at;
  // -r beside -t: the absolute time says it all.
  while (at < end && text.charCodeAt(at) !== 32) at++;
  while (at < end && text.charCodeAt(at) !== 41) at++;
  return at + 2;
}

function secondsOfDay(text: string): number | null {
  const match = /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text);
  return match === null ? null : Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
}

/** After any of `[ 257] ` (-n), `[00007f529e7f0a07] `, `[????????????????] ` (-i) and a security context. */
function skipBrackets(text: string, pos: number, end: number): number {
  let at = pos;
  while (text.charCodeAt(at) === 91 && !text.startsWith(' Process ', at + 1)) {
    let close = at + 1;
    while (close < end && text.charCodeAt(close) !== 93) close++;
    if (text.charCodeAt(close + 1) !== 32) break;
    at = close + 2;
  }
  return at;
}
