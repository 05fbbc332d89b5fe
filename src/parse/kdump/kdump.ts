/**
 * The dialect of kdump(1), which prints what ktrace(1) wrote: usr.bin/kdump/kdump.c of FreeBSD, OpenBSD and NetBSD.
 * A call is several records, CALL, the paths that it looked up (NAMI), and RET, between which those of other
 * processes may stand.
 */
import type { Event } from '../../event/types.js';
import { decodeArguments } from '../arguments.js';
import { plainName } from '../bsd/names.js';
import { KTRACE } from '../bsd/system.js';
import { difference, finishedCall, unfinishedCall } from '../callEvent.js';
import { CALLS } from '../calls.js';
import { isMonotone } from '../columns.js';
import { Comms } from '../comms.js';
import type { ClockKind, Dialect, DialectOptions } from '../dialect.js';
import { readLong } from '../integer.js';
import { lineDialect } from '../lineDialect.js';
import { Waiting } from '../waiting.js';
import { splitCall } from './split.js';

/** `   501 postgres 1795324737.917464 CALL  `; the thread behind the process: ` 501 2` (NetBSD, -H), `501/100123` (OpenBSD -H). */
const HEAD =
  /^ {0,16}(\d{1,10})(?:\/(\d{1,10}))?(?: {1,16}(\d{1,10}))? {1,16}(\S.{0,31}?) {1,20}(?:(-?\d{1,12}\.\d{6,9}) )?(CALL|RET|NAMI|GIO|PSIG|CSW|USER|MISC|STRU|SCTL|CAP|PFLT|PRET|EMUL|ARGS|ARG|ENV|PLDG|STRT|MIB|MMSG|MOOL|SAU|UNKNOWN\(\d+\)) +(?:[LFU](?:64|32|00) {2})?(.*)$/;

/** `pread 8192/0x2000`, `open -1 errno 2 No such file or directory`, `pipe 6, 7`, `select RESTART`. */
const RESULT =
  /^(\S+) (?:-1 errno (-?\d+)(?: .*)?|(-?\w+)(?:\/0x[0-9a-f]+)?(?:, (\d+).*)?|(RESTART|JUSTRETURN))$/;

/** What a GIO, a STRU or an ARGS has on further lines. No record begins with a tab, or with so many blanks. */
const CONTINUED = /^(?:\t| {7}|["*]|\s*$)/;
const NAME = /^"(.*)"$/s;
const SIGNAL = /^(SIG\w+)(?: (.*))?$/;

/** Seconds since the epoch of 1973: less is a time since the first line (-E) or the one before (-R). */
const EPOCH_MIN = 1e8;

interface Begun {
  ts: number | null;
  pid: number;
  comm: string;
  call: string;
  args: string[];
  /** The paths that the call looked up, in their order. */
  paths: string[];
}

interface Entry {
  ts: number | null;
  pid: number;
  thread: number;
  comm: string;
  text: string;
}

export function openKdump(options: DialectOptions): Dialect {
  const waiting = new Waiting<Begun>();
  const comms = new Comms();
  const relative = !isMonotone((options.head ?? []).flatMap(timeOf));
  let clock: ClockKind | undefined;
  let elapsed = 0;

  function read(line: string, out: Event[]): boolean {
    const head = HEAD.exec(line);
    if (head === null) return CONTINUED.test(line);
    const [, pid, slashed, blank, comm, time, kind, text] = head;
    const ts = time === undefined ? null : timeSince(Number(time));
    clock ??= ts === null ? 'none' : Number(time) >= EPOCH_MIN ? 'realtime' : 'relative';
    const thread = Number(pid) * 2 ** 20 + Number(slashed ?? blank ?? 0);
    const record = { ts, pid: Number(pid), thread, comm: comm!, text: text! };
    comms.tell(record.pid, record.comm, ts, out);
    return take(kind!, record, out);
  }

  function timeSince(time: number): number {
    if (!relative) return time;
    elapsed = difference(elapsed + time, 0);
    return elapsed;
  }

  function take(kind: string, record: Entry, out: Event[]): boolean {
    const { ts, pid, thread, comm, text } = record;
    switch (kind) {
      case 'CALL': {
        const { name, args } = splitCall(text);
        const given = waiting.add(thread, { ts, pid, comm, call: plainName(name), args, paths: [] });
        if (given !== undefined) out.push(unfinished(given));
        // They do not return.
        if (name === 'exit' || name === '_exit') end(record, args[0] ?? '0', out);
        return true;
      }
      case 'NAMI': {
        const path = NAME.exec(text)?.[1];
        if (path !== undefined) waiting.peek(thread)?.paths.push(path);
        return path !== undefined;
      }
      case 'RET':
        return finish(record, out);
      case 'PSIG': {
        const [, signal, info] = SIGNAL.exec(text) ?? [];
        if (signal === undefined) return false;
        out.push({ type: 'signal', ts, pid, signal, ...(info === undefined ? {} : { info }) });
        return true;
      }
      default:
        return true;
    }
  }

  function end({ ts, pid, thread }: Entry, status: string, out: Event[]): void {
    const begun = waiting.take(thread);
    if (begun !== undefined) out.push(finishedCall({ ...begun, arguments: argumentsOf(begun), ret: null }));
    const value = readLong(status);
    out.push({ type: 'exit', ts, pid, status: typeof value === 'number' ? value & 255 : null });
  }

  function finish({ ts, pid, thread, comm, text }: Entry, out: Event[]): boolean {
    const [, name, error, value, second, again] = RESULT.exec(text) ?? [];
    if (name === undefined) return false;
    const call = plainName(name);
    let begun = waiting.take(thread);
    if (begun !== undefined && begun.call !== call) {
      out.push(unfinished(begun));
      begun = undefined;
    }
    const isPair = call === 'pipe' && second !== undefined;
    const pair = isPair ? { fd: Number(value), newfd: Number(second) } : {};
    // An execve that worked returns to another program.
    const executed = call === 'execve' && again === 'JUSTRETURN';
    out.push(
      finishedCall({
        ts: begun?.ts ?? ts,
        pid,
        comm,
        call,
        arguments: { ...(begun === undefined ? {} : argumentsOf(begun)), ...pair },
        ret: error !== undefined ? -1 : isPair || executed ? 0 : (readLong(value ?? '') ?? null),
        errno:
          error !== undefined ? KTRACE.errno(Number(error)) : again === 'RESTART' ? 'ERESTART' : undefined,
        dur: begun?.ts == null || ts === null ? undefined : difference(ts, begun.ts),
      }),
    );
    return true;
  }

  return lineDialect('kdump', options, {
    get clock() {
      return clock;
    },
    read,
    end(out) {
      for (const begun of waiting.all()) out.push(unfinished(begun));
    },
  });
}

function timeOf(line: string): number[] {
  const time = HEAD.exec(line)?.[5];
  return time === undefined ? [] : [Number(time)];
}

const QUOTING = { unquote: (inside: string) => inside };

/** The arguments, with the paths that were looked up in the place of their addresses. */
function argumentsOf({ call, args, paths }: Begun) {
  const parameters = CALLS.get(call);
  if (parameters === undefined) return decodeArguments(call, args, KTRACE, QUOTING);
  let next = 0;
  const said = parameters.map((parameter, index) => {
    if (parameter !== 'path' && parameter !== 'newpath') return args[index];
    const path = paths[next++];
    return path === undefined ? undefined : `"${path}"`;
  });
  return decodeArguments(call, said, KTRACE, QUOTING);
}

function unfinished(begun: Begun): Event {
  return unfinishedCall({ ...begun, arguments: argumentsOf(begun) });
}
