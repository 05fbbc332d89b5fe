/**
 * Lines cut into pieces, kept as a tree: each piece has those that followed it. A piece is four numbers in an array
 * that all share, and is told by where they are. Those of a line, and their texts, lie side by side, so that reading
 * another like it is one way through memory.
 */
import { type Cut, SLOT as SLOTS, type Slot } from './cut.js';
import type { Mould, Values } from './mould.js';
import { type Branch, type Entries, find, join, NONE } from './radix.js';
import { NO_VALUE, readSlot } from './slots.js';
import { isAt, Texts } from './texts.js';

const START = 0;
const LENGTH = 1;
/** What stands after the text; END where the line ends. */
const SLOT = 2;
/** The piece that follows; NONE before any did, MANY where it is not always the same. */
const NEXT = 3;
const NUMBERS = 4;
/** Pieces; they double when they are used up. */
const ROOM = 1024;

const END = -1;
const MANY = -2;
/** What each line begins after. */
const ROOT = 0;

/** Descriptors that are told apart. */
const FDS = 256;

/** Of a piece that several follow. */
interface Followers {
  root: Branch;
  /** Which came last; after a descriptor, of each one: what follows there is its file, whatever else is read by turns. */
  readonly recent: Int32Array;
}

export class Tree implements Entries {
  /** Where the line read last ends. */
  end = 0;
  private readonly texts = new Texts();
  private pieces = new Int32Array(ROOM * NUMBERS);
  /** Of each piece, all that ever followed, where it was not always the same. */
  private readonly followers: (Followers | null)[] = [];
  /** Of each piece that ends a line. */
  private readonly moulds: (Mould | null)[] = [];

  constructor() {
    this.add(0, 0, END);
  }

  /**
   * What the line that begins at `from` of `bytes` (and `view`, which is over them) is cast from, with its slots'
   * values in `values`; null where it is like none that is known.
   */
  read(bytes: Uint8Array, view: DataView, from: number, values: Values): Mould | null {
    const { pieces } = this;
    const texts = this.texts.view;
    const end = bytes.length;
    let at = from;
    let last = ROOT;
    for (;;) {
      let piece = pieces[last + NEXT]!;
      if (piece === MANY) piece = this.oneOfMany(last, values, view, at, end);
      else if (piece !== NONE && !isAt(texts, pieces[piece + START]!, pieces[piece + LENGTH]!, view, at, end))
        return null;
      if (piece === NONE) return null;
      at += pieces[piece + LENGTH]!;
      const slot = pieces[piece + SLOT]!;
      if (slot === END) {
        this.end = at;
        return this.moulds[piece / NUMBERS]!;
      }
      at = readSlot(slot as Slot, bytes, at, values);
      if (at === NO_VALUE) return null;
      last = piece;
    }
  }

  private oneOfMany(last: number, { numbers }: Values, view: DataView, from: number, end: number): number {
    const { root, recent } = this.followers[last / NUMBERS]!;
    const which = recent.length === 1 ? 0 : numbers[SLOTS.fd]! & (FDS - 1);
    const piece = recent[which]!;
    if (piece !== NONE && this.isAt(piece, view, from, end)) return piece;
    const found = find(this, root, view, from, end);
    if (found !== NONE) recent[which] = found;
    return found;
  }

  isAt(piece: number, view: DataView, from: number, end: number): boolean {
    return isAt(this.texts.view, this.pieces[piece + START]!, this.pieces[piece + LENGTH]!, view, from, end);
  }

  length(piece: number): number {
    return this.pieces[piece + LENGTH]!;
  }

  word(piece: number, at: number): number {
    return this.texts.view.getInt32(this.pieces[piece + START]! + at, true);
  }

  /** Puts a line's pieces into the tree; false where it had the line already, and has another mould for it now. */
  plant(cuts: readonly Cut[], mould: Mould): boolean {
    let last = ROOT;
    for (const { text, slot } of cuts) {
      const bytes = Buffer.from(text);
      const start = this.texts.keep(text, bytes);
      const known = this.known(last, start, bytes);
      last = known === NONE ? this.addAfter(last, start, bytes.length, slot ?? END) : known;
    }
    const fresh = this.moulds[last / NUMBERS] === null;
    this.moulds[last / NUMBERS] = mould;
    return fresh;
  }

  /** The piece after `last` with these bytes, which are kept at `start`. */
  private known(last: number, start: number, bytes: Buffer): number {
    const next = this.pieces[last + NEXT]!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const found =
      next === MANY ? find(this, this.followers[last / NUMBERS]!.root, view, 0, bytes.length) : next;
    // One that is the beginning of another is not it.
    const isIt =
      found !== NONE && this.pieces[found + START] === start && this.length(found) === bytes.length;
    return isIt ? found : NONE;
  }

  private addAfter(last: number, start: number, length: number, slot: Slot | typeof END): number {
    const piece = this.add(start, length, slot);
    const next = this.pieces[last + NEXT]!;
    if (next === NONE) {
      this.pieces[last + NEXT] = piece;
      return piece;
    }
    const many = this.followers[last / NUMBERS]!;
    if (many === null) {
      const recent = new Int32Array(this.pieces[last + SLOT] === SLOTS.fd ? FDS : 1).fill(NONE);
      this.followers[last / NUMBERS] = { root: join(this, next, piece), recent };
      this.pieces[last + NEXT] = MANY;
    } else {
      many.root = join(this, many.root, piece);
    }
    return piece;
  }

  private add(start: number, length: number, slot: Slot | typeof END): number {
    const piece = this.followers.length * NUMBERS;
    if (piece === this.pieces.length) {
      const more = new Int32Array(this.pieces.length * 2);
      more.set(this.pieces);
      this.pieces = more;
    }
    this.pieces.set([start, length, slot, NONE], piece);
    this.followers.push(null);
    this.moulds.push(null);
    return piece;
  }
}
