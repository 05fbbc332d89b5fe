/** Records to events: each process's entry joined to its exit. */
import type { Event, FdEvent, Int, SyscallEvent } from '../../event/types.js';
import { signalName } from '../../parse/linux/flags.js';
import type { LongTexts } from '../probes/long-texts.js';
import { ProbeRecords } from '../probes/records.js';
import type { ProbeShape } from '../probes/shape.js';
import type { TextOptions } from '../statement/statements.js';
import { buildCall, putResult, signed } from './build.js';
import { dataOf } from './data.js';
import type { RecordSink } from './merge.js';
import type { Pages } from './page.js';
import { KEPT_WORDS, type Process, Processes } from './processes.js';
import type { Proofs } from './proof.js';
import {
  type Enter,
  type Exit,
  type Fork,
  type Raw,
  type Schema,
  type Signal,
  shapeOfRaw,
} from './schema.js';

/** Keeps account of what a CPU lost: `count` events more, -1 where the page does not say. Returns how many. */
export type CountMissed = (cpu: number, count: number) => number;

const NO_TEXTS: readonly (string | null)[] = [];
/** EMFILE and ENFILE: PostgreSQL closes another file and tries again. */
const TRIED_AGAIN = new Set<Int>([-24, -23]);

/** What comes between a probe that tells the path of a file to be opened and the call that opens it. */
const BEFORE_OPEN: ReadonlySet<string> = new Set(
  'close brk mmap munmap mremap mprotect madvise futex'.split(' '),
);

export class Joiner implements RecordSink {
  readonly processes = new Processes();
  #schema: Schema;
  #proofs: Proofs;
  /** Seconds since the epoch of a time of the records. */
  #wallClock: (time: number) => number;
  #countMissed: CountMissed;
  #probes: ProbeRecords;
  /** Until when events of some CPU are missing: a call that began before cannot be joined for certain. */
  #gapEnd = Number.NEGATIVE_INFINITY;

  constructor(
    schema: Schema,
    proofs: Proofs,
    wallClock: (time: number) => number,
    countMissed: CountMissed,
    texts: TextOptions = { length: 1024, redact: false },
  ) {
    this.#probes = new ProbeRecords(texts);
    this.#schema = schema;
    this.#proofs = proofs;
    this.#wallClock = wallClock;
    this.#countMissed = countMissed;
  }

  /** A process that was waiting, or whose fork is still to be read, is not wanted at `now`, in the time of the records. */
  refuse(pid: number, now: number): void {
    this.processes.refuse(pid, now);
    if (this.processes.find(pid) !== undefined) return;
    this.#proofs.forget(pid);
    this.#probes.forget(pid, Number.NEGATIVE_INFINITY);
  }

  get longTexts(): LongTexts {
    return this.#probes.longTexts;
  }

  /** Lets a process go, at `time` of the records; a call under way is told as unfinished. */
  forget(pid: number, time: number): void {
    const process = this.processes.find(pid);
    if (process === undefined) return;
    this.#abandon(process);
    this.#probes.forget(pid, time);
    this.processes.remove(process);
  }

  /** Tells the calls under way of every process as unfinished. */
  end(): void {
    for (const { pid } of this.processes.values()) this.forget(pid, Number.POSITIVE_INFINITY);
  }

  /**
   * The events since the last call, in the order of their ends; at most up to one that what comes next decides.
   * @param now seconds since the epoch, of the newest event that may have been seen.
   */
  takeEvents(now = Number.POSITIVE_INFINITY): Event[] {
    const { events } = this.processes;
    const undecided = this.#probes.undecided(now);
    // Not the oldest one: what a process did while it waited is told behind what is newer.
    const end = undecided.size === 0 ? -1 : events.findIndex((event) => undecided.has(event));
    if (end >= 0) return events.splice(0, end);
    this.processes.events = [];
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
    const process = this.processes.find(owner);
    if (process === undefined) {
      if (shape.kind === 'fork' && this.processes.isParent(owner)) this.#fork(owner, pages, shape);
      return;
    }
    if (shape.kind === 'enter') this.#enter(process, shape, pages);
    else if (shape.kind === 'exit') this.#exit(process, shape, pages);
    else if (shape.kind === 'signal') this.#signal(process, shape, pages);
    else if (shape.kind === 'fork') this.#fork(owner, pages, shape);
    else if (shape.kind === 'process exit') this.#processExit(process, pages.time);
    else if (shape.kind === 'open') {
      process.opening = dataOf(pages, shape.at) || null;
      process.opens = false;
    } else this.#probe(process, shape as ProbeShape, pages);
  }

