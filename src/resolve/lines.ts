/** NDJSON as a stage over bytes: every line comes out, with its `pg` where it is an event that has one. */
import { StringDecoder } from 'node:string_decoder';
import type { Event } from '../event/types.js';
import type { Stage } from '../stream/stage.js';
import type { Annotator } from './annotate.js';
import { resolveLine, tick } from './stage.js';

export interface LineStage extends Stage<Buffer, string> {
  /** Lines that were no JSON object. */
  unparsed: number;
}

/** A longer line is cut, and is no event. */
const MAX_LINE = 1 << 20;

export function createLineStage(annotator: Annotator, now: () => number): LineStage {
  const decoder = new StringDecoder('utf8');
  let held = '';
  let number = 0;

  const stage: LineStage = {
    unparsed: 0,
    write(chunk) {
      tick(annotator, now());
      const text = held + decoder.write(chunk);
      let from = 0;
      let out = '';
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        out += line(text.slice(from, end));
        from = end + 1;
      }
      held = text.slice(from);
      if (held.length > MAX_LINE) held = held.slice(0, MAX_LINE);
      return out;
    },
    end() {
      const last = held + decoder.end();
      held = '';
      return last === '' ? '' : line(last);
    },
  };

  function line(text: string): string {
    number++;
    if (text === '' || text === '\r') return '';
    const event = parse(text);
    if (event !== null) return `${resolveLine(annotator, event, text)}\n`;
    stage.unparsed++;
    return `${JSON.stringify({ type: 'unparsed', line: number, text })}\n`;
  }

  return stage;
}

function parse(text: string): Event | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Event) : null;
  } catch {
    return null;
  }
}
