/** Fixed texts, one behind the other in one piece of memory, compared in place. */

const WORD = 8;
const HALF = 4;
/** Bytes; they double when they are used up. */
const ROOM = 1 << 16;

export class Texts {
  view = new DataView(new ArrayBuffer(ROOM));
  private bytes = new Uint8Array(this.view.buffer);
  private used = 0;
  private readonly starts = new Map<string, number>();

  /** Where the text, whose bytes are given, stands from now on. Those such as `,"ret":`, in every line, are there once. */
  keep(text: string, bytes: Uint8Array): number {
    const known = this.starts.get(text);
    if (known !== undefined) return known;
    while (this.used + bytes.length > this.bytes.length) this.grow();
    const start = this.used;
    this.bytes.set(bytes, start);
    this.used += bytes.length;
    this.starts.set(text, start);
    return start;
  }

  private grow(): void {
    const bytes = new Uint8Array(this.bytes.length * 2);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

/**
 * Whether `length` bytes of `texts` from `start` on stand at `from` of others, over which `view` is. Eight bytes are
 * compared at once as a double, the widest load that V8 has without allocating. It is exact for text: only a NaN and
 * -0 compare other than their bytes, and a NaN (0x7FF…, 0xFFF…) just fails to match, while -0 would need NUL bytes,
 * which JSON has not.
 */
export function isAt(texts: DataView, start: number, length: number, view: DataView, from: number): boolean {
  if (from + length > view.byteLength) return false;
  const apart = from - start;
  if (length >= WORD) {
    const last = start + length - WORD;
    for (let at = start; at < last; at += WORD)
      if (view.getFloat64(at + apart, true) !== texts.getFloat64(at, true)) return false;
    return view.getFloat64(last + apart, true) === texts.getFloat64(last, true);
  }
  if (length >= HALF) {
    const last = start + length - HALF;
    return (
      view.getInt32(from, true) === texts.getInt32(start, true) &&
      view.getInt32(last + apart, true) === texts.getInt32(last, true)
    );
  }
  for (let at = start; at < start + length; at++)
    if (view.getUint8(at + apart) !== texts.getUint8(at)) return false;
  return true;
}
