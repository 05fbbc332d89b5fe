/**
 * The fast way to read events that are one a line: by comparison with lines read before.
 *
 * The lines of one trace differ in little but numbers. So a line is taken for fixed pieces of text with slots
 * between: the first of its kind is read by JSON.parse and cut into pieces, which are kept in a tree; those
 * after it are compared with the pieces, and only their slots are read. JSON is read from left to right, so the
 * same text before a slot leads to the same state behind it: what comes out is what JSON.parse gives, or nothing.
 * Measured in one run: JSON.parse 2.6 µs a resolved event, this 1.1 µs.
 */
import { cutLine, type Slot } from './cut.js';
import { cast, makeMould, type Values } from './mould.js';
import { type Cursor, readLsn, readNumber, readStrings } from './slots.js';
import { follow, newTree, plant } from './tree.js';
import type { Event } from './types.js';

/** Lines remembered, some 4 KB each; a trace with more kinds of lines starts anew. */
const KEPT = 4096;
/** What learning a line costs, in lines whose reading gains as much. */
const COST = 4;
const SLOTS_A_LINE = 24;
const LONGEST = 4096;
/** Those that come by the million; a statement or a title is never the same twice. */
const LEARNABLE: ReadonlySet<string> = new Set<Event['type']>(['syscall', 'sample', 'buffer']);

export interface TemplateReader {
  /**
   * The event of the line that begins at `from`, or null where JSON.parse must judge. `bytes` end with a newline,
   * `view` is over the same bytes. Parts of events may be shared: they are to be read only.
   */
  read(bytes: Uint8Array, view: DataView, from: number): Event | null;
  /** Where the line after the one read begins. */
  end(): number;
  /** Remembers a line (with its newline) that JSON.parse has read as `event`, while that pays. */
  learn(line: string, event: Event): void;
}

export function createTemplateReader(): TemplateReader {
  let tree = newTree();
  let kept = 0;
  let credit = KEPT * COST;
  const cursor: Cursor = { bytes: new Uint8Array(), at: 0 };
  const values: Values = { numbers: new Float64Array(SLOTS_A_LINE), args: [], lsn: '' };

  function read(bytes: Uint8Array, view: DataView, from: number): Event | null {
    cursor.bytes = bytes;
    cursor.at = from;
    let last = tree.root;
    for (let index = 0; ; index++) {
      const piece = follow(last, bytes, view, cursor.at);
      if (piece === null) return null;
      cursor.at += piece.fixed.length;
      const slot = piece.slot;
      if (slot === null) {
        credit++;
        return cast(piece.mould!, values);
      }
      if (!readSlot(slot, index)) return null;
      last = piece;
    }
  }

  function readSlot(slot: Slot, index: number): boolean {
    if (slot === 'args') {
      const args = readStrings(cursor);
      if (args !== null) values.args = args;
      return args !== null;
    }
    if (slot === 'pg.lsn') {
      const lsn = readLsn(cursor);
      if (lsn !== null) values.lsn = lsn;
      return lsn !== null;
    }
    const number = readNumber(cursor);
    values.numbers[index] = number;
    return !Number.isNaN(number);
  }

  function learn(line: string, event: Event): void {
    if (!LEARNABLE.has(event.type) || line.length > LONGEST || credit < COST) return;
    const cuts = cutLine(line);
    if (cuts === null || cuts.length > SLOTS_A_LINE) return;
    const mould = makeMould(
      event,
      cuts.flatMap(({ slot }) => slot ?? []),
    );
    if (mould === null) return;
    credit -= COST;
    if (kept === KEPT) {
      tree = newTree();
      kept = 0;
    }
    const last = plant(tree, cuts);
    if (last.mould === null) kept++;
    last.mould = mould;
  }

  return { read, end: () => cursor.at, learn };
}
