/** Events that are one a line. */
import { createTemplateReader } from '../event/template.js';
import type { Checker } from './batch.js';
import { blocks, type Cuts } from './lines.js';
import { createRowReader } from './rows.js';

/** Reads bytes of one form. */
export interface FormReader {
  write(bytes: Buffer): void;
  end(): void;
  /** Lines that were longer than 1 MiB, and whose rest was passed over. */
  cut(): number;
}

const NEWLINE = 10;

export function createLineReader(into: Checker): FormReader {
  const cuts: Cuts = { count: 0 };
  const whole = blocks(cuts);
  const templates = createTemplateReader();
  const readRow = createRowReader();
  let number = 0;

  function readLines(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const textOf = slicer(bytes, into.wantLines);
    for (let at = 0; at < bytes.length; ) {
      number++;
      const mould = templates.read(bytes, view, at);
      if (mould === null) {
        const end = bytes.indexOf(NEWLINE, at) + 1;
        readLine(bytes.toString('utf8', at, end));
        at = end;
      } else {
        into.taker.takeLike(mould, templates.values, textOf(at, templates.end() - 1));
        at = templates.end();
      }
    }
  }

  function readLine(line: string): void {
    const text = line.trim();
    if (text === '') return;
    const event = into.check(readRow(text), text, number);
    if (event !== null) templates.learn(line, event);
  }

  return {
    write: (bytes) => whole.write(bytes).forEach(readLines),
    end: () => whole.end().forEach(readLines),
    cut: () => cuts.count,
  };
}

/** Parts of the bytes as text: slices of the whole, decoded once, where a byte is a character. */
function slicer(bytes: Buffer, wanted: boolean): (from: number, to: number) => string {
  if (!wanted) return () => '';
  const text = bytes.toString();
  if (text.length === bytes.length) return (from, to) => text.slice(from, to);
  return (from, to) => bytes.toString('utf8', from, to);
}
