/** What words of bytes stand for, found by comparing bytes: no string is made of a word that came before. */

const SLOTS = 256;

export class ByteStrings<T> {
  private readonly make: (text: string) => T;
  /** One word a hash of its length and three of its bytes; another with that hash takes its place. */
  private readonly words: (Uint8Array | undefined)[] = new Array(SLOTS).fill(undefined);
  private readonly values: (T | undefined)[] = new Array(SLOTS).fill(undefined);

  constructor(make: (text: string) => T) {
    this.make = make;
  }

  /** What the word from `start` to `end`, which is not empty, stands for. */
  at(bytes: Uint8Array, start: number, end: number): T {
    const length = end - start;
    const slot =
      (length * 31 + bytes[start]! * 7 + bytes[end - 1]! * 13 + bytes[start + (length >> 1)]! * 3) &
      (SLOTS - 1);
    const known = this.words[slot];
    if (known !== undefined && known.length === length) {
      let index = 0;
      while (index < length && bytes[start + index] === known[index]) index++;
      if (index === length) return this.values[slot] as T;
    }
    const word = new Uint8Array(bytes.subarray(start, end));
    const value = this.make(Buffer.from(word).toString('latin1'));
    this.words[slot] = word;
    this.values[slot] = value;
    return value;
  }
}
