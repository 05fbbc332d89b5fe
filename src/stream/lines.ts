/** Bytes to lines, of bounded length. */
import split2 from 'split2';
import type { Stage } from './stage.js';

/** A line longer than this is cut there and its rest left out, so that memory is bounded. */
export const LONGEST_LINE = 1 << 20;

const NEWLINE = 10;

/** What was cut, for the report at the end. */
export interface Cuts {
  count: number;
}

/**
 * Cuts bytes into blocks of whole lines, each line ended by a newline (the last one too, which may have had
 * none). What follows the last newline of a chunk is held for the next.
 */
function wholeLines(cuts: Cuts, longest: number): Stage<Buffer, Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  let cutting = false;
  const hold = (bytes: Buffer): void => {
    if (cutting) return;
    if (size + bytes.length > longest) {
      held.push(bytes.subarray(0, longest - size));
      cuts.count++;
      cutting = true;
      size = longest;
    } else {
      held.push(bytes);
      size += bytes.length;
    }
  };
  const release = (bytes: Buffer): Buffer => {
    const whole = size === 0 ? bytes : Buffer.concat([...held, bytes]);
    held = [];
    size = 0;
    cutting = false;
    return whole;
  };
  return {
    write(chunk) {
      const last = chunk.lastIndexOf(NEWLINE);
      if (last === -1) {
        hold(chunk);
        return Buffer.alloc(0);
      }
      const first = cutting ? chunk.indexOf(NEWLINE) : 0;
      const whole = release(chunk.subarray(first, last + 1));
      if (last + 1 < chunk.length) hold(chunk.subarray(last + 1));
      return whole;
    },
    end: () => (size === 0 ? Buffer.alloc(0) : release(Buffer.of(NEWLINE))),
  };
}

/**
 * Blocks of whole lines as text, each line ended by `\n`; an empty string where a chunk completed none.
 *
 * The way of the hot path: a parser that walks the block reads 1.8 times as many lines a second as one that is
 * handed each line by split2 (test/bench/parse.ts), because no line is made a string of its own.
 */
export function blocks(cuts: Cuts, longest = LONGEST_LINE): Stage<Buffer, string> {
  const whole = wholeLines(cuts, longest);
  return {
    write: (chunk) => whole.write(chunk).toString(),
    end: () => whole.end().toString(),
  };
}

/** Lines one by one, without their ends, by split2. */
export function lines(cuts: Cuts, longest = LONGEST_LINE): Stage<Buffer, string[]> {
  const whole = wholeLines(cuts, longest);
  let batch: string[] = [];
  // The mapper takes every line and hands on none, so nothing queues up behind the transform, and a write is
  // done when it returns.
  const splitter = split2('\n', (line: string) => {
    batch.push(line);
    return undefined;
  });
  const take = (bytes: Buffer): string[] => {
    if (bytes.length > 0) splitter.write(bytes);
    const taken = batch;
    batch = [];
    return taken;
  };
  return { write: (chunk) => take(whole.write(chunk)), end: () => take(whole.end()) };
}
