/**
 * A large file's bytes in memory, of which those before the last that were asked for can be let go of. They are in
 * resizable buffers: what such a one shrinks by is free at once, any other's memory when the garbage collector comes.
 */
import type { Content } from './files-memory.js';

/** As much as is read of a catalog at once. */
const PIECE = 1 << 20;

export class LargeFile implements Content {
  readonly length: number;
  #pieces: ArrayBuffer[] = [];
  #filled = 0;
  /** Bytes from its start that were let go of. */
  #gone = 0;
  #again: (() => LargeFile) | null = null;

  constructor(length: number) {
    this.length = length;
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const start = this.#filled % PIECE;
      if (start === 0) {
        const size = Math.min(PIECE, this.length - this.#filled);
        this.#pieces.push(new ArrayBuffer(size, { maxByteLength: size }));
      }
      const part = bytes.subarray(at, at + PIECE - start);
      new Uint8Array(this.#pieces.at(-1)!).set(part, start);
      this.#filled += part.length;
      at += part.length;
    }
  }

  /** From now on it is taken to be read from its start to its end; `again` gives all of it to who goes back. */
  readOnce(again: () => LargeFile): void {
    this.#again = again;
  }

  /** A copy. */
  subarray(begin: number, end: number = this.length): Uint8Array {
    if (begin < this.#gone) this.#restore();
    const last = Math.min(end, this.length);
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, last - begin));
    for (let at = begin; at < last; ) {
      const start = at % PIECE;
      const part = new Uint8Array(this.#pieces[(at - start) / PIECE]!, start).subarray(0, last - at);
      bytes.set(part, at - begin);
      at += part.length;
    }
    if (this.#again !== null) this.#letGo(begin);
    return new Uint8Array(bytes.buffer);
  }

  #letGo(end: number): void {
    for (; this.#gone + PIECE <= end && this.#gone < this.length; this.#gone += PIECE)
      this.#pieces[this.#gone / PIECE]!.resize(0);
  }

  /** Who has gone back may do so again: all of it is kept. */
  #restore(): void {
    this.#pieces = this.#again!().#pieces;
    this.#again = null;
    this.#gone = 0;
  }
}
