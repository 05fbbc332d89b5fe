/** Events that are not one a line: an array of them, or objects over any number of lines. */
import { StringDecoder } from 'node:string_decoder';
import type { Checker } from './batch.js';
import type { FormReader } from './eventlines.js';
import { LONGEST_LINE } from './lines.js';
import { createValues } from './values.js';

/** What is no JSON is passed over to its line's end, as an `unparsed` event; reading goes on after it. */
export function createValueReader(into: Checker): FormReader {
  const decoder = new StringDecoder('utf8');
  let values = createValues();
  let number = 1;
  let length = 0;
  let skipping = false;
  let cut = 0;

  function readText(text: string): void {
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf('\n', at);
      const end = newline < 0 ? text.length : newline + 1;
      if (!skipping) readPart(text.slice(at, end));
      if (newline >= 0) {
        skipping = false;
        number++;
      }
      at = end;
    }
  }

  /** A line, or what the chunk has of it. */
  function readPart(part: string): void {
    try {
      const found = values.read(part);
      length = found.length > 0 ? 0 : length + part.length;
      for (const value of found) {
        const text = JSON.stringify(value);
        into.check(value, text, number);
      }
      if (length > LONGEST_LINE) {
        cut++;
        startAnew(part);
      }
    } catch {
      startAnew(part);
    }
  }

  function startAnew(part: string): void {
    into.unparsed(part.trim().slice(0, LONGEST_LINE), number);
    values = createValues();
    length = 0;
    skipping = true;
  }

  function end(): void {
    readText(decoder.end());
    if (!skipping) readPart('\n');
    if (values.unfinished()) into.unparsed('the input ends within a JSON value', number);
  }

  return { write: (bytes) => readText(decoder.write(bytes)), end, cut: () => cut };
}
