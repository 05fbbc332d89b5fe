/**
 * A hash table from a 32-bit key to rows, in typed arrays: a million rows take 12 MiB and no objects. Memory that no row
 * has come to is never touched.
 */

/** Spreads groups of keys: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;
/** OIDs count up, and so many neighbours share a cache line. */
const GROUP_BITS = 4;
/** At the least, so that a key is found soon. */
const SLOTS_PER_ROW = 1.5;
const NONE = -1;
/** A slot without a row: what memory is at first. */
const FREE = 0;

/** All rows of each key, the last that was added first; 0 is no key. */
export class RowIndex {
  readonly #keys: Uint32Array;
  /** The first row of a key, plus 1. */
  readonly #slots: Int32Array;
  /** The next row with the same key. */
  readonly #next: Int32Array;
  readonly #shift: number;

  /** @param keys the rows' keys, with room for all that will be added; it is not copied */
  constructor(keys: Uint32Array) {
    const bits = Math.max(GROUP_BITS + 1, Math.ceil(Math.log2(keys.length * SLOTS_PER_ROW)));
    this.#keys = keys;
    this.#slots = new Int32Array(2 ** bits);
    this.#next = new Int32Array(keys.length);
    this.#shift = 32 - bits + GROUP_BITS;
  }

  add(row: number): void {
    const key = this.#keys[row]!;
    if (key === 0) return;
    const slot = this.#slot(key);
    this.#next[row] = this.#slots[slot]! - 1;
    this.#slots[slot] = row + 1;
  }

  /** The first row with that key; -1 where there is none. */
  first(key: number): number {
    return key === 0 ? NONE : this.#slots[this.#slot(key)]! - 1;
  }

  /** The row after that one with the same key; -1 where there is none. */
  next(row: number): number {
    return this.#next[row]!;
  }

  /** Where the key is, or has its place. */
  #slot(key: number): number {
    const group = Math.imul(key >>> GROUP_BITS, SPREAD) >>> this.#shift;
    let slot = (group << GROUP_BITS) | (key & ((1 << GROUP_BITS) - 1));
    for (;;) {
      const taken = this.#slots[slot]!;
      if (taken === FREE || this.#keys[taken - 1] === key) return slot;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
  }
}
