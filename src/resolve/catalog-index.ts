/** A hash table from a 32-bit key to a row number, in one typed array: a million rows take 8 MiB and no objects. */

/** Spreads groups of keys: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;
/** OIDs count up, and so many neighbours share a cache line. */
const GROUP_BITS = 4;
const EMPTY = -1;

/** Rows by a key column; 0 is no key. Rows that `same` does not take for rivals share a key side by side. */
export class RowIndex {
  readonly #keys: Uint32Array;
  readonly #slots: Int32Array;
  readonly #shift: number;

  /**
   * @param wins whether `row` takes the place of its rival `other`, which has the same key
   * @param same whether two rows with one key are rivals; without it all are
   */
  constructor(
    keys: Uint32Array,
    count: number,
    wins: (row: number, other: number) => boolean,
    same?: (row: number, other: number) => boolean,
  ) {
    const bits = Math.max(GROUP_BITS + 1, Math.ceil(Math.log2(count + 1)) + 1);
    this.#keys = keys;
    this.#slots = new Int32Array(2 ** bits).fill(EMPTY);
    this.#shift = 32 - bits + GROUP_BITS;
    for (let row = 0; row < count; row++) {
      const key = keys[row]!;
      if (key === 0) continue;
      let slot = this.#home(key);
      let other = this.#slots[slot]!;
      while (other !== EMPTY && (keys[other] !== key || (same !== undefined && !same(row, other)))) {
        slot = this.#next(slot);
        other = this.#slots[slot]!;
      }
      if (other === EMPTY || wins(row, other)) this.#slots[slot] = row;
    }
  }

  /** The row with that key that `wanted` accepts, if it is given; -1 where there is none. */
  find(key: number, wanted?: (row: number) => boolean): number {
    if (key === 0) return -1;
    for (let slot = this.#home(key); ; slot = this.#next(slot)) {
      const row = this.#slots[slot]!;
      if (row === EMPTY || (this.#keys[row] === key && (wanted === undefined || wanted(row)))) return row;
    }
  }

  #home(key: number): number {
    const group = Math.imul(key >>> GROUP_BITS, SPREAD) >>> this.#shift;
    return (group << GROUP_BITS) | (key & ((1 << GROUP_BITS) - 1));
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }
}
