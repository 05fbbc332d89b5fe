/**
 * The fast way to read events that are one a line: by comparison with lines read before.
 *
 * The lines of one trace differ in little but numbers. So a line is taken for fixed pieces of text with slots
 * between: the first of its kind is read by JSON.parse and cut into pieces, which are kept in a tree; those
 * after it are compared with the pieces, and only their slots are read. JSON is read from left to right, so the
 * same text before a slot leads to the same state behind it: what comes out is what JSON.parse gives, or nothing.
 * Measured in one run (lines of 390 bytes): JSON.parse 2.4 µs a resolved event, this 0.6 µs, 0.7 with the event made.
 */
import { cutLine } from './cut.js';
import { type Mould, makeMould, newValues, type Values } from './mould.js';
import { Tree } from './tree.js';
import type { Event } from './types.js';

/** Lines remembered, some 4 KB each; a trace with more kinds of lines starts anew. */
const KEPT = 4096;
/** What learning a line costs, in lines whose reading gains as much. */
const COST = 4;
const LONGEST = 4096;
/** Those that come by the million; a statement or a title is never the same twice. */
const LEARNABLE: ReadonlySet<string> = new Set<Event['type']>(['syscall', 'sample', 'buffer']);

export interface TemplateReader {
  /**
   * What the line that begins at `from` is like, with its slots' values in `values`; null where JSON.parse must judge.
   * `bytes` end with a newline, `view` is over the same bytes.
   */
  read(bytes: Uint8Array, view: DataView, from: number): Mould | null;
  /** Of the line read last. */
  readonly values: Values;
  /** Where the line after the one read begins. */
  end(): number;
  /** Remembers a line (with its newline) that JSON.parse has read as `event`, while that pays. */
  learn(line: string, event: Event): void;
}

export function createTemplateReader(): TemplateReader {
  let tree = new Tree();
  let kept = 0;
  let credit = KEPT * COST;
  const values = newValues();

  function read(bytes: Uint8Array, view: DataView, from: number): Mould | null {
    const mould = tree.read(bytes, view, from, values);
    if (mould !== null) credit++;
    return mould;
  }

  function learn(line: string, event: Event): void {
    if (!LEARNABLE.has(event.type) || line.length > LONGEST || credit < COST) return;
    const cuts = cutLine(line);
    if (cuts === null) return;
    const mould = makeMould(
      event,
      cuts.flatMap(({ slot }) => slot ?? []),
    );
    if (mould === null) return;
    credit -= COST;
    if (kept === KEPT) {
      tree = new Tree();
      kept = 0;
    }
    if (tree.plant(cuts, mould)) kept++;
  }

  return { read, values, end: () => tree.end, learn };
}
