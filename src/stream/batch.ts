import { decodeEvent } from '../event/decode.js';
import type { Event } from '../event/types.js';

/** Events with the JSON text of each, without its newline: lines[i] is the text of events[i]. */
export interface EventBatch {
  readonly events: Event[];
  /** Empty where nobody asked for the texts. */
  readonly lines: string[];
}

/** What has been read and not yet handed on. */
export interface Collector {
  readonly wantLines: boolean;
  /** Adds an event known to be one. */
  add(event: Event, text: string): void;
  /** Adds a value if it is an event, else an `unparsed` one of that line. Gives the event, if it was one. */
  check(value: unknown, text: string, line: number): Event | null;
  unparsed(text: string, line: number): void;
  take(): EventBatch;
  /** How many were no events. */
  bad(): number;
}

export function createCollector(wantLines: boolean): Collector {
  let batch: EventBatch = { events: [], lines: [] };
  let bad = 0;

  function add(event: Event, text: string): void {
    batch.events.push(event);
    if (wantLines) batch.lines.push(text);
  }

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

  function take(): EventBatch {
    const taken = batch;
    batch = { events: [], lines: [] };
    return taken;
  }

  return { wantLines, add, check, unparsed, take, bad: () => bad };
}
