/** Which blocks of a fork were touched. */

/** Blocks of a part of the bitmap; a part that is full takes no memory of its own. */
const PART_BITS = 12;
const PART = 1 << PART_BITS;
const PER_WORD = 32;
const WORDS = PART / PER_WORD;
const PART_BYTES = 8 * WORDS;

/** InvalidBlockNumber (src/include/storage/block.h): no block has it, or one beyond it. */
const NO_BLOCK = 0xffffffff;

/** A run longer than this takes less as a part of a bitmap than block by block. */
const SHORT = 128;
/** Places of the smallest table. */
const PLACES = 8;

/** Words of 32 blocks. */
type Part = number[];
const FULL: Part = [];
const NONE: number[] = [];

/**
 * A set of block numbers. While they are one run, as a sequential scan's are, it takes 64 bytes, whatever the length;
 * those that are here and there are in a table, as long as that is smaller than a bitmap; else they are in a bitmap whose
 * parts are made when they are needed. Runs of 1 TB take some kilobytes in all, random blocks of it 32 MB.
 */
export class BlockSet {
  /** How many blocks are in it. */
  count = 0;
  /** The first block, and the one after the last: all between are in it while there is neither table nor bitmap. */
  private start = 0;
  private end = 0;
  /** A hash table with linear probing, of block + 1; 0 in free places. At most half of it is used. */
  private table: Int32Array | null = null;
  /** The bitmap, and how many are in each of its parts. */
  private parts: (Part | undefined)[] | null = null;
  private counts: number[] = NONE;

  /** Adds `blocks` blocks from `first` on; those that no fork can have are left out. */
  add(first: number, blocks: number): void {
    const end = Math.min(first + blocks, NO_BLOCK);
    if (!(first >= 0) || first >= end) return;
    if (this.parts === null && this.table === null) {
      if (this.count === 0 || (first <= this.end && end >= this.start)) {
        this.extend(first, end);
        this.count = this.end - this.start;
        return;
      }
      this.spread(end - first);
    }
    this.extend(first, end);
    if (this.table !== null && end - first > SHORT) this.toBitmap();
    this.addRun(first, end);
  }

  private extend(first: number, end: number): void {
    this.start = this.count === 0 ? first : Math.min(first, this.start);
    this.end = Math.max(end, this.end);
  }

  /** It is no run any more: `more` blocks come elsewhere. */
  private spread(more: number): void {
    const { start, end, count } = this;
    this.count = 0;
    if (count + more > SHORT) {
      this.parts = [];
      this.counts = [];
    } else {
      this.table = new Int32Array(PLACES);
    }
    this.addRun(start, end);
  }

  private addRun(first: number, end: number): void {
    let at = first;
    while (at < end && this.table !== null) this.put(at++);
    while (at < end) {
      const index = at >>> PART_BITS;
      const to = Math.min(end, (index + 1) * PART);
      this.addTo(index, at - index * PART, to - index * PART);
      at = to;
    }
  }

  private put(block: number): void {
    const table = this.table!;
    const place = placeOf(table, block);
    if (table[place] !== 0) return;
    table[place] = block + 1;
    this.count++;
    if (this.count * 2 > table.length) this.grow(table);
  }

  private grow(table: Int32Array): void {
    const more = new Int32Array(table.length * 2);
    if (more.byteLength > (this.end / PART) * PART_BYTES && more.length > 2 * SHORT) {
      this.toBitmap();
      return;
    }
    for (const entry of table) if (entry !== 0) more[placeOf(more, blockOf(entry))] = entry;
    this.table = more;
  }

  private toBitmap(): void {
    const table = this.table!;
    this.table = null;
    this.parts = [];
    this.counts = [];
    this.count = 0;
    for (const entry of table) if (entry !== 0) this.addRun(blockOf(entry), blockOf(entry) + 1);
  }

  addAll(other: BlockSet): void {
    const { table, parts } = other;
    if (table !== null) {
      for (const entry of table) if (entry !== 0) this.add(blockOf(entry), 1);
    } else if (parts === null) {
      this.add(other.start, other.end - other.start);
    } else {
      if (this.table !== null) this.toBitmap();
      else if (this.parts === null) this.spread(PART);
      this.extend(other.start, other.end);
      parts.forEach((part, index) => {
        if (part === FULL) this.addTo(index, 0, PART);
        else if (part !== undefined) this.merge(index, part);
      });
    }
  }

