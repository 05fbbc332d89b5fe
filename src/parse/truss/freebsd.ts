/** The dialect of FreeBSD's truss(1) (usr.bin/truss: syscalls.c, print_syscall_ret(); setup.c, print_line_prefix()). */
import type { Event } from '../../event/types.js';
import { decodeArguments } from '../arguments.js';
import { plainName } from '../bsd/names.js';
import { splitArguments } from '../bsd/split.js';
import { bsdSignal, KTRACE } from '../bsd/system.js';
import { difference, finishedCall } from '../callEvent.js';
import { isMonotone } from '../columns.js';
import type { ClockKind, Dialect, DialectOptions } from '../dialect.js';
import { readLong } from '../integer.js';
import { lineDialect } from '../lineDialect.js';

/** `  501 100123: 0.001234567 0.000012345 `: -f the process, -H the thread, -d when the call ended, -D how long it took. */
const PREFIX = /^(?: *(\d+)(?: +(\d+))?: )?((?:\d+\.\d{9} ){0,2})/;

const CALL = /^(\w+)\((.*)\)[\t ]*(?: = (-?\w+) \(0x[0-9a-f]+\)| ERR#(\d+) '.*'| (ERESTART|EJUSTRETURN))$/s;
/** exit(2), and a thread's: they do not return. */
const ENDLESS = /^(\w+)\((.*)\)[\t ]*$/s;
const SIGNAL = /^SIGNAL (\d+) \((\w+)\)(?: (.*))?$/;
const EXIT = /^process exit, rval = (\d+)$/;
const KILLED = /^process killed, signal = (\d+)( \(core dumped\))?$/;
/** Births, and the table of -c. */
const REMARK =
  /^(?:<(?:new process|new thread|thread \d+ (?:created|exited|exit)|\d+ thread exited)[^>]*>|\s*|syscall +seconds +calls +errors|\w+ +\d+\.\d+ +\d+ +\d+|[ -]*-{3}[ -]*|[ ]+\d+\.\d+ +\d+ +\d+)$/;

export function openFreeBsdTruss(options: DialectOptions): Dialect {
  let clock: ClockKind | undefined;
  const single = singleColumn(options.head ?? []);

  function read(line: string, out: Event[]): boolean {
    const [before, first, , times] = PREFIX.exec(line)!;
    const rest = line.slice(before.length);
    const numbers = times!.split(' ').slice(0, -1).map(Number);
    const ended = numbers.length === 2 || single === 'end' ? numbers[0] : undefined;
    const dur = numbers.length === 2 ? numbers[1] : single === 'duration' ? numbers[0] : undefined;
    const pid = first === undefined || !isProcess(before) ? options.pid : Number(first);
    const said = readRest(rest, { ended, pid, dur });
    if (said === null) return REMARK.test(rest);
    clock ??= ended === undefined ? 'none' : 'relative';
    out.push(said);
    return true;
  }

  return lineDialect('freebsd-truss', options, {
    get clock() {
      return clock;
    },
    read,
    end: () => undefined,
  });
}

/** The process is printed in five columns, a thread, of -H without -f, in six: from 100000 on. */
function isProcess(before: string): boolean {
  const [, first = '', second] = /^( *\d+)(?: +(\d+))?: /.exec(before) ?? [];
  return second !== undefined || first.length <= 5;
}

/** What the one column of times is: the calls' ends, which grow, or durations. */
function singleColumn(head: readonly string[]): 'end' | 'duration' {
  const times = head.flatMap((line) => {
    const numbers = PREFIX.exec(line)?.[3]?.split(' ').slice(0, -1) ?? [];
    return numbers.length === 1 ? [Number(numbers[0])] : [];
  });
  return isMonotone(times) ? 'end' : 'duration';
}

interface At {
  /** When the line was printed: a call had ended. */
  ended: number | undefined;
  pid: number | null;
  dur: number | undefined;
}

function readRest(text: string, { ended, pid, dur }: At): Event | null {
  const ts = ended ?? null;
  const [, name, args, value, error, again] = CALL.exec(text) ?? ENDLESS.exec(text) ?? [];
  if (name !== undefined) {
    const call = plainName(name);
    // An execve that worked returns to another program.
    const executed = call === 'execve' && again === 'EJUSTRETURN';
    return finishedCall({
      ts: ended === undefined ? null : difference(ended, dur ?? 0),
      pid,
      call,
      arguments: decodeArguments(call, splitArguments(call, args!), KTRACE, QUOTING),
      ret: error !== undefined ? -1 : executed ? 0 : (readLong(value ?? '') ?? null),
      errno: error !== undefined ? KTRACE.errno(Number(error)) : again === 'ERESTART' ? again : undefined,
      dur,
    });
  }
  const signal = SIGNAL.exec(text);
  if (signal !== null) {
    const info = signal[3] === undefined ? {} : { info: signal[3] };
    return { type: 'signal', ts, pid, signal: signal[2] === '?' ? signal[1]! : signal[2]!, ...info };
  }
  const exit = EXIT.exec(text);
  if (exit !== null) return { type: 'exit', ts, pid, status: Number(exit[1]) };
  const killed = KILLED.exec(text);
  if (killed === null) return null;
  const core = killed[2] === undefined ? {} : { core: true as const };
  return { type: 'exit', ts, pid, status: null, signal: bsdSignal(Number(killed[1])), ...core };
}

/** Paths stand as they are (truss's Name); data is left out. */
const QUOTING = { unquote: (inside: string) => inside };
