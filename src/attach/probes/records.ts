/** Records of probes to events: statements and buffer accesses. */
import type { Event } from '../../event/types.js';
import { dataOf } from '../ftrace/data.js';
import type { Pages } from '../ftrace/page.js';
import { Statements, type TextOptions } from '../statement/statements.js';
import { BufferAccesses } from './buffers.js';
import type { ActivityProbe, ProbeShape } from './shape.js';

/** Kernels of 6.4 and thereabouts record this for a text that is not there. */
const FAULT = '(fault)';

/** How long an access waits for what tells a hit from a read, in seconds: a victim's page may have to be written first. */
const PATIENCE = 0.5;

export class ProbeRecords {
  #statements: Statements;
  #buffers = new BufferAccesses();

  constructor(texts: TextOptions) {
    this.#statements = new Statements(texts);
  }

  record(pid: number, ts: number, shape: ProbeShape, pages: Pages, into: Event[]): void {
    const { i32 } = pages;
    const from = pages.record >> 2;
    if (shape.kind === 'lookup') this.#buffers.lookedUp(pid, ts, i32, from + shape.tag, into);
    else if (shape.kind === 'insert') this.#buffers.entered(pid, i32, from + shape.tag);
    else if (shape.kind === 'prefetch')
      this.#buffers.prefetching(pid, i32[from + shape.fork]!, i32[from + shape.block]!);
    else if (shape.kind === 'joining')
      into.push({ type: 'process', ts, pid, role: 'parallel worker', leader: i32[from + shape.leader]! });
    else if (shape.kind === 'activity') this.#activity(pid, ts, shape, pages, into);
  }

  #activity(pid: number, ts: number, shape: ActivityProbe, pages: Pages, into: Event[]): void {
    const at = pages.record >> 2;
    const number = pages.i32[at + shape.state]!;
    const state = shape.states[number] ?? `state ${number}`;
    this.#buffers.calls(pid, 'sendto');
    let text: string | null = null;
    let cut = false;
    if (pages.i32[at + shape.pointer] !== 0 || pages.i32[at + shape.pointer + 1] !== 0) {
      text = dataOf(pages, shape.text);
      if (text === FAULT) text = null;
      cut = text === null;
    }
    this.#statements.report(pid, ts, state, text, cut, into);
  }

  calls(pid: number, call: string): void {
    this.#buffers.calls(pid, call);
  }

  /** The first event that is not to be told yet, at the moment `now`. */
  undecided(now: number): Event | null {
    return this.#buffers.oldestPending(now - PATIENCE);
  }

  lost(): void {
    this.#buffers.lost();
  }

  forget(pid: number): void {
    this.#buffers.forget(pid);
    this.#statements.forget(pid);
  }
}
