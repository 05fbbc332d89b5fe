/**
 * The dialect of strace(1), versions 4 to 7, with whatever options it ran: lines to events.
 * What it prints is in its src/syscall.c (calls), src/strace.c (prefix, exits), src/signal.c (signals).
 */
import type { Event, SyscallEvent } from '../../event/types.js';
import type { Dialect, DialectOptions, Tally } from '../dialect.js';
import { Slots } from './arguments.js';
import { assign, type Call, CallTable, FOREIGN, readArguments, splitArguments } from './call.js';
import { Clock } from './clock.js';
import { PendingCalls } from './pending.js';
import { Prefix, readPrefix } from './prefix.js';
import { detach, type Process } from './process.js';
import { Processes } from './processes.js';
import { readRemark, SummaryTable } from './remark.js';
import { Result, readResult } from './result.js';

const UNFINISHED = ' <unfinished ...>';
const DETACHED = ' <detached ...>';
const ATTACHED = /(?:\S*strace: )?Process (\d+) attached(?: \(waiting for parent\))?$/;
const COLOUR = /\x1b\[[0-9;]*m/g;

export class Strace implements Dialect {
  readonly tally: Tally = { lines: 0, unparsed: 0, firstUnparsed: 0 };
  private readonly options: DialectOptions;
  private readonly times: Clock;
  private readonly prefix = new Prefix();
  private readonly calls = new CallTable();
  private readonly processes: Processes;
  private readonly pending = new PendingCalls();
  private readonly slots: Slots;
  private readonly result = new Result();
  private readonly table = new SummaryTable();
  /** The start of a line that a message of strace's own broke; the next line goes on with it. */
  private broken = '';

  constructor(options: DialectOptions) {
    this.options = options;
    this.times = new Clock(options.date);
    this.processes = new Processes(options.pid);
    this.slots = new Slots(this.processes.of(null));
  }

  get clock(): 'realtime' | 'relative' | 'none' | undefined {
    return this.times.kind;
  }

  line(text: string, start: number, end: number, out: Event[]): void {
    this.tally.lines++;
    const last = text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    if (this.broken === '' && text.charCodeAt(start) !== 27) this.read(text, start, last, out);
    else {
      const whole = (this.broken + text.slice(start, last)).replace(COLOUR, '');
      this.broken = '';
      this.read(whole, 0, whole.length, out);
    }
  }

  end(out: Event[]): void {
    if (this.broken !== '') this.unparsed(this.broken, 0, this.broken.length, out);
    for (const process of this.pending.processes()) this.giveUp(process, out);
  }

  private read(text: string, start: number, end: number, out: Event[]): void {
    const { prefix } = this;
    const at = readPrefix(prefix, this.times, text, start, end);
    let name = at;
    let code = text.charCodeAt(name);
    while (
      (code >= 97 && code <= 122) ||
      code === 95 ||
      (code >= 48 && code <= 57) ||
      (code >= 65 && code <= 90) ||
      code === 63
    ) {
      code = text.charCodeAt(++name);
    }
    if (code === 40 && name > at && name < end) this.began(text, start, at, name, end, out);
    else if (text.startsWith('<... ', at)) this.resumed(text, start, at, end, out);
    else this.remark(text, start, at, end, out);
  }

  /** A line that begins with a call's name, which stands from `at` to `open`. */
  private began(text: string, start: number, at: number, open: number, end: number, out: Event[]): void {
    const { prefix } = this;
    const process = this.known(out);
    if (prefix.ts === null) this.times.untimed();
    if (process.pending !== null) this.giveUp(process, out);
    const call = this.calls.at(text, at, open);
    if (this.finish(call, process, prefix.ts, text, open + 1, end, text, start, end, out)) return;
    if (text.endsWith(UNFINISHED, end))
      this.wait(process, call, text.slice(at, end - UNFINISHED.length), out);
    else if (text.endsWith(DETACHED, end)) {
      this.emitUnfinished(
        process,
        { name: call.name, head: text.slice(at, end - DETACHED.length), ts: prefix.ts },
        out,
      );
    } else if (/ <pid changed to \d+ \.\.\.>$/.test(text.slice(Math.max(at, end - 40), end))) {
      this.wait(process, call, text.slice(at, text.lastIndexOf(' <pid changed', end)), out);
    } else if (!this.breaks(text, start, end, out)) this.unparsed(text, start, end, out);
  }

  private wait(process: Process, call: Call, head: string, out: Event[]): void {
    const given = this.pending.add(process, { name: call.name, head: detach(head), ts: this.prefix.ts });
    for (const other of given) this.giveUp(other, out);
  }

  /** `<... read resumed>"…", 8192) = 8192`: the rest of what the process left unfinished. */
  private resumed(text: string, start: number, at: number, end: number, out: Event[]): void {
    const { prefix } = this;
    const close = text.indexOf(' resumed>', at);
    if (close === -1 || close >= end) {
      this.unparsed(text, start, end, out);
      return;
    }
    const process = this.known(out);
    if (prefix.ts === null) this.times.untimed();
    const call = this.calls.at(text, at + 5, close);
    const rest = close + 9;
    let began = this.pending.take(process);
    if (began === null && process.pid !== null) began = this.adopt(call.name);
    if (began !== null && began.name !== call.name) {
      this.emitUnfinished(process, began, out);
      began = null;
    }
    if (began === null) {
      if (!this.finishHeadless(call, process, text, rest, end, start, out))
        this.unparsed(text, start, end, out);
      return;
    }
    const tail = text.slice(rest, end);
    const whole = began.head + tail;
    const open = began.name.length + 1;
    if (this.finish(call, process, began.ts, whole, open, whole.length, whole, 0, whole.length, out)) return;
    if (tail.endsWith(UNFINISHED)) {
      this.pending.add(process, { ...began, head: detach(whole.slice(0, -UNFINISHED.length)) });
    } else if (!this.breaks(text, start, end, out)) this.unparsed(text, start, end, out);
    else this.pending.add(process, began);
  }

  /**
   * What waits for a process without a name: on stderr strace names processes only while there are several, so
   * the call that made the second one began without.
   */
  private adopt(name: string): ReturnType<PendingCalls['take']> {
    const nameless = this.processes.of(null);
    return nameless.pending?.name === name ? this.pending.take(nameless) : null;
  }

  /**
   * Makes the event of a call whose arguments begin at `open` in `text`. False where the text has no result.
   * `line` from `start` to `stop` is what `raw` shall show.
   */
  private finish(
    call: Call,
    process: Process,
    ts: number | null,
    text: string,
    open: number,
    end: number,
    line: string,
    start: number,
    stop: number,
    out: Event[],
  ): boolean {
    const { slots, result } = this;
    let args: string[] | null = null;
    let after = FOREIGN;
    if (call.readers !== null) {
      slots.process = process;
      after = readArguments(call, call.readers, slots, text, open, end);
    }
    if (after === FOREIGN) {
      args = [];
      after = splitArguments(args, text, open, end);
    }
    if (after < 0 || !readResult(result, text, after, end, call.returnsProcess)) return false;
    const event = newEvent(ts, process, call);
    if (args === null) assign(event, call, slots);
    else event.args = args.map(withoutUnfinished);
    event.ret = result.ret;
    if (result.retpath !== undefined) event.retpath = result.retpath;
    if (result.errno !== undefined) event.errno = result.errno;
    if (result.dur !== undefined) event.dur = result.dur;
    // `read(0,  <unfinished ...>) = ?`: the process died in the call.
    if (result.ret === null && text.startsWith('<unfinished ...>)', after - 17)) event.unfinished = true;
    if (this.options.raw) event.raw = line.slice(start, stop);
    out.push(event);
    return true;
  }

  /** A call whose beginning the trace does not have: its result only. */
  private finishHeadless(
    call: Call,
    process: Process,
    text: string,
    rest: number,
    end: number,
    start: number,
    out: Event[],
  ): boolean {
    const { result } = this;
    const after = splitArguments([], text, rest, end);
    const from = after < 0 ? rest : after;
    if (!readResult(result, text, from, end, call.returnsProcess)) return false;
    const event = newEvent(this.prefix.ts, process, call);
    event.ret = result.ret;
    if (result.retpath !== undefined) event.retpath = result.retpath;
    if (result.errno !== undefined) event.errno = result.errno;
    if (result.dur !== undefined) event.dur = result.dur;
    if (this.options.raw) event.raw = text.slice(start, end);
    out.push(event);
    return true;
  }

  private giveUp(process: Process, out: Event[]): void {
    const began = this.pending.take(process);
    if (began !== null) this.emitUnfinished(process, began, out);
  }

  /** A call that will have no result. */
  private emitUnfinished(
    process: Process,
    began: { name: string; head: string; ts: number | null },
    out: Event[],
  ): void {
    const { slots } = this;
    const call = this.calls.named(began.name);
    const open = began.name.length + 1;
    const event = newEvent(began.ts, process, call);
    slots.process = process;
    const known =
      call.readers !== null &&
      readArguments(call, call.readers, slots, began.head, open, began.head.length) !== FOREIGN;
    if (known) assign(event, call, slots);
    else {
      event.args = [];
      splitArguments(event.args, began.head, open, began.head.length);
    }
    event.ret = null;
    event.unfinished = true;
    if (this.options.raw) event.raw = began.head;
    out.push(event);
  }

  /** A line that is no call: a signal, an exit, strace's own messages, what -k, -c and -e read= add. */
  private remark(text: string, start: number, at: number, end: number, out: Event[]): void {
    const rest = text.slice(at, end);
    if (this.table.takes(rest)) return;
    const remark = readRemark(rest);
    switch (remark?.kind) {
      case 'nothing':
        return;
      case 'signal': {
        const process = this.known(out);
        const { signal, info } = remark;
        out.push(
          this.withRaw(
            { type: 'signal', ts: this.prefix.ts, pid: process.pid, signal, ...info },
            text,
            start,
            end,
          ),
        );
        return;
      }
      case 'exit': {
        const process = this.known(out);
        this.giveUp(process, out);
        this.processes.gone(process);
        const { kind: _, ...rest } = remark;
        out.push(
          this.withRaw({ type: 'exit', ts: this.prefix.ts, pid: process.pid, ...rest }, text, start, end),
        );
        return;
      }
      case 'superseded':
        this.superseded(remark.by, out);
        return;
      case 'process':
        this.processes.attached(remark.pid);
        out.push({ type: 'process', ts: this.prefix.ts, pid: remark.pid });
        return;
      default:
        if (!this.breaks(text, start, end, out)) this.unparsed(text, start, end, out);
    }
  }

  private withRaw<E extends Event>(event: E, text: string, start: number, end: number): E {
    return this.options.raw ? { ...event, raw: text.slice(start, end) } : event;
  }

  /** A thread's execve gave it the process's pid: what it has under way goes on there, and it is no more. */
  private superseded(by: number, out: Event[]): void {
    const leader = this.known(out);
    const thread = this.processes.of(by);
    this.giveUp(leader, out);
    const began = this.pending.take(thread);
    if (began !== null) this.pending.add(leader, began);
    this.processes.gone(thread);
    out.push({ type: 'exit', ts: this.prefix.ts, pid: by, status: null });
  }

  /**
   * A message of strace's own in the middle of a line, where both go to stderr:
   * `clone(flags=SIGCHLDstrace: Process 3821 attached`, and then `, child_tidptr=0x…) = 3821`.
   */
  private breaks(text: string, start: number, end: number, out: Event[]): boolean {
    const match = ATTACHED.exec(text.slice(Math.max(start, end - 200), end));
    if (match === null) return false;
    const pid = Number(match[1]);
    this.processes.attached(pid);
    out.push({ type: 'process', ts: this.prefix.ts, pid });
    this.broken = detach(text.slice(start, end - match[0].length));
    return true;
  }

  /** The process of the line just read, which a new name makes an event. */
  private known(out: Event[]): Process {
    const { prefix } = this;
    const process = this.processes.ofLine(prefix);
    if (prefix.comm !== undefined && prefix.comm !== process.comm) {
      process.comm = prefix.comm;
      if (process.pid !== null)
        out.push({ type: 'process', ts: prefix.ts, pid: process.pid, comm: prefix.comm });
    }
    return process;
  }

  private unparsed(text: string, start: number, end: number, out: Event[]): void {
    const { tally, options } = this;
    tally.unparsed++;
    if (tally.firstUnparsed === 0) tally.firstUnparsed = tally.lines;
    const { file } = options;
    out.push({
      type: 'unparsed',
      line: tally.lines,
      text: text.slice(start, end),
      ...(file === undefined ? {} : { file }),
    });
  }
}

function newEvent(ts: number | null, process: Process, call: Call): SyscallEvent {
  const event = { type: 'syscall', ts, pid: process.pid, call: call.name } as SyscallEvent;
  if (process.comm === undefined) return event;
  return { type: 'syscall', ts, pid: process.pid, comm: process.comm, call: call.name } as SyscallEvent;
}

function withoutUnfinished(argument: string): string {
  return argument === '<unfinished ...>' ? '' : argument;
}
