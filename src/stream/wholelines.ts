/** Chunks of bytes as chunks of whole lines, with a bound on what a line without end can hold. */

/** Longer lines are cut: no event of ours comes near, and memory must not grow with the input. */
export const LONGEST_LINE = 1 << 20;

export interface WholeLines {
  /** The lines that end in this chunk, each with its newline; empty where none does. */
  write(chunk: Buffer): Buffer;
  /** The last line, given a newline, where the input ended without one. */
  end(): Buffer;
  /** How many lines were cut to LONGEST_LINE bytes. */
  cut(): number;
}

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);

export function wholeLines(longest: number = LONGEST_LINE): WholeLines {
  let held: Buffer[] = [];
  let length = 0;
  let skipping = false;
  let cut = 0;

  function hold(rest: Buffer): void {
    if (rest.length > 0) held.push(rest);
    length += rest.length;
  }

  function release(...more: Buffer[]): Buffer {
    const whole = held.length === 0 && more.length === 1 ? more[0]! : Buffer.concat([...held, ...more]);
    held = [];
    length = 0;
    return whole;
  }

  function write(chunk: Buffer): Buffer {
    const first = chunk.indexOf(NEWLINE);
    if (first < 0) return writePart(chunk);
    if (skipping) {
      skipping = false;
      return write(chunk.subarray(first + 1));
    }
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    const whole = release(chunk.subarray(0, last));
    hold(chunk.subarray(last));
    return whole;
  }

  /** Of a line that goes on: held up to the bound, handed on cut there, and passed over from there to its end. */
  function writePart(chunk: Buffer): Buffer {
    if (skipping) return NOTHING;
    hold(chunk);
    if (length <= longest) return NOTHING;
    skipping = true;
    cut++;
    return Buffer.concat([release().subarray(0, longest), Buffer.from('\n')]);
  }

  return {
    write,
    end: () => (length === 0 ? NOTHING : release(Buffer.from('\n'))),
    cut: () => cut,
  };
}
