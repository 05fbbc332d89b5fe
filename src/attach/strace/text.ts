/** One strace's bytes to events. */
import type { Event } from '../../event/types.js';
import type { Dialect } from '../../parse/dialect.js';

const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

export interface TraceText {
  write(chunk: Buffer): Event[];
  /** Bytes are missing here: the line under way is dropped, and with `midLine` what comes up to the next line. */
  cut(midLine: boolean): void;
  /** What was still under way. */
  end(): Event[];
}

export function openTraceText(dialect: Dialect): TraceText {
  let rest: Buffer = NOTHING;
  let skipping = false;
  return {
    write(chunk) {
      const events: Event[] = [];
      const last = chunk.lastIndexOf(NEWLINE);
      if (last === -1) {
        rest = skipping ? NOTHING : Buffer.concat([rest, chunk]);
        return events;
      }
      const block = rest.length === 0 ? chunk : Buffer.concat([rest, chunk.subarray(0, last + 1)]);
      let start = 0;
      for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, start)) {
        if (skipping) skipping = false;
        else dialect.bytes(block, start, end, events);
        start = end + 1;
      }
      rest = chunk.subarray(last + 1);
      return events;
    },
    cut(midLine) {
      rest = NOTHING;
      skipping = midLine;
    },
    end() {
      const events: Event[] = [];
      if (rest.length > 0) dialect.bytes(rest, 0, rest.length, events);
      rest = NOTHING;
      dialect.end(events);
      return events;
    },
  };
}