  /** How many of the blocks from `from` up to, but not with, `to` are in it. */
  countIn(from: number, to: number): number {
    if (this.table !== null) return countEntries(this.table, from, to);
    if (this.parts === null) return Math.max(0, Math.min(to, this.end) - Math.max(from, this.start));
    // A trace may claim any size of a fork.
    const end = Math.min(to, this.parts.length * PART);
    let count = 0;
    for (let at = from; at < end; ) {
      const index = at >>> PART_BITS;
      const until = Math.min(end, (index + 1) * PART);
      if (until - at === PART) count += this.counts[index] ?? 0;
      else count += countBits(this.parts[index], at - index * PART, until - index * PART);
      at = until;
    }
    return count;
  }

  /** Of each of `cells` equal parts of `total` blocks, the share that is in the set (0 to 1). */
  density(cells: number, total: number): number[] {
    return Array.from({ length: cells }, (_, cell) => {
      const from = Math.floor((cell * total) / cells);
      const to = Math.max(from + 1, Math.floor(((cell + 1) * total) / cells));
      return this.countIn(from, to) / (to - from);
    });
  }

  private addTo(index: number, from: number, to: number): void {
    const part = this.parts![index];
    if (part === FULL) return;
    const added =
      to - from === PART ? PART - (this.counts[index] ?? 0) : setBits(this.words(index), from, to);
    this.counted(index, added);
  }

  private merge(index: number, other: Part): void {
    if (this.parts![index] === FULL) return;
    const words = this.words(index);
    let added = 0;
    for (let word = 0; word < WORDS; word++) {
      const fresh = other[word]! & ~words[word]!;
      words[word]! |= fresh;
      added += popcount(fresh);
    }
    this.counted(index, added);
  }

  private words(index: number): Part {
    const part = this.parts![index];
    if (part !== undefined) return part;
    const words = new Array<number>(WORDS).fill(0);
    this.parts![index] = words;
    return words;
  }

  private counted(index: number, added: number): void {
    this.count += added;
    this.counts[index] = (this.counts[index] ?? 0) + added;
    if (this.counts[index] === PART) this.parts![index] = FULL;
  }
}

/** Where the table has the block, or the free place where it is to be. */
function placeOf(table: Int32Array, block: number): number {
  const last = table.length - 1;
  const entry = (block + 1) | 0;
  // Fibonacci hashing: the upper bits of the product are the good ones.
  let place = Math.imul(block, 0x9e3779b1) >>> Math.clz32(last);
  while (table[place] !== 0 && table[place] !== entry) place = (place + 1) & last;
  return place;
}

function blockOf(entry: number): number {
  return (entry - 1) >>> 0;
}

function countEntries(table: Int32Array, from: number, to: number): number {
  let count = 0;
  for (const entry of table) if (entry !== 0 && blockOf(entry) >= from && blockOf(entry) < to) count++;
  return count;
}

/** Gives how many of them were not set before. */
function setBits(words: Part, from: number, to: number): number {
  let added = 0;
  for (let at = from; at < to; ) {
    const word = at >>> 5;
    const bits = Math.min(to, (word + 1) * PER_WORD) - at;
    const fresh = mask(at & 31, bits) & ~words[word]!;
    if (fresh !== 0) {
      words[word]! |= fresh;
      added += popcount(fresh);
    }
    at += bits;
  }
  return added;
}

function countBits(part: Part | undefined, from: number, to: number): number {
  if (part === undefined) return 0;
  if (part === FULL) return to - from;
  let count = 0;
  for (let at = from; at < to; ) {
    const word = at >>> 5;
    const bits = Math.min(to, (word + 1) * PER_WORD) - at;
    count += popcount(part[word]! & mask(at & 31, bits));
    at += bits;
  }
  return count;
}

/** `bits` ones from bit `from` on. */
function mask(from: number, bits: number): number {
  return bits === PER_WORD ? -1 : ((1 << bits) - 1) << from;
}

function popcount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
