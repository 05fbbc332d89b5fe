/** What is read goes to its taker, in its order. */
import { decodeEvent } from '../event/decode.js';
import { cast, type Mould, type Values } from '../event/mould.js';
import type { Event } from '../event/types.js';

export interface Taker {
  take(event: Event, text: string): void;
  /** An event like one before, which cast() makes of these: for those who need not have it made. */
  takeLike(mould: Mould, values: Values, text: string): void;
}

/** Events with the JSON text of each, without its newline: lines[i] is the text of events[i]. */
export interface EventBatch {
  readonly events: Event[];
  /** Empty where nobody asked for the texts. */
  readonly lines: string[];
}

export interface Batches extends Taker {
  /** What has been taken since the last time. */
  next(): EventBatch;
}

export function createBatches(wantLines: boolean): Batches {
  let batch: EventBatch = { events: [], lines: [] };

  function take(event: Event, text: string): void {
    batch.events.push(event);
    if (wantLines) batch.lines.push(text);
  }

  function next(): EventBatch {
    const taken = batch;
    batch = { events: [], lines: [] };
    return taken;
  }

  return { take, takeLike: (mould, values, text) => take(cast(mould, values), text), next };
}

/** Checks what is to be an event. */
export interface Checker {
  /** Whether the texts are wanted, too; empty ones will do else. */
  readonly wantLines: boolean;
  readonly taker: Taker;
  /** Hands on a value if it is an event, else an `unparsed` one of that line. Gives the event, if it was one. */
  check(value: unknown, text: string, line: number): Event | null;
  unparsed(text: string, line: number): void;
  /** How many were no events. */
  bad(): number;
}

export function createChecker(taker: Taker, wantLines: boolean): Checker {
  let bad = 0;

  function unparsed(text: string, line: number): void {
    bad++;
    const event: Event = { type: 'unparsed', line, text };
    taker.take(event, wantLines ? JSON.stringify(event) : '');
  }

  function check(value: unknown, text: string, line: number): Event | null {
    const event = decodeEvent(value);
    if (event === null) unparsed(text, line);
    else taker.take(event, text);
    return event;
  }

  return { wantLines, taker, check, unparsed, bad: () => bad };
}