  missed(pages: Pages, count: number): void {
    this.#gapEnd = Math.max(this.#gapEnd, pages.time);
    this.#proofs.gap();
    this.#probes.lost();
    for (const process of this.processes.values()) {
      process.known = new Set();
      process.opening = null;
      process.opens = false;
    }
    this.processes.events.push({
      type: 'lost',
      ts: this.#wallClock(pages.time),
      count: this.#countMissed(pages.cpu, count),
      reason: `the kernel's trace buffer of CPU ${pages.cpu} was full`,
    });
  }

  #fork(parent: number, pages: Pages, { child }: Fork): void {
    this.processes.forked(parent, pages.i32[(pages.record >> 2) + child]!, pages.time);
  }

  #probe(process: Process, shape: ProbeShape, pages: Pages): void {
    const ts = this.#wallClock(pages.time);
    const { processes } = this;
    if (
      shape.kind === 'joining' &&
      processes.judge(process, pages.i32[(pages.record >> 2) + shape.leader]!, ts)
    )
      return;
    this.#probes.record(process.pid, ts, shape, pages, process.waiting ?? processes.events);
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
    this.#probes.calls(process.pid, enter.call.name);
    const { opening } = process;
    if (opening !== null && enter.call.effect === 'opens' && enter.call.name.startsWith('open')) {
      process.texts = enter.slots.map((slot) => (slot.read === 'text' ? opening : null));
      process.opens = true;
    } else {
      // It did not come to the opening.
      if (opening !== null && !BEFORE_OPEN.has(enter.call.name)) process.opening = null;
      process.texts = enter.hasText ? textsOf(enter, pages) : NO_TEXTS;
    }
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
    const told = process.opens;
    if (told) {
      process.opens = false;
      if (!TRIED_AGAIN.has(ret)) process.opening = null;
    }
    if (asking && process.known !== null) this.#learn(process, process.known, event);
    this.processes.tell(process, event);
    if (asking && exit.call.effect === 'opens' && typeof ret === 'number' && ret >= 0) {
      process.known?.add(ret);
      // A path of the cluster's is relative to its directory; how big another file is, its link tells.
      if (!told || event.path?.startsWith('/') === true) this.#proofs.opened(process.pid, ret, event);
    }
  }

  /** A descriptor used after a loss may have got another meaning in it: what it means is asked for again. */
  #learn(process: Process, known: Set<number>, event: SyscallEvent): void {
    const { fd } = event;
    if (fd === undefined || fd < 0 || known.has(fd) || event.ret === -1) return;
    known.add(fd);
    if (event.call === 'close') return;
    const told: FdEvent = { type: 'fd', ts: event.ts, pid: process.pid, fd, path: '' };
    this.processes.tell(process, told);
    this.#proofs.opened(process.pid, fd, told);
  }

  #signal(process: Process, shape: Signal, pages: Pages): void {
    const at = pages.record >> 2;
    const signal = signalName(pages.i32[at + shape.signal]!);
    const handled = pages.i32[at + shape.handler] !== 0 || pages.i32[at + shape.handler + 1] !== 0;
    if (!handled || signal === 'SIGKILL') process.fatal = signal;
    this.processes.tell(process, {
      type: 'signal',
      ts: this.#wallClock(pages.time),
      pid: process.pid,
      signal,
    });
  }

  #processExit(process: Process, time: number): void {
    const { enter, words, pid } = process;
    if (process.waiting !== null && !process.wanted) this.processes.unjudged++;
    this.#proofs.endedMany(pid, time);
    const exiting = enter !== null && (enter.call.name === 'exit_group' || enter.call.name === 'exit');
    const status = exiting ? words[enter.slots[0]?.at ?? 0]! & 0xff : null;
    this.forget(pid, time);
    const event: Event = { type: 'exit', ts: this.#wallClock(time), pid, status };
    if (status === null && process.fatal !== null) event.signal = process.fatal;
    this.processes.tell(process, event);
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
    this.processes.tell(process, event);
  }
}

function textsOf(enter: Enter, pages: Pages): (string | null)[] {
  return enter.slots.map(({ read, at }) => (read === 'text' && at >= 0 ? dataOf(pages, at) : null));
}
