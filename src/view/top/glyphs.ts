/** The characters that bars and strips are drawn with, and text that the terminal's locale can show. */
import { printable } from '../../cli/diagnostic.js';

export interface Glyphs {
  /** Parts of a cell that is filled from the left, from empty to full. */
  readonly fill: readonly string[];
  /** Of a bar: what is to do, and what may be done but is not known to be. */
  readonly rest: string;
  readonly doubt: string;
  /** How much of a cell's blocks was touched, from none to all. */
  readonly shade: readonly string[];
  readonly cursor: string;
  /** Text from a trace, safe on the terminal. */
  text(raw: string): string;
}

export const UNICODE: Glyphs = {
  fill: ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  rest: '·',
  doubt: '░',
  shade: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  cursor: '▲',
  // A cell takes one character: a mark without a composed form has no cell to stand in.
  text: (raw) => printable(raw.normalize('NFC')).replace(/\p{M}/gu, escaped),
};

export const ASCII: Glyphs = {
  fill: ['', '#'],
  rest: '.',
  doubt: '?',
  shade: [' ', '.', ':', '-', '=', '+', '*', '#'],
  cursor: '^',
  text: (raw) => printable(raw).replace(/[^\x20-\x7e]/gu, escaped),
};

function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}

/** As setlocale(3) finds LC_CTYPE: the first of three variables that is set and not empty. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale) ? UNICODE : ASCII;
}
