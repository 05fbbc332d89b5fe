/** Names of objects (`NameData`): how long, and kept by the million. */
import { NAME_SIZE } from '../postgres/layout/columns.js';

/**
 * The length in bytes of the `name` at an offset: what comes before the first zero byte. -1 where it is no name
 * that PostgreSQL writes: empty, or without a zero byte, or with anything after it.
 */
export function nameLength(view: DataView, at: number): number {
  let whole = 0;
  let word = view.getUint32(at, true);
  // Sets the high bit of the first byte that is zero, and of none before it.
  let zero = (word - 0x01010101) & ~word & 0x80808080;
  while (zero === 0) {
    whole += 4;
    if (whole === NAME_SIZE) return -1;
    word = view.getUint32(at + whole, true);
    zero = (word - 0x01010101) & ~word & 0x80808080;
  }
  const bytes = (31 - Math.clz32(zero & -zero)) >>> 3;
  if (word >>> (bytes * 8) !== 0) return -1;
  for (let rest = whole + 4; rest < NAME_SIZE; rest += 4)
    if (view.getUint32(at + rest, true) !== 0) return -1;
  return whole + bytes === 0 ? -1 : whole + bytes;
}

const CHUNK = 1 << 16;
const GUESSED_SIZE = 24;

/** Bytes of names, in chunks that never move. */
export class NameStore {
  readonly #chunks: DataView[] = [];
  readonly #chunkSize: number;
  #end = 0;

  /** @param room how many names may come */
  constructor(room: number) {
    this.#chunkSize = Math.min(CHUNK, Math.max(NAME_SIZE, room * GUESSED_SIZE));
  }

  /** Copies a name of less than 64 bytes. Returns its place, for at(). */
  add(view: DataView, at: number, length: number): number {
    const size = this.#chunkSize;
    const left = this.#chunks.length * size - this.#end;
    if (left < length) {
      this.#end += left;
      this.#chunks.push(new DataView(new ArrayBuffer(size)));
    }
    const place = this.#end;
    const chunk = this.#chunks[this.#chunks.length - 1]!;
    const start = place - (this.#chunks.length - 1) * size;
    let done = 0;
    for (; done + 4 <= length; done += 4)
      chunk.setUint32(start + done, view.getUint32(at + done, true), true);
    for (; done < length; done++) chunk.setUint8(start + done, view.getUint8(at + done));
    this.#end += length;
    return place;
  }

  at(place: number, length: number): Uint8Array {
    const chunk = Math.floor(place / this.#chunkSize);
    return new Uint8Array(this.#chunks[chunk]!.buffer, place - chunk * this.#chunkSize, length);
  }
}
