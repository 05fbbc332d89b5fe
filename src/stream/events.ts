/** Bytes to events, whatever the form that their JSON is in. */
import { type Checker, createBatches, createChecker, type EventBatch, type Taker } from './batch.js';
import { createLineReader, type FormReader } from './eventlines.js';
import { createValueReader } from './eventvalues.js';
import type { Stage } from './stage.js';
import { createValues } from './values.js';

/** What was not as it should be, to be told at the end. */
export interface ReadCounts {
  /** What was no event of schema 1; each is there as an `unparsed` event. */
  unparsed: number;
  /** Lines (values) longer than 1 MiB, whose rest was passed over. */
  cut: number;
}

export interface EventReader extends Stage<Buffer, EventBatch> {
  counts(): ReadCounts;
}

/**
 * Reads events: one a line (NDJSON), or an array of them, or one after the other over any number of lines. What
 * is no event becomes an `unparsed` event with its line's number. Events and their parts may be shared and
 * hold undefined for absent keys: they are to be read only, and a key is absent where it is undefined.
 * @param wantLines whether the texts are wanted, too.
 */
export function createEventReader(wantLines = false): EventReader {
  const batches = createBatches(wantLines);
  const reader = createReader(createChecker(batches, wantLines));
  return {
    write(chunk) {
      reader.write(chunk);
      return batches.next();
    },
    end() {
      reader.end();
      return batches.next();
    },
    counts: reader.counts,
  };
}

/** The same for one who takes each event as it is read. */
export function createTakenReader(taker: Taker): Reader {
  return createReader(createChecker(taker, false));
}

export interface Reader {
  write(bytes: Buffer): void;
  end(): void;
  counts(): ReadCounts;
}

/** The form shows in the first line, or in this much of it. */
const HEAD = 1 << 16;

function createReader(checker: Checker): Reader {
  let head: Buffer = Buffer.alloc(0);
  let reader: FormReader | null = null;

  function begin(): FormReader {
    const text = head.toString();
    const bom = text.startsWith('\ufeff') ? 3 : 0;
    const made = isOneALine(text) ? createLineReader(checker) : createValueReader(checker);
    made.write(head.subarray(bom));
    head = Buffer.alloc(0);
    return made;
  }

  function write(chunk: Buffer): void {
    if (reader !== null) {
      reader.write(chunk);
    } else {
      head = Buffer.concat([head, chunk]);
      if (head.length >= HEAD || /\S[^\n]*\n/.test(head.toString())) reader = begin();
    }
  }

  function end(): void {
    reader ??= begin();
    reader.end();
  }

  return { write, end, counts: () => ({ unparsed: checker.bad(), cut: reader?.cut() ?? 0 }) };
}

/**
 * Whether the head of an input is NDJSON: its first line is a whole JSON object, or the text is no JSON at all
 * (and each line of it to be told).
 */
function isOneALine(head: string): boolean {
  const [first = '', second = ''] = head.replace(/^\ufeff?\s*/, '').split('\n', 2);
  if (!/^[{[]/.test(first)) return true;
  try {
    JSON.parse(first);
    return first.startsWith('{');
  } catch {
    return !isJsonSoFar(`${first}\n${second}\n`);
  }
}

function isJsonSoFar(text: string): boolean {
  try {
    createValues().read(text);
    return true;
  } catch {
    return false;
  }
}
