/**
 * JSON values that are not one a line (jq without -c, arrays, objects one after the other), by the stream-json
 * package, whose parser and assembler are synchronous below its streams. An array gives its elements, so that one
 * of any length is read in constant memory.
 */
import { Assembler } from 'stream-json/core/assembler.js';
import { jsonParser } from 'stream-json/core/parser.js';

export interface Values {
  /** The values that end in this text. @throws Error where it is no JSON; the reader is of no use then. */
  read(text: string): unknown[];
  /** Whether the text so far ends within a value or an array. */
  unfinished(): boolean;
}

export function createValues(): Values {
  const parse = jsonParser({ jsonStreaming: true, streamValues: false });
  const assembler = new Assembler();
  /** Arrays around the values: they are passed through, not assembled. */
  let arrays = 0;
  let blank = true;

  function read(text: string): unknown[] {
    const tokens = parse(text);
    if (tokens instanceof Promise) throw new TypeError('stream-json answered with a promise');
    const values: unknown[] = [];
    if (typeof tokens === 'symbol') {
      if (text.trim() !== '') blank = false;
      return values;
    }
    for (const token of tokens.values) {
      blank = true;
      if (assembler.done && token.name === 'startArray') arrays++;
      else if (assembler.done && token.name === 'endArray') arrays--;
      else if (assembler.consume(token).done) values.push(assembler.current);
    }
    return values;
  }

  return { read, unfinished: () => arrays > 0 || !assembler.done || !blank };
}
