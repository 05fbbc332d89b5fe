/** Records to events: each process's entry joined to its exit. */
import type { Event, FdEvent, SyscallEvent } from '../../event/types.js';
import { signalName } from '../../parse/linux/flags.js';
import { buildCall, putResult, signed } from './build.js';
import type { RecordSink } from './merge.js';
import type { Pages } from './page.js';
import type { Proofs } from './proof.js';
import { type Enter, type Exit, type Raw, type Schema, type Signal, shapeOfRaw } from './schema.js';

/** Words of the longest record kept: six arguments of 64 bits behind the common fields and the call's number. */
const KEPT_WORDS = 32;

/** Keeps account of what a CPU lost: `count` events more, -1 where the page does not say. Returns how many. */
export type CountMissed = (cpu: number, count: number) => number;

interface Process {
  pid: number;
  /** The call under way. */
  enter: Enter | null;
  time: number;
  words: Int32Array;
  texts: (string | null)[];
  /** The last signal that kills by default and met no handler. */
  fatal: string | null;
  /** After a loss: the descriptors whose meaning has been asked for since; null where nothing was lost. */
  known: Set<number> | null;
}

export class Joiner implements RecordSink {
  #processes = new Map<number, Process>();
  #last: Process | undefined;
  #schema: Schema;
  #proofs: Proofs;
  /** Seconds since the epoch of a time of the records. */
  #wallClock: (time: number) => number;
  #countMissed: CountMissed;
  #events: Event[] = [];
  /** Until when events of some CPU are missing: a call that began before cannot be joined for certain. */
  #gapEnd = Number.NEGATIVE_INFINITY;

  constructor(schema: Schema, proofs: Proofs, wallClock: (time: number) => number, countMissed: CountMissed) {
    this.#schema = schema;
    this.#proofs = proofs;
    this.#wallClock = wallClock;
    this.#countMissed = countMissed;
  }

