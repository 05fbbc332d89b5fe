/** Records of probes to events: statements and buffer accesses. */
import { endianness } from 'node:os';
import type { Event } from '../../event/types.js';
import { dataOf } from '../ftrace/data.js';
import type { Pages } from '../ftrace/page.js';
import { Statements, type TextOptions } from '../statement/statements.js';
import { BufferAccesses } from './buffers.js';
import { LongTexts } from './long-texts.js';
import type { ActivityProbe, ProbeShape } from './shape.js';

const LITTLE = endianness() === 'LE';

/** Kernels of 6.4 and thereabouts record this for a text that is not there. */
const FAULT = '(fault)';

/** How long an access waits for what tells a hit from a read, in seconds: a victim's page may have to be written first. */
const PATIENCE = 0.5;

/** Of a long text at least, in bytes: what is redacted is shorter than what is told. */
const LEAST_LONG = 4096;

export class ProbeRecords {
  readonly longTexts: LongTexts;
  #statements: Statements;
  #buffers = new BufferAccesses();

  constructor(texts: TextOptions) {
    this.#statements = new Statements(texts);
    this.longTexts = new LongTexts(Math.max(LEAST_LONG, texts.length + 1));
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
    const address = addressAt(pages.i32, at + shape.pointer);
    let text = address === 0n ? null : dataOf(pages, shape.text);
    if (text === FAULT) text = null;
    const cut = address !== 0n && text === null;
    this.longTexts.ended(pid, pages.time);
    const event = this.#statements.report(pid, ts, state, text, cut, into);
    if (!cut || event === null || event.text !== undefined) return;
    this.longTexts.begun(pid, address, (found) => {
      const end = found.indexOf(0);
      const known =
        end === -1 ? new TextDecoder().decode(found, { stream: true }) : found.toString('utf8', 0, end);
      this.#statements.putText(event, known, end === -1);
    });
  }

  calls(pid: number, call: string): void {
    this.#buffers.calls(pid, call);
  }

  /** The events that are not to be told yet, at the moment `now`. */
  undecided(now: number): ReadonlySet<Event> {
    return this.#buffers.pending(now - PATIENCE);
  }

  lost(): void {
    this.#buffers.lost();
    this.longTexts.gap();
  }

  /** At `time` a process is gone, or let go. */
  forget(pid: number, time: number): void {
    this.longTexts.ended(pid, time);
    this.#buffers.forget(pid);
    this.#statements.forget(pid);
  }
}

function addressAt(words: Int32Array, at: number): bigint {
  const [low, high] = LITTLE ? [at, at + 1] : [at + 1, at];
  return (BigInt(words[high]! >>> 0) << 32n) | BigInt(words[low]! >>> 0);
}
