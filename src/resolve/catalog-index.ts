/** A hash table from a 32-bit key to a row number, in one typed array: a million rows take 8 MiB and no objects. */

/** Spreads keys that count up, as OIDs do: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;
const EMPTY = -1;

/** Rows by a key column; 0 is no key. Rows that `same` does not take for one share a key side by side. */
export class RowIndex {
  readonly #keys: Uint32Array;
  readonly #slots: Int32Array;
  readonly #shift: number;

  /**
   * @param better whether `row` takes the place of `other`, which has the same key
   * @param same whether two rows with one key are rivals for its place
   */
  constructor(
    keys: Uint32Array,
    count: number,
    better: (row: number, other: number) => boolean,
    same: (row: number, other: number) => boolean = () => true,
  ) {
    const bits = Math.max(4, Math.ceil(Math.log2(count + 1)) + 1);
    this.#keys = keys;
    this.#slots = new Int32Array(2 ** bits).fill(EMPTY);
    this.#shift = 32 - bits;
    for (let row = 0; row < count; row++) {
      if (keys[row] === 0) continue;
      let slot = this.#home(keys[row]!);
      for (let other = this.#slots[slot]!; other !== EMPTY; other = this.#slots[slot]!) {
        if (keys[other] === keys[row] && same(row, other)) break;
        slot = this.#next(slot);
      }
      const other = this.#slots[slot]!;
      if (other === EMPTY || better(row, other)) this.#slots[slot] = row;
    }
  }

  /** The row with that key that `wanted` accepts; -1 where there is none. */
  find(key: number, wanted: (row: number) => boolean = () => true): number {
    if (key === 0) return -1;
    for (let slot = this.#home(key); ; slot = this.#next(slot)) {
      const row = this.#slots[slot]!;
      if (row === EMPTY || (this.#keys[row] === key && wanted(row))) return row;
    }
  }

  #home(key: number): number {
    return Math.imul(key, SPREAD) >>> this.#shift;
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }
}
