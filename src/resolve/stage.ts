/** Resolving as a stage: over objects, and over an event and the line that it came in. */
import type { Event } from '../event/types.js';
import type { Stage } from '../stream/stage.js';
import { type Annotator, annotate, spotObject, spotText } from './annotate.js';
import { splice } from './splice.js';

/** Milliseconds between two looks at the same file's names and size. */
const TICK = 1000;
/** The same where it has no name yet. */
const QUICK = 100;

/** Begins a batch: what is older than a tick is asked for again when it is touched. */
export function tick(annotator: Annotator, now: number): void {
  annotator.targets.tick = Math.floor(now / TICK);
  annotator.targets.quick = Math.floor(now / QUICK);
}

/** The same events, `pg` and `pg2` set in place. */
export function createResolveStage(annotator: Annotator, now: () => number): Stage<Event[], Event[]> {
  return {
    write(events) {
      tick(annotator, now());
      for (const event of events) resolveEvent(annotator, event);
      return events;
    },
    end: () => [],
  };
}

/** The event's line with its `pg`. */
export function resolveLine(annotator: Annotator, event: Event, line: string): string {
  annotate(annotator, event);
  const { first, second } = annotator;
  let members = first.target === null ? '' : `"pg":${spotText(first)}`;
  if (second.target !== null) members += `${members === '' ? '' : ','}"pg2":${spotText(second)}`;
  return splice(line, members, hasPg(event));
}

function resolveEvent(annotator: Annotator, event: Event): void {
  annotate(annotator, event);
  const { first, second } = annotator;
  switch (event.type) {
    case 'syscall':
      if (second.target !== null) event.pg2 = spotObject(second);
      else if (event.pg2 !== undefined) delete event.pg2;
      break;
    case 'sample':
    case 'fd':
    case 'buffer':
      break;
    default:
      return;
  }
  if (first.target !== null) event.pg = spotObject(first);
  else if (event.pg !== undefined) delete event.pg;
}

function hasPg(event: Event): boolean {
  const { pg, pg2 } = event as { pg?: unknown; pg2?: unknown };
  return pg !== undefined || pg2 !== undefined;
}
