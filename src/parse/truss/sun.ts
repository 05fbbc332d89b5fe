/** The dialect of truss(1) of Solaris and illumos (usr/src/cmd/truss: actions.c, print.c, main.c). */
import type { Event } from '../../event/types.js';
import { decodeArguments } from '../arguments.js';
import { plainName } from '../bsd/names.js';
import { splitArguments } from '../bsd/split.js';
import { SUN } from '../bsd/system.js';
import { difference, finishedCall, unfinishedCall } from '../callEvent.js';
import { isMonotone } from '../columns.js';
import type { ClockKind, Dialect, DialectOptions } from '../dialect.js';
import { readLong } from '../integer.js';
import { lineDialect } from '../lineDialect.js';
import { unquote } from '../strace/unquote.js';
import { Waiting } from '../waiting.js';

/** `3820/2@3:\t\t`: process (-f), light-weight process (-l) and thread. */
const WHO = /^(?:(\d+)?(?:\/(\d+))?(?:@\d+)?:\t+)?/;
/** `%2d.%4.4d\t`, up to three: -d since the beginning, -D since the last, -E how long the call took. */
const TIMES = /^(?: *\d+\.\d{4}\t){0,3}/;
const BASE = /^Base time stamp: +(\d+\.\d+) /;

const CALL =
  /^(\w+)\((.*)\)(?:[\t ]*\((?:returning as [^)]*)\))?[\t ]+(?:= (-?\w+)(?: \[.*\])?|Err#(\d+)(?: ([A-Z]\w*))?.*)$/s;
const SLEEPS = /^(\w+)\((.*)\)[\t ]+\((?:sleeping|waiting for child to exit\(\)\/exec\(\))\.\.\.\)$/s;
/** execve that worked, and what does not return. */
const ENDLESS = /^(\w+)\((.*)\)(?: {2}argc = \d+|[\t ]*)$/s;
const SIGNAL = /^ {4}(Received|Stopped by|Continued with) signal #\d+, (\w+)(.*)$/;
/** Faults, siginfo, the buffers of -r and -w, the structures of -v, the arguments of -a, the table of -c. */
const REMARK =
  /^(?:\s+\S.*|\s*| ?(?:argv|envp):.*|\t?\*\*\* .*|syscall +seconds.*|[\w.]+ +\.?\d.*|.*-{8}.*)$/;

interface Begun {
  ts: number | null;
  pid: number | null;
  call: string;
  args: string[];
}

export function openSunTruss(options: DialectOptions): Dialect {
  const waiting = new Waiting<Begun>();
  const columns = columnsOf(options.head ?? []);
  let clock: ClockKind | undefined;
  let base = 0;

  function read(line: string, out: Event[]): boolean {
    const started = BASE.exec(line);
    if (started !== null) {
      base = Number(started[1]);
      clock = 'realtime';
      return true;
    }
    const [who, process, lwp] = WHO.exec(line)!;
    const stamps = TIMES.exec(line.slice(who.length))![0];
    const rest = line.slice(who.length + stamps.length);
    const numbers = stamps.split('\t').slice(0, -1).map(Number);
    const ended = columns.since === -1 ? undefined : numbers[columns.since];
    const dur = columns.spent === -1 ? undefined : numbers[columns.spent];
    const ts = ended === undefined ? null : Math.round((base + difference(ended, dur ?? 0)) * 1e4) / 1e4;
    const pid = process === undefined ? options.pid : Number(process);
    const thread = Number(process ?? 0) * 2 ** 20 + Number(lwp ?? 0);
    if (!take(rest, thread, { ts, pid, dur }, out)) return REMARK.test(rest);
    clock ??= ended === undefined ? 'none' : 'relative';
    return true;
  }

  function take(
    text: string,
    thread: number,
    at: Omit<Begun, 'call' | 'args'> & { dur: number | undefined },
    out: Event[],
  ) {
    const { ts, pid, dur } = at;
    const sleeps = SLEEPS.exec(text);
    if (sleeps !== null) {
      const [call, args] = readCall(sleeps[1]!, sleeps[2]!);
      const given = waiting.add(thread, { ts, pid, call, args });
      if (given !== undefined) out.push(unfinished(given));
      return true;
    }
    const [, name, inside, value, error, errno] = CALL.exec(text) ?? ENDLESS.exec(text) ?? [];
    if (name !== undefined) {
      const [call, args] = readCall(name, inside!);
      const isChild = text.includes('(returning as child ...)');
      const begun = waiting.take(thread);
      if (begun !== undefined && begun.call !== call) out.push(unfinished(begun));
      const executed = call === 'execve' && value === undefined;
      out.push(
        finishedCall({
          ts: begun?.call === call ? begun.ts : ts,
          pid,
          call,
          arguments: decodeArguments(call, args, SUN, QUOTING),
          ret: error !== undefined ? -1 : isChild || executed ? 0 : (readLong(octal(value ?? '')) ?? null),
          errno: error === undefined ? undefined : (errno ?? `ERRNO_${error}`),
          dur,
        }),
      );
      return true;
    }
    const signal = SIGNAL.exec(text);
    if (signal === null) return false;
    const info = signal[1] === 'Received' ? signal[3]!.replace(/^[, ]+/, '') : signal[1]!.toLowerCase();
    out.push({ type: 'signal', ts, pid, signal: signal[2]!, ...(info === '' ? {} : { info }) });
    return true;
  }

  return lineDialect('sun-truss', options, {
    get clock() {
      return clock;
    },
    read,
    end(out) {
      for (const begun of waiting.all()) out.push(unfinished(begun));
    },
  });
}

/** fdsync(2) is fsync and fdatasync; the flags of an open file have other names than those of open. */
function readCall(name: string, inside: string): [call: string, args: string[]] {
  const call = plainName(name);
  const args = splitArguments(call, inside);
  if (call === 'fdsync') return [args[1]?.includes('FDSYNC') ? 'fdatasync' : 'fsync', args.slice(0, 1)];
  if (call !== 'fcntl' || args[2] === undefined) return [call, args];
  return [call, [args[0]!, args[1]!, args[2].replace(/\bF(?=APPEND|NONBLOCK|NDELAY|SYNC|DSYNC)/g, 'O_')]];
}

/** umask returns `022`. */
function octal(text: string): string {
  return /^0[0-7]+$/.test(text) ? String(Number.parseInt(text, 8)) : text;
}

function unfinished({ args, ...begun }: Begun): Event {
  return unfinishedCall({ ...begun, arguments: decodeArguments(begun.call, args, SUN, QUOTING) });
}

/**
 * Which columns are when a call ended and how long it took; -1 for none. One that grows is -d's, and the last is
 * -E's where it is not the difference of the lines, which is -D's.
 */
function columnsOf(head: readonly string[]): { since: number; spent: number } {
  const rows = head.flatMap((line) => {
    const stamps = TIMES.exec(line.slice(WHO.exec(line)![0].length))![0];
    const numbers = stamps.split('\t').slice(0, -1).map(Number);
    return numbers.length === 0 ? [] : [numbers];
  });
  const count = rows[0]?.length ?? 0;
  if (count === 0) return { since: -1, spent: -1 };
  if (count === 3) return { since: 0, spent: 2 };
  const since = isMonotone(rows.map((row) => row[0]!)) ? 0 : -1;
  if (count === 1) return { since, spent: -1 };
  const isDelta = rows.every((row, i) => i === 0 || Math.abs(row[0]! - rows[i - 1]![0]! - row[1]!) < 0.00015);
  return { since, spent: isDelta ? -1 : 1 };
}

const QUOTING = { unquote };
