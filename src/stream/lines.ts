/** Bytes to lines, of bounded length. */
import split2 from 'split2';
import type { Stage } from './stage.js';

/** A line longer than this is cut there and its rest left out, so that memory is bounded. */
export const LONGEST_LINE = 1 << 20;

const NEWLINE = 10;
const LINE_END = Buffer.of(NEWLINE);

/** What was cut, for the report at the end. */
export interface Cuts {
  count: number;
}

/**
 * Cuts bytes into blocks of whole lines, each line ended by a newline (the last one too, which may have had
 * none). What follows the last newline of a chunk is held for the next; it is the only part that is copied.
 *
 * The way of the hot path: a parser that walks the bytes of a block reads twice as many lines a second as one
 * that is handed each line as a string by split2 (test/bench/parse.ts).
 */
export function blocks(cuts: Cuts, longest = LONGEST_LINE): Stage<Buffer, Buffer[]> {
  let held: Buffer[] = [];
  let size = 0;
  let cutting = false;
  const hold = (bytes: Buffer): void => {
    if (cutting) return;
    if (size + bytes.length > longest) {
      held.push(Buffer.from(bytes.subarray(0, longest - size)));
      cuts.count++;
      cutting = true;
      size = longest;
    } else {
      held.push(Buffer.from(bytes));
      size += bytes.length;
    }
  };
  /** The held line, whose last bytes, with its newline, are `rest`. */
  const complete = (rest: Buffer): Buffer => {
    hold(rest);
    const line = Buffer.concat(cutting ? [...held, LINE_END] : held);
    held = [];
    size = 0;
    cutting = false;
    return line;
  };
  return {
    write(chunk) {
      const last = chunk.lastIndexOf(NEWLINE) + 1;
      if (last === 0) {
        hold(chunk);
        return [];
      }
      const done: Buffer[] = [];
      let start = 0;
      if (size > 0) {
        start = chunk.indexOf(NEWLINE) + 1;
        done.push(complete(chunk.subarray(0, start)));
      }
      if (start < last) done.push(chunk.subarray(start, last));
      if (last < chunk.length) hold(chunk.subarray(last));
      return done;
    },
    end: () => (size === 0 ? [] : [complete(LINE_END)]),
  };
}

/** The same in one piece, which is empty where a chunk completed no line. */
export function wholeLines(cuts: Cuts, longest = LONGEST_LINE): Stage<Buffer, Buffer> {
  const whole = blocks(cuts, longest);
  const join = (texts: Buffer[]): Buffer => (texts.length === 1 ? texts[0]! : Buffer.concat(texts));
  return { write: (chunk) => join(whole.write(chunk)), end: () => join(whole.end()) };
}

/** Lines one by one, without their ends, by split2. */
export function lines(cuts: Cuts, longest = LONGEST_LINE): Stage<Buffer, string[]> {
  const whole = blocks(cuts, longest);
  let batch: string[] = [];
  // The mapper takes every line and hands on none, so nothing queues up behind the transform, and a write is
  // done when it returns.
  const splitter = split2('\n', (line: string) => {
    batch.push(line);
    return undefined;
  });
  const take = (texts: Buffer[]): string[] => {
    for (const text of texts) splitter.write(text);
    const taken = batch;
    batch = [];
    return taken;
  };
  return { write: (chunk) => take(whole.write(chunk)), end: () => take(whole.end()) };
}
