/** Words and strings in bytes, looked at without making strings of them. */

const QUOTE = 34;
const BACKSLASH = 92;

/** 1 for the bytes of a word: letters, digits, `_` and `|`. */
const WORD = Uint8Array.from({ length: 256 }, (_, code) =>
  /[A-Za-z0-9_|]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** After the word at `start`, which may be empty. */
export function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && WORD[bytes[at]!] === 1) at++;
  return at;
}

/** After a string, perhaps with `...`, a number, or a structure that holds neither strings nor descriptors; else -1. */
export function skipBuffer(bytes: Buffer, start: number, end: number): number {
  const code = bytes[start];
  if (code === QUOTE) return skipString(bytes, start, end);
  if (code === 91 || code === 123) return skipBrackets(bytes, start, end);
  return wordEnd(bytes, code === 45 ? start + 1 : start, end);
}

function skipString(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (;;) {
    at = bytes.indexOf(QUOTE, at + 1);
    if (at === -1 || at >= end) return -1;
    if (bytes[at - 1] !== BACKSLASH) break;
    let first = at - 1;
    while (bytes[first - 1] === BACKSLASH) first--;
    if ((at - first) % 2 === 0) break;
  }
  at++;
  return bytes[at] === 46 && bytes[at + 1] === 46 && bytes[at + 2] === 46 ? at + 3 : at;
}

function skipBrackets(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    switch (bytes[at]) {
      case 40:
      case 91:
      case 123:
        depth++;
        break;
      case 41:
      case 93:
      case 125:
        if (--depth === 0) return at + 1;
        break;
      // A quote, a descriptor's name or a comment could hold brackets of their own.
      case QUOTE:
      case 47:
      case 60:
        return -1;
    }
  }
  return -1;
}

/** A text to compare with what stands in a block: four bytes at a time. */
export class ByteText {
  readonly length: number;
  private readonly words: Int32Array;
  private readonly rest: Uint8Array;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    this.words = Int32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readInt32LE(index * 4));
    this.rest = Uint8Array.from(bytes.subarray(this.words.length * 4));
  }

  /** Whether it stands at `start`, where the block must have as many bytes. */
  isAt(view: DataView, start: number): boolean {
    const { words, rest } = this;
    let at = start;
    for (let index = 0; index < words.length; index++, at += 4) {
      if (view.getInt32(at, true) !== words[index]) return false;
    }
    for (let index = 0; index < rest.length; index++, at++) {
      if (view.getUint8(at) !== rest[index]) return false;
    }
    return true;
  }
}

const SLOTS = 256;

/** What words stand for: a word that came before is compared, not made a string of. */
export class ByteStrings<T> {
  private readonly make: (text: string) => T;
  /** One word a hash of its length and three of its bytes; another with that hash takes its place. */
  private readonly words: (ByteText | undefined)[] = new Array(SLOTS).fill(undefined);
  private readonly values: (T | undefined)[] = new Array(SLOTS).fill(undefined);

  constructor(make: (text: string) => T) {
    this.make = make;
  }

  /** What the word from `start` to `end`, which is not empty and ASCII, stands for. */
  at(bytes: Buffer, view: DataView, start: number, end: number): T {
    const length = end - start;
    const slot =
      (length * 31 + bytes[start]! * 7 + bytes[end - 1]! * 13 + bytes[start + (length >> 1)]! * 3) &
      (SLOTS - 1);
    const known = this.words[slot];
    if (known !== undefined && known.length === length && known.isAt(view, start)) {
      return this.values[slot] as T;
    }
    const text = bytes.toString('latin1', start, end);
    const value = this.make(text);
    this.words[slot] = new ByteText(text);
    this.values[slot] = value;
    return value;
  }
}
