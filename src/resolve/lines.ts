/** Resolving text: every event comes out as it came in, with its `pg`. */
import type { EventBatch } from '../stream/batch.js';
import { createEventReader, type ReadCounts } from '../stream/events.js';
import type { Stage } from '../stream/stage.js';
import type { Annotator } from './annotate.js';
import { resolveLine, tick } from './stage.js';

export interface TextStage extends Stage<Buffer, string> {
  counts(): ReadCounts;
}

/** @param now milliseconds */
export function createTextStage(annotator: Annotator, now: () => number): TextStage {
  const reader = createEventReader(true);

  function resolve({ events, lines }: EventBatch): string {
    tick(annotator, now());
    let text = '';
    for (let index = 0; index < events.length; index++) {
      text += `${resolveLine(annotator, events[index]!, lines[index]!)}\n`;
    }
    return text;
  }

  return {
    write: (chunk) => resolve(reader.write(chunk)),
    end: () => resolve(reader.end()),
    counts: () => reader.counts(),
  };
}
