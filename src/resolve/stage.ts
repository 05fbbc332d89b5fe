/** Resolving as a stage: over objects, and over an event and the line that it came in. */
import type { Event } from '../event/types.js';
import type { Stage } from '../stream/stage.js';
import { type Annotator, annotate, spotObject, spotText } from './annotate.js';
import { splice } from './splice.js';
import { catchUp } from './targets.js';

/** Milliseconds between two looks at the same file's names and size. */
const TICK = 1000;
/** The same where it has no name yet. */
const QUICK = 100;

/** Begins a batch: what is older than a tick, or than what the catalogs say now, is asked for again when it is touched. */
export function tick(annotator: Annotator, now: number): void {
  const { targets } = annotator;
  targets.tick = Math.floor(now / TICK);
  targets.quick = Math.floor(now / QUICK);
  catchUp(targets);
}

/** The same events, `pg`, `pg2` and `statement` set in place. */
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
  const { first, second, statement } = annotator;
  let members = statement < 0 ? '' : `"statement":${statement}`;
  if (first.target !== null) members += `${members === '' ? '' : ','}"pg":${spotText(first)}`;
  if (second.target !== null) members += `${members === '' ? '' : ','}"pg2":${spotText(second)}`;
  return splice(line, members, isResolved(event));
}

function resolveEvent(annotator: Annotator, event: Event): void {
  annotate(annotator, event);
  const { first, second, statement } = annotator;
  switch (event.type) {
    case 'statement':
      putStatement(event, statement);
      return;
    case 'syscall':
      putStatement(event, statement);
      if (second.target !== null) event.pg2 = spotObject(second);
      else if (event.pg2 !== undefined) delete event.pg2;
      break;
    case 'buffer':
      putStatement(event, statement);
      break;
    case 'sample':
    case 'buffers':
    case 'fd':
      break;
    default:
      return;
  }
  if (first.target !== null) event.pg = spotObject(first);
  else if (event.pg !== undefined) delete event.pg;
}

function putStatement(event: { statement?: number }, statement: number): void {
  if (statement >= 0) event.statement = statement;
  else if (event.statement !== undefined) delete event.statement;
}

/** Whether it has keys of an earlier resolving, which go. */
function isResolved(event: Event): boolean {
  const { pg, pg2, statement } = event as { pg?: unknown; pg2?: unknown; statement?: unknown };
  return pg !== undefined || pg2 !== undefined || statement !== undefined;
}
