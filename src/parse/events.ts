/** A trace's lines to events, led by the event that says what they are. */
import type { Event, TraceEvent } from '../event/types.js';
import { SCHEMA } from '../event/types.js';
import type { Stage } from '../stream/stage.js';
import type { Dialect } from './dialect.js';

const NEWLINE = 10;

/** The stage from blocks of whole lines (stream/lines.ts) to events; the hot path. */
export function readBlocks(dialect: Dialect): Stage<Buffer[], Event[]> {
  return {
    write(blocks) {
      const events: Event[] = [];
      for (const block of blocks) {
        let start = 0;
        for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, start)) {
          dialect.bytes(block, start, end, events);
          start = end + 1;
        }
      }
      dialect.pause?.(events);
      return events;
    },
    end: () => rest(dialect),
  };
}

/** The stage from lines to events. */
export function readLines(dialect: Dialect): Stage<string[], Event[]> {
  return {
    write(lines) {
      const events: Event[] = [];
      for (const line of lines) dialect.line(line, events);
      dialect.pause?.(events);
      return events;
    },
    end: () => rest(dialect),
  };
}

function rest(dialect: Dialect): Event[] {
  const events: Event[] = [];
  dialect.end(events);
  return events;
}

/** The event that says what follows. It tells the clock, so a line must have told it before. */
export function traceEvent(
  dialect: Dialect,
  what: Omit<TraceEvent, 'type' | 'schema' | 'clock'>,
): TraceEvent {
  return { type: 'trace', schema: SCHEMA, ...what, clock: dialect.clock ?? 'none' };
}

/** Events that wait for the first line that tells what the times count; more do not wait. */
const MOST_HELD = 1000;

/** A stage's events behind a first one, which is made when a first line told what there is to say. */
export function led<I>(stage: Stage<I, Event[]>, dialect: Dialect, first: () => Event): Stage<I, Event[]> {
  let held: Event[] | null = [];
  const lead = (events: Event[], last: boolean): Event[] => {
    if (held === null) return events;
    for (const event of events) held.push(event);
    if (!last && dialect.clock === undefined && held.length < MOST_HELD) return [];
    const all = [first(), ...held];
    held = null;
    return all;
  };
  return { write: (batch) => lead(stage.write(batch), false), end: () => lead(stage.end(), true) };
}
