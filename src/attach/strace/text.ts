/** One strace's bytes to events. */
import type { Event } from '../../event/types.js';
import type { Dialect } from '../../parse/dialect.js';

export interface TraceText {
  write(chunk: Buffer): Event[];
  /** Bytes are missing here: the line under way is dropped, and with `midLine` what comes up to the next line. */
  cut(midLine: boolean): void;
  /** What was still under way. */
  end(): Event[];
}

export function openTraceText(dialect: Dialect): TraceText {
  let rest = '';
  let skipping = false;
  return {
    write(chunk) {
      const events: Event[] = [];
      // strace escapes every byte that is not printable ASCII, so a byte is a character.
      const text = rest + chunk.toString('latin1');
      let start = 0;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        if (skipping) skipping = false;
        else dialect.line(text, start, end, events);
        start = end + 1;
      }
      rest = skipping ? '' : text.slice(start);
      return events;
    },
    cut(midLine) {
      rest = '';
      skipping = midLine;
    },
    end() {
      const events: Event[] = [];
      if (rest !== '') dialect.line(rest, 0, rest.length, events);
      rest = '';
      dialect.end(events);
      return events;
    },
  };
}
