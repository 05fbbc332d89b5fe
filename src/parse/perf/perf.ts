/**
 * The dialect of `perf trace` (tools/perf/builtin-trace.c): a line a call, with the kernel's names of the
 * arguments, of which those that are 0 are left out.
 */
import type { Event, Int } from '../../event/types.js';
import { decodeArguments } from '../arguments.js';
import { finishedCall, unfinishedCall } from '../callEvent.js';
import { CALLS, type Parameter, RETURNS_PROCESS } from '../calls.js';
import { Comms } from '../comms.js';
import type { Dialect, DialectOptions } from '../dialect.js';
import { readLong } from '../integer.js';
import { lineDialect } from '../lineDialect.js';
import { straceName } from '../linux/calls.js';
import { LINUX } from '../linux/system.js';
import { unquote } from '../strace/unquote.js';
import { Waiting } from '../waiting.js';
import { KERNEL_NAMES } from './names.js';
import { withPrefix } from './words.js';

/** `  4684456.108 ( 0.404 ms): postgres/3820 `: the process is there where several are traced. */
const PREFIX = /^ *(\?|\d+\.\d+) \( *(?:(\d+\.\d+) ms)? *\): (?:(\S.{0,15}?)?\/(\d+) )? ?(.*)$/;
const CALL = /^(\w+)\((.*)\) *(?: = (.*)| \.\.\.)$/;
const CONTINUED = /^ *\.\.\. \[continued\]: (\w+)\(.*\) *= (.*)$/;
/** `8192`, `-1 ENOENT (No such file or directory)`, `3821 (postgres)`, `0x7f…`, `3</path>`, `?`. */
const RESULT = /^(\?|-?\w+|)(?:<(.*)>)?(?: ([A-Z][A-Z0-9]+)\b.*| \(.*\))?$/;
/** `count: 8192`, `filename: "a, b"`, `fd: 15</a, b>`: a name, and what stands up to the next one. */
const ARGUMENT =
  /(?:, )?(\w+: (?:"(?:[^"\\]|\\.){0,5000}"\.*|\d{1,10}<[^>]{0,5000}>|.)*?)(?=, \w{1,40}: |$)/gy;

