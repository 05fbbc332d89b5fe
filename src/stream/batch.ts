import { decodeEvent } from '../event/decode.js';
import type { Event } from '../event/types.js';

/** Events with the JSON text of each, without its newline: lines[i] is the text of events[i]. */
export interface EventBatch {
  readonly events: Event[];
  /** Empty where nobody asked for the texts. */
  readonly lines: string[];
}

/** Where events go that were read. */
export interface Collector {
  readonly wantLines: boolean;
  /** Whether an event is done with when `add` returns, so that its object may serve the next one. */
  readonly atOnce: boolean;
  /** Adds an event known to be one. */
  add(event: Event, text: string): void;
  /** Adds a value if it is an event, else an `unparsed` one of that line. Gives the event, if it was one. */
  check(value: unknown, text: string, line: number): Event | null;
  unparsed(text: string, line: number): void;
  /** How many were no events. */
  bad(): number;
}

/** Collects what has been read and not yet handed on. */
export interface BatchCollector extends Collector {
  take(): EventBatch;
}

export function createCollector(wantLines: boolean): BatchCollector {
  let batch: EventBatch = { events: [], lines: [] };

  function add(event: Event, text: string): void {
    batch.events.push(event);
    if (wantLines) batch.lines.push(text);
  }

  function take(): EventBatch {
    const taken = batch;
    batch = { events: [], lines: [] };
    return taken;
  }

  return { wantLines, atOnce: false, ...checking(add, wantLines), take };
}

/** Hands each event on as soon as it is read. */
export function createHandover(visit: (event: Event) => void): Collector {
  return { wantLines: false, atOnce: true, ...checking(visit, false) };
}

function checking(
  add: Collector['add'],
  wantLines: boolean,
): Pick<Collector, 'add' | 'check' | 'unparsed' | 'bad'> {
  let bad = 0;

  function unparsed(text: string, line: number): void {
    bad++;
    const event: Event = { type: 'unparsed', line, text };
    add(event, wantLines ? JSON.stringify(event) : '');
  }

  function check(value: unknown, text: string, line: number): Event | null {
    const event = decodeEvent(value);
    if (event === null) unparsed(text, line);
    else add(event, text);
    return event;
  }

  return { add, check, unparsed, bad: () => bad };
}