  watch(pid: number): void {
    if (!this.#processes.has(pid))
      this.#processes.set(pid, {
        pid,
        enter: null,
        time: 0,
        words: new Int32Array(KEPT_WORDS),
        texts: [],
        fatal: null,
        known: null,
      });
  }

  /** Lets a process go; a call under way is told as unfinished. */
  forget(pid: number): void {
    const process = this.#processes.get(pid);
    if (process === undefined) return;
    this.#abandon(process);
    this.#processes.delete(pid);
    this.#last = undefined;
  }

  /** Tells the calls under way of every process as unfinished. */
  end(): void {
    for (const pid of [...this.#processes.keys()]) this.forget(pid);
  }

  /** The events since the last call, in the order of their ends. */
  takeEvents(): Event[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Whether events have been lost: then some `fd` events may have got no path, and are not to be told. */
  get lossy(): boolean {
    return this.#gapEnd > Number.NEGATIVE_INFINITY;
  }

  record(pages: Pages): void {
    const { type, pid } = this.#schema.common;
    let shape = this.#schema.shapes[pages.u16[(pages.record >> 1) + type]!];
    if (shape?.kind === 'raw')
      shape = shapeOfRaw<Enter | Exit>(
        shape as Raw<Enter | Exit>,
        pages.i32[(pages.record >> 2) + shape.at]!,
      );
    if (shape === undefined) return;
    const owner = pages.i32[(pages.record >> 2) + pid]!;
    if (this.#last?.pid !== owner) this.#last = this.#processes.get(owner);
    const process = this.#last;
    if (process === undefined) return;
    if (shape.kind === 'enter') this.#enter(process, shape, pages);
    else if (shape.kind === 'exit') this.#exit(process, shape, pages);
    else if (shape.kind === 'signal') this.#signal(process, shape, pages);
    else if (shape.kind === 'fork') this.watch(pages.i32[(pages.record >> 2) + shape.child]!);
    else if (shape.kind === 'process exit') this.#processExit(process, pages.time);
  }

  missed(pages: Pages, count: number): void {
    this.#gapEnd = Math.max(this.#gapEnd, pages.time);
    this.#proofs.gap();
    for (const process of this.#processes.values()) process.known = new Set();
    this.#events.push({
      type: 'lost',
      ts: this.#wallClock(pages.time),
      count: this.#countMissed(pages.cpu, count),
      reason: `the kernel's trace buffer of CPU ${pages.cpu} was full`,
    });
  }

  #enter(process: Process, enter: Enter, pages: Pages): void {
    if (process.enter !== null) this.#abandon(process);
    const { i32 } = pages;
    const from = pages.record >> 2;
    const { words } = process;
    const count = Math.min(enter.words, KEPT_WORDS);
    for (let i = 0; i < count; i++) words[i] = i32[from + i]!;
    process.enter = enter;
    process.time = pages.time;
    if (enter.hasText) process.texts = enter.slots.map((slot) => textOf(slot.read, slot.at, pages));
    const { effect } = enter.call;
    if (effect === 'none' || effect === 'opens') return;
    const first = words[enter.slots[0]?.at ?? 0]!;
    const second = words[enter.slots[1]?.at ?? 0]!;
    if (effect === 'closes') this.#proofs.ended(process.pid, first, pages.time);
    else if (effect === 'replaces') this.#proofs.ended(process.pid, second, pages.time);
    else this.#proofs.endedMany(process.pid, pages.time);
  }

  #exit(process: Process, exit: Exit, pages: Pages): void {
    const at = (pages.record >> 2) + exit.at;
    const ret = signed(pages.i32, at, exit.wide);
    const { enter } = process;
    let event: SyscallEvent;
    if (enter !== null && enter.call.name === exit.call.name && process.time > this.#gapEnd) {
      process.enter = null;
      event = buildCall(this.#wallClock(process.time), process.pid, enter, process.words, process.texts, ret);
      event.dur = Math.max(0, pages.time - process.time) / 1e9;
    } else {
      // Its entry was before the trace began, or lost.
      if (enter !== null) this.#abandon(process);
      event = {
        type: 'syscall',
        ts: this.#wallClock(pages.time),
        pid: process.pid,
        call: exit.call.name,
        ret,
      };
      putResult(event, ret);
    }
    // Until its end a gap may hide a close: what a descriptor means can be asked for only after it.
    const asking = pages.time > this.#gapEnd;
    if (asking && process.known !== null) this.#learn(process, process.known, event);
    this.#events.push(event);
    if (asking && exit.call.effect === 'opens' && typeof ret === 'number' && ret >= 0) {
      process.known?.add(ret);
      this.#proofs.opened(process.pid, ret, event);
    }
  }

  /** A descriptor used after a loss may have got another meaning in it: what it means is asked for again. */
  #learn(process: Process, known: Set<number>, event: SyscallEvent): void {
    const { fd } = event;
    if (fd === undefined || fd < 0 || known.has(fd) || event.ret === -1) return;
    known.add(fd);
    if (event.call === 'close') return;
    const told: FdEvent = { type: 'fd', ts: event.ts, pid: process.pid, fd, path: '' };
    this.#events.push(told);
    this.#proofs.opened(process.pid, fd, told);
  }

  #signal(process: Process, shape: Signal, pages: Pages): void {
    const at = pages.record >> 2;
    const signal = signalName(pages.i32[at + shape.signal]!);
    const handled = pages.i32[at + shape.handler] !== 0 || pages.i32[at + shape.handler + 1] !== 0;
    if (!handled || signal === 'SIGKILL') process.fatal = signal;
    this.#events.push({ type: 'signal', ts: this.#wallClock(pages.time), pid: process.pid, signal });
  }

  #processExit(process: Process, time: number): void {
    const { enter, words, pid } = process;
    this.#proofs.endedMany(pid, time);
    const exiting = enter !== null && (enter.call.name === 'exit_group' || enter.call.name === 'exit');
    const status = exiting ? words[enter.slots[0]?.at ?? 0]! & 0xff : null;
    this.forget(pid);
    const event: Event = { type: 'exit', ts: this.#wallClock(time), pid, status };
    if (status === null && process.fatal !== null) event.signal = process.fatal;
    this.#events.push(event);
  }

  #abandon(process: Process): void {
    const { enter } = process;
    if (enter === null) return;
    process.enter = null;
    const event = buildCall(
      this.#wallClock(process.time),
      process.pid,
      enter,
      process.words,
      process.texts,
      null,
    );
    if (enter.call.name !== 'exit_group' && enter.call.name !== 'exit') event.unfinished = true;
    this.#events.push(event);
  }
}

/** What a __data_loc word of the record names: its length in the high half, its place in the low one. */
function textOf(read: unknown, at: number, pages: Pages): string | null {
  if (read !== 'text' || at < 0) return null;
  const word = pages.i32[(pages.record >> 2) + at]!;
  const start = pages.record + (word & 0xffff);
  const end = Math.min(start + (word >>> 16), pages.recordEnd);
  const zero = pages.bytes.indexOf(0, start);
  return pages.bytes.toString('utf8', start, zero >= start && zero < end ? zero : end);
}
