/**
 * The dialect of the kernel's own text of its events syscalls, raw_syscalls, sched_process_exit and signal_deliver:
 * trace and trace_pipe of tracefs, `trace-cmd report`, `perf script`. A call is two records, its entry and its exit.
 */
import type { Event, Int } from '../../event/types.js';
import { decodeArguments } from '../arguments.js';
import { difference, finishedCall, unfinishedCall } from '../callEvent.js';
import { Comms } from '../comms.js';
import type { Dialect, DialectOptions } from '../dialect.js';
import { readLong } from '../integer.js';
import { lineDialect } from '../lineDialect.js';
import { straceName } from '../linux/calls.js';
import { errnoName, isRestart, signalName } from '../linux/flags.js';
import { callNumbers } from '../linux/numbers.js';
import { LINUX } from '../linux/system.js';
import { unquote } from '../strace/unquote.js';
import { Waiting } from '../waiting.js';
import { type Head, readHead, readRecord, type Said } from './line.js';

/** A call whose exit is still to come. */
interface Begun {
  head: Head;
  call: string;
  names: readonly string[];
  values: readonly string[];
}

/** What the writers say of the whole, and the comments of the file `trace`. */
const REMARK = /^(?:#.*|cpus=\d+|version = \d+|CPU \d+ is empty|CPU:\d+ \[.*\]|trace-cmd: .*|\s*)$/;

/** `CPU:0 [LOST 123 EVENTS]` (trace_pipe), `CPU:1 [123 EVENTS DROPPED]` (trace-cmd); without a number where none is known. */
const LOST = /^CPU:\d+ \[(?:LOST(?: (\d+))? EVENTS|(?:(\d+) )?EVENTS DROPPED)\]/;

export function openKernel(options: DialectOptions): Dialect {
  const waiting = new Waiting<Begun>();
  const comms = new Comms();
  const numbers = callNumbers(process.arch);
  let timed = false;
  let last: number | null = null;

  function read(line: string, out: Event[]): boolean {
    const lost = LOST.exec(line);
    if (lost !== null) {
      const count = Number(lost[1] ?? lost[2] ?? 1);
      out.push({ type: 'lost', ts: last, count, reason: 'the buffer of the kernel was full' });
      return true;
    }
    if (REMARK.test(line)) return true;
    const head = readHead(line);
    if (head === null) return false;
    const said = readRecord(head.rest);
    timed = true;
    last = head.ts;
    // A record of another event: whoever traced wanted it, and no call is in it.
    if (said === null) return /^\S+: /.test(head.rest);
    if (head.comm !== undefined) comms.tell(head.tid, head.comm, head.ts, out);
    take(head, said, out);
    return true;
  }

  function take(head: Head, said: Said, out: Event[]): void {
    const { tid, ts } = head;
    switch (said.kind) {
      case 'enter': {
        const call = nameOf(said.call);
        const given = waiting.add(tid, { head, call, names: said.names, values: said.values });
        if (given !== undefined) out.push(unfinished(given));
        break;
      }
      case 'exit':
        finish(head, nameOf(said.call), said.ret, out);
        break;
      case 'death': {
        const begun = waiting.take(tid);
        if (begun !== undefined) out.push(unfinished(begun));
        out.push({ type: 'exit', ts, pid: tid, status: null });
        break;
      }
      case 'signal':
        out.push({ type: 'signal', ts, pid: tid, signal: signalName(said.number) });
    }
  }

  function finish(head: Head, call: string, text: string, out: Event[]): void {
    const { tid, comm } = head;
    const value = readLong(text) ?? null;
    let begun = waiting.take(tid);
    if (begun !== undefined && begun.call !== call) {
      out.push(unfinished(begun));
      begun = undefined;
    }
    const began = begun?.head.ts ?? head.ts;
    out.push(
      finishedCall({
        ts: began,
        pid: tid,
        comm: comm ?? begun?.head.comm,
        call,
        arguments: begun === undefined ? {} : argumentsOf(begun),
        ...resultOf(value),
        dur: begun === undefined ? undefined : difference(head.ts, began),
      }),
    );
  }

  function nameOf(call: string | number): string {
    if (typeof call === 'string') return straceName(call);
    const known = numbers?.get(call);
    // As strace names what it does not know.
    return known === undefined ? `syscall_0x${call.toString(16)}` : straceName(known);
  }

  return lineDialect('kernel', options, {
    get clock() {
      return timed ? 'relative' : undefined;
    },
    read,
    end(out) {
      for (const begun of waiting.all()) out.push(unfinished(begun));
    },
  });
}

const QUOTING = { unquote };

function argumentsOf({ call, names, values }: Begun) {
  // Where clone has its flags depends on the architecture (CONFIG_CLONE_BACKWARDS2).
  const flags = call === 'clone' ? names.indexOf('clone_flags') : -1;
  return decodeArguments(call, flags === -1 ? values : [values[flags]], LINUX, QUOTING);
}

function unfinished(begun: Begun): Event {
  const { head, call } = begun;
  return unfinishedCall({
    ts: head.ts,
    pid: head.tid,
    comm: head.comm,
    call,
    arguments: argumentsOf(begun),
  });
}

function resultOf(value: Int | null): { ret: Int | null; errno?: string } {
  if (typeof value !== 'number' || value >= 0 || value < -4095) return { ret: value };
  return { ret: isRestart(-value) ? null : -1, errno: errnoName(-value) };
}
