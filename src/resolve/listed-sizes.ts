/**
 * The sizes of a snapshot's list, found by their paths. A million take 8 MiB beside the list's own bytes: only where
 * a line begins is kept, and the number is read when it is asked for.
 */

const NEWLINE = 0x0a;
const NEWLINES = 0x0a0a0a0a;
const HEAD = ascii('{"path":"');
const BETWEEN = ascii('","size":');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const ZERO = 0x30;
/** Digits of a number that is exact whatever they are. */
const MOST_DIGITS = 15;
const SLOTS_PER_LINE = 1.5;
const FREE = 0;
/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** 2^32 divided by the golden ratio: spreads the sums over the slots. */
const SPREAD = 0x9e3779b1;

export class ListedSizes {
  readonly #text: Uint8Array;
  /** Where a line begins, plus 1; a path that comes twice has the later line. */
  readonly #slots: Uint32Array;
  readonly #shift: number;

  /** @param text the list, less than 4 GiB, as bytes that do not change any more */
  constructor(text: Uint8Array) {
    const bits = Math.max(4, Math.ceil(Math.log2(countLines(text) * SLOTS_PER_LINE)));
    this.#text = text;
    this.#slots = new Uint32Array(2 ** bits);
    this.#shift = 32 - bits;
  }

  /**
   * Takes the line that begins there if it is `{"path":"P","size":N}` to the byte, in ASCII without escapes: as
   * pgtrace-snapshot writes it. Returns where it ends; -1 where it is anything else.
   */
  add(line: number): number {
    const text = this.#text;
    if (!hasAt(text, line, HEAD)) return -1;
    const path = line + HEAD.length;
    let sum = FNV_BASIS;
    let quote = path;
    for (; text[quote] !== QUOTE; quote++) {
      const byte = text[quote]!;
      if (!(byte >= 0x20 && byte <= 0x7e) || byte === BACKSLASH) return -1;
      sum = Math.imul(sum ^ byte, FNV_PRIME);
    }
    const end = endOfSize(text, quote);
    if (end >= 0) this.#slots[this.#slot(sum, text, path)] = line + 1;
    return end;
  }

  /** In bytes; null where no line that was taken has that path. */
  size(path: string): number | null {
    if (path.includes('"')) return null;
    const asked = ascii(`${path}"`);
    let sum = FNV_BASIS;
    for (let at = 0; at < asked.length - 1; at++) sum = Math.imul(sum ^ asked[at]!, FNV_PRIME);
    const taken = this.#slots[this.#slot(sum, asked, 0)]!;
    if (taken === FREE) return null;
    let size = 0;
    let at = taken - 1 + HEAD.length + asked.length - 1 + BETWEEN.length;
    for (; this.#text[at] !== CLOSE; at++) size = size * 10 + this.#text[at]! - ZERO;
    return size;
  }

  /** The slot of the line with the path that begins there in `bytes` and ends with a quote, or a free one for it. */
  #slot(sum: number, bytes: Uint8Array, path: number): number {
    const slots = this.#slots;
    let slot = Math.imul(sum, SPREAD) >>> this.#shift;
    while (slots[slot] !== FREE && !this.#hasPath(slots[slot]! - 1, bytes, path))
      slot = (slot + 1) & (slots.length - 1);
    return slot;
  }

  #hasPath(line: number, bytes: Uint8Array, path: number): boolean {
    const text = this.#text;
    let at = line + HEAD.length;
    let other = path;
    while (text[at] === bytes[other] && text[at] !== QUOTE) {
      at++;
      other++;
    }
    return text[at] === bytes[other];
  }
}

/** Where a line ends that has its path's end at `quote` and goes on with a size; -1 where it goes on otherwise. */
function endOfSize(text: Uint8Array, quote: number): number {
  if (!hasAt(text, quote, BETWEEN)) return -1;
  const first = quote + BETWEEN.length;
  let at = first;
  while (text[at]! >= ZERO && text[at]! <= ZERO + 9) at++;
  const digits = at - first;
  if (digits === 0 || digits > MOST_DIGITS || (text[first] === ZERO && digits > 1)) return -1;
  if (text[at] !== CLOSE) return -1;
  return at + 1 === text.length || text[at + 1] === NEWLINE ? at + 1 : -1;
}

function hasAt(text: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (text[at + index] !== bytes[index]) return false;
  return true;
}

/** Not fewer than add() takes: each of these is longer than a word, so none has two of their ends. */
function countLines(text: Uint8Array): number {
  const skipped = -text.byteOffset & 3;
  let lines = 2; // who ends in what is no whole word, and without a newline
  if (text.length < skipped + 4) return lines;
  const words = new Uint32Array(text.buffer, text.byteOffset + skipped, (text.length - skipped) >>> 2);
  for (let index = 0; index < words.length; index++) {
    const other = words[index]! ^ NEWLINES;
    // Has a bit where a byte is zero.
    if (((other - 0x01010101) & ~other & 0x80808080) !== 0) lines++;
  }
  return lines;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
