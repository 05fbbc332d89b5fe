/**
 * The dialect of macOS' dtruss(1m), which is a script of DTrace (opensource-apple/dtrace, DTTk/dtruss): arguments in
 * hexadecimal, strings by DTrace's %S, the call's result as an int and errno behind it.
 */
import type { Event } from '../../event/types.js';
import { decodeArguments } from '../arguments.js';
import { plainName } from '../bsd/names.js';
import { splitArguments } from '../bsd/split.js';
import { DARWIN } from '../bsd/system.js';
import { finishedCall } from '../callEvent.js';
import type { ClockKind, Dialect, DialectOptions } from '../dialect.js';
import { readLong } from '../integer.js';
import { lineDialect } from '../lineDialect.js';
import { unquote } from '../strace/unquote.js';

/** Of the header; which columns there are depends on -d, -e, -o, -f and -l. */
const COLUMNS = ['RELATIVE', 'ELAPSD', 'CPU'] as const;
type Column = (typeof COLUMNS)[number];

const HEADER = /^\s*(?:PID\/\w+\s+)?((?:(?:RELATIVE|ELAPSD|CPU)\s+)*)SYSCALL\(args\)\s+= return\s*$/;

/** `  501/0x1a2b:      1234      12      8 `: what stands before a call. */
const PREFIX = /^ *(?:(\d+)\/(?:0x)?[0-9a-fA-F]+: +)?((?:\d+:? +){0,3})(\w+)\(/;

/** `= 3 0`, `= -1 Err#2`, `= 0x7fff… 0`. */
const RESULT = /\)\t* *= (-?\w+) (?:Err#)?(-?\d+)$/;

/** A user stack (-s), the counts of -c, and what DTrace itself says. */
const REMARK = /^(?:\s*|\s+\S.*|dtrace: (?!\d+ ).*|CALL +COUNT|\w+ +\d+)$/;

const DROPS = /^dtrace: (\d+) .*drops?\b/;

export function openDtruss(options: DialectOptions): Dialect {
  let columns: Column[] | undefined;
  let clock: ClockKind | undefined;

  function read(line: string, out: Event[]): boolean {
    const header = HEADER.exec(line);
    if (header !== null) {
      columns = COLUMNS.filter((column) => header[1]!.includes(column));
      return true;
    }
    const prefix = PREFIX.exec(line);
    if (prefix === null) return remark(line, out);
    const result = RESULT.exec(line);
    if (result === null) return false;
    const [start, pid, numbers, name] = prefix;
    const call = plainName(name!);
    const times = readTimes(numbers!);
    const relative = times.get('RELATIVE');
    const elapsed = times.get('ELAPSD');
    // What -d prints is taken when the call ends.
    const ts = relative === undefined ? null : Math.max(0, relative - (elapsed ?? 0)) / 1e6;
    clock = ts === null ? 'none' : 'relative';
    const args = splitArguments(call, line.slice(start.length, result.index));
    const errno = Number(result[2]);
    const failed = line.slice(result.index).includes('Err#') && errno !== 0;
    out.push(
      finishedCall({
        ts,
        pid: pid === undefined ? options.pid : Number(pid),
        call,
        arguments: decodeArguments(call, args, DARWIN, QUOTING),
        ret: readLong(result[1]!) ?? null,
        errno: failed ? DARWIN.errno(errno) : undefined,
        dur: elapsed === undefined ? undefined : elapsed / 1e6,
      }),
    );
    return true;
  }

  /** Without the header, three columns are all that there can be, and fewer cannot be told apart. */
  function readTimes(text: string): Map<Column, number> {
    const numbers = text.split(/:? +/).flatMap((word) => (word === '' ? [] : [Number(word)]));
    const names = columns ?? (numbers.length === COLUMNS.length ? COLUMNS : []);
    return new Map(
      names.flatMap((name, index) => (numbers[index] === undefined ? [] : [[name, numbers[index]]])),
    );
  }

  return lineDialect('dtruss', options, {
    get clock() {
      return clock;
    },
    read,
    end: () => undefined,
  });
}

function remark(line: string, out: Event[]): boolean {
  const drops = DROPS.exec(line);
  if (drops !== null)
    out.push({ type: 'lost', ts: null, count: Number(drops[1]), reason: 'DTrace dropped them' });
  return drops !== null || REMARK.test(line);
}

const QUOTING = {
  /** `%S` prints the zero that ends a string, and what DTrace's buffer held behind it. */
  unquote: (inside: string) => unquote(inside).split('\0', 1)[0]!,
};