/** What is no call: page faults (-F), which are none. */
const OTHER = /^(?:maj|min)fault \[/;

interface Begun {
  ts: number | null;
  pid: number | null;
  comm: string | undefined;
  call: string;
  args: string;
}

export function openPerf(options: DialectOptions): Dialect {
  const waiting = new Waiting<Begun>();
  const comms = new Comms();
  let timed = false;
  let inSummary = false;

  function read(line: string, out: Event[]): boolean {
    const prefix = PREFIX.exec(line);
    if (prefix === null) return remark(line, out);
    const [, time, dur, name, thread, rest] = prefix;
    timed = true;
    const pid = thread === undefined ? options.pid : Number(thread);
    const comm = name === undefined || name.startsWith(':') ? undefined : name;
    const ts = time === '?' ? null : milliseconds(time!);
    if (pid !== null && comm !== undefined) comms.tell(pid, comm, ts, out);
    const spent = dur === undefined ? undefined : milliseconds(dur);
    const continued = CONTINUED.exec(rest!);
    if (continued !== null) {
      const call = straceName(continued[1]!);
      const begun = waiting.take(pid);
      if (begun !== undefined && begun.call !== call) out.push(unfinished(begun));
      const args = begun?.call === call ? begun.args : null;
      return finish({ ts, pid, comm, call, args: '' }, args, continued[2]!, spent, out);
    }
    const [, called, args, result] = CALL.exec(rest!) ?? [];
    if (called === undefined) return OTHER.test(rest!);
    const begun = { ts, pid, comm, call: straceName(called), args: args! };
    if (result !== undefined) return finish(begun, args!, result, spent, out);
    const given = waiting.add(pid, begun);
    if (given !== undefined) out.push(unfinished(given));
    return true;
  }

  /** `args` is null for a call whose beginning the trace does not have. */
  function finish(begun: Begun, args: string | null, text: string, dur: number | undefined, out: Event[]) {
    const { ts, pid, comm, call } = begun;
    const result = RESULT.exec(text);
    if (result === null || (result[1] === '' && !RETURNS_PROCESS.has(call))) return false;
    const [, value, path, errno] = result;
    // Where the result is a process, 0 is none, and nothing is printed.
    const ret: Int | null = value === '' ? 0 : (readLong(value!) ?? null);
    const failed = ret === -1 && errno !== undefined;
    const made = args === null ? {} : argumentsOf(call, args);
    const retpath = RETURNS_PROCESS.has(call) ? undefined : path;
    out.push(
      finishedCall({
        ts,
        pid,
        comm,
        call,
        arguments: made,
        ret,
        retpath,
        errno: failed ? errno : undefined,
        dur,
      }),
    );
    return true;
  }

  /** What stands between the calls: losses, and the tables of -s and -S. */
  function remark(line: string, out: Event[]): boolean {
    const lost = /^LOST (\d+) events!/.exec(line);
    if (lost !== null) out.push({ type: 'lost', ts: null, count: Number(lost[1]), reason: 'perf lost them' });
    if (line.startsWith(' Summary of events:')) inSummary = true;
    return lost !== null || inSummary || line.trim() === '';
  }

  return lineDialect('perf-trace', options, {
    get clock() {
      return timed ? 'relative' : undefined;
    },
    read,
    end(out) {
      for (const begun of waiting.all()) out.push(unfinished(begun));
    },
  });
}

/** Milliseconds of three digits as seconds. */
function milliseconds(text: string): number {
  return Math.round(Number(text) * 1000) / 1e6;
}

const QUOTING = { unquote };

function argumentsOf(call: string, text: string) {
  const parameters = CALLS.get(call);
  const said = separate(text);
  if (parameters === undefined) {
    const values = said.map((argument) => argument.replace(/^\w+: /, ''));
    return decodeArguments(call, values, LINUX, QUOTING);
  }
  const byName = new Map<string, string>();
  for (const argument of said) {
    const colon = argument.indexOf(': ');
    byName.set(argument.slice(0, colon), argument.slice(colon + 2));
  }
  return decodeArguments(call, parameters.map(valueIn(call, byName)), LINUX, QUOTING);
}

function separate(text: string): string[] {
  const said: string[] = [];
  for (const [, argument] of text.matchAll(ARGUMENT)) said.push(argument!);
  return said;
}

/** The value of a parameter; one that was left out is 0. */
function valueIn(call: string, byName: ReadonlyMap<string, string>) {
  const taken = new Set<string>();
  return (parameter: Parameter): string | undefined => {
    const name = KERNEL_NAMES[parameter]?.find((candidate) => byName.has(candidate) && !taken.has(candidate));
    if (name === undefined) return absent(call, parameter, byName);
    const text = byName.get(name)!;
    taken.add(name);
    if (parameter === 'dirfd' || parameter === 'newdirfd') return text.replace(/^(?:AT_FD)?CWD/, 'AT_FDCWD');
    if (parameter === 'path' || parameter === 'newpath') return text.startsWith('"') ? text : undefined;
    return withPrefix(call, parameter, text);
  };
}

function absent(call: string, parameter: Parameter, byName: ReadonlyMap<string, string>): string | undefined {
  if (parameter === 'path' || parameter === 'newpath' || parameter === '-') return undefined;
  // A mapping of no file has the descriptor -1, which is left out as well.
  if (call === 'mmap' && parameter === 'fd' && /\bANON/.test(byName.get('flags') ?? '')) return '-1';
  return '0';
}

function unfinished(begun: Begun): Event {
  return unfinishedCall({ ...begun, arguments: argumentsOf(begun.call, begun.args) });
}
