/** A text's blocks of lines to events, led by the event that says what they are. */
import type { Event, TraceEvent } from '../event/types.js';
import { SCHEMA } from '../event/types.js';
import type { Stage } from '../stream/stage.js';
import type { Dialect } from './dialect.js';

const NEWLINE = 10;

/** Reads every line of a block of whole lines, each ended by `\n`. */
function readBlock(dialect: Dialect, block: Buffer, out: Event[]): void {
  let start = 0;
  for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, start)) {
    dialect.bytes(block, start, end, out);
    start = end + 1;
  }
}

/** Events that wait for the first line that tells what the times count; more do not wait. */
const MOST_HELD = 1000;

/**
 * The stage from blocks of whole lines (stream/lines.ts) to events. The `trace` event comes first; it says what
 * the times count, so what comes before the first line that tells is held.
 */
export function parse(
  dialect: Dialect,
  trace: Omit<TraceEvent, 'type' | 'schema' | 'clock'>,
): Stage<Buffer[], Event[]> {
  let held: Event[] | null = [];
  const lead = (events: Event[], last: boolean): Event[] => {
    if (held === null) return events;
    for (const event of events) held.push(event);
    if (!last && dialect.clock === undefined && held.length < MOST_HELD) return [];
    const all: Event[] = [
      { type: 'trace', schema: SCHEMA, ...trace, clock: dialect.clock ?? 'none' },
      ...held,
    ];
    held = null;
    return all;
  };
  return {
    write(blocks) {
      const events: Event[] = [];
      for (const block of blocks) readBlock(dialect, block, events);
      return lead(events, false);
    },
    end() {
      const events: Event[] = [];
      dialect.end(events);
      return lead(events, true);
    },
  };
}
