/** Which blocks of a fork were touched: a bitmap whose parts are made when they are needed. */

/** Blocks of a part of the bitmap; a part that is full takes no memory of its own. */
const PART = 4096;
const PER_WORD = 32;
const WORDS = PART / PER_WORD;
/** As long as there are no more in a part, they are listed. */
const FEW = 8;

/** InvalidBlockNumber (src/include/storage/block.h): no block has it, or one beyond it. */
const NO_BLOCK = 0xffffffff;

/** Words of 32 blocks; or the blocks themselves, by their numbers in the part. */
type Part = number[];
const FULL: Part = [];
const NONE: number[] = [];

/**
 * A set of block numbers. One run of blocks, as a sequential scan's are, takes 64 bytes, whatever its length; runs of
 * 1 TB in all some kilobytes, random blocks of it 32 MB.
 */
export class BlockSet {
  /** How many blocks are in it. */
  count = 0;
  /** While they are one run: its first block, and the one after its last. */
  private start = 0;
  private end = 0;
  /** Else the bitmap, and how many are in each of its parts. */
  private parts: (Part | undefined)[] | null = null;
  private counts: number[] = NONE;

  /** Adds `blocks` blocks from `first` on; those that no fork can have are left out. */
  add(first: number, blocks: number): void {
    const end = Math.min(first + blocks, NO_BLOCK);
    if (!(first >= 0) || first >= end) return;
    if (this.parts !== null) this.addRun(first, end);
    else if (this.count === 0) this.become(first, end);
    else if (first <= this.end && end >= this.start)
      this.become(Math.min(first, this.start), Math.max(end, this.end));
    else {
      this.spread();
      this.addRun(first, end);
    }
  }

  private become(start: number, end: number): void {
    this.start = start;
    this.end = end;
    this.count = end - start;
  }

  private spread(): void {
    this.parts = [];
    this.counts = [];
    this.count = 0;
    this.addRun(this.start, this.end);
  }

  private addRun(first: number, end: number): void {
    for (let at = first; at < end; ) {
      const index = Math.floor(at / PART);
      const to = Math.min(end, (index + 1) * PART);
      this.addTo(index, at - index * PART, to - index * PART);
      at = to;
    }
  }

  addAll(other: BlockSet): void {
    if (other.parts === null) {
      this.add(other.start, other.end - other.start);
      return;
    }
    if (this.parts === null) this.spread();
    other.parts.forEach((part, index) => {
      if (part === undefined) return;
      if (part === FULL) this.addTo(index, 0, PART);
      else this.merge(index, part);
    });
  }

  /** How many of the blocks from `from` up to, but not with, `to` are in it. */
  countIn(from: number, to: number): number {
    if (this.parts === null) return Math.max(0, Math.min(to, this.end) - Math.max(from, this.start));
    // A trace may claim any size of a fork.
    const end = Math.min(to, this.parts.length * PART);
    let count = 0;
    for (let at = from; at < end; ) {
      const index = Math.floor(at / PART);
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
    if (to - from === PART) {
      this.counted(index, PART - (this.counts[index] ?? 0));
      return;
    }
    if (part === undefined || part.length < WORDS) {
      if (to - from === 1 && this.list(index, part, from)) return;
    }
    this.counted(index, setBits(this.words(index), from, to));
  }

  /** False where there are too many for a list. */
  private list(index: number, part: Part | undefined, block: number): boolean {
    if (part === undefined) this.parts![index] = [block];
    else if (part.includes(block)) return true;
    else if (part.length === FEW) return false;
    // As long as it is: what is pushed to an array takes room for 17.
    else this.parts![index] = part.concat(block);
    this.counted(index, 1);
    return true;
  }

  private merge(index: number, other: Part): void {
    if (this.parts![index] === FULL) return;
    if (other.length < WORDS) {
      for (const block of other) this.addTo(index, block, block + 1);
      return;
    }
    const words = this.words(index);
    let added = 0;
    for (let word = 0; word < WORDS; word++) {
      const fresh = other[word]! & ~words[word]!;
      words[word]! |= fresh;
      added += popcount(fresh);
    }
    this.counted(index, added);
  }

  /** The part as words, which it has from now on. */
  private words(index: number): Part {
    const part = this.parts![index];
    if (part?.length === WORDS) return part;
    const words = new Array<number>(WORDS).fill(0);
    for (const block of part ?? []) setBits(words, block, block + 1);
    this.parts![index] = words;
    return words;
  }

  private counted(index: number, added: number): void {
    this.count += added;
    this.counts[index] = (this.counts[index] ?? 0) + added;
    if (this.counts[index] === PART) this.parts![index] = FULL;
  }
}

/** Gives how many of them were not set before. */
function setBits(words: Part, from: number, to: number): number {
  let added = 0;
  for (let at = from; at < to; ) {
    const word = at >>> 5;
    const bits = Math.min(to, (word + 1) * PER_WORD) - at;
    const fresh = mask(at & 31, bits) & ~words[word]!;
    words[word]! |= fresh;
    added += popcount(fresh);
    at += bits;
  }
  return added;
}

function countBits(part: Part | undefined, from: number, to: number): number {
  if (part === undefined) return 0;
  if (part === FULL) return to - from;
  let count = 0;
  if (part.length < WORDS) {
    for (const block of part) if (block >= from && block < to) count++;
    return count;
  }
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
