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
 * Whether `length` bytes of `texts` from `start` on stand at `from` of others, over which `view` is and which end at
 * `end`. Eight bytes are compared at once as a double, the widest load that V8 has without allocating. It is exact for
 * text: only a NaN and -0 compare other than their bytes, and a NaN (0x7FF…, 0xFFF…) just fails to match, while -0
 * would need NUL bytes, which JSON has not.
 */
export function isAt(
  texts: DataView,
  start: number,
  length: number,
  view: DataView,
  from: number,
  end: number,
): boolean {
  if (from + length > end) return false;
  if (length > 2 * WORD) return isLongAt(texts, start, length, view, from);
  if (length >= WORD) {
    const last = length - WORD;
    return (
      view.getFloat64(from, true) === texts.getFloat64(start, true) &&
      view.getFloat64(from + last, true) === texts.getFloat64(start + last, true)
    );
  }
  if (length >= HALF) {
    const last = length - HALF;
    return (
      view.getInt32(from, true) === texts.getInt32(start, true) &&
      view.getInt32(from + last, true) === texts.getInt32(start + last, true)
    );
  }
  for (let at = 0; at < length; at++)
    if (view.getUint8(from + at) !== texts.getUint8(start + at)) return false;
  return true;
}

/** Four words a turn: V8 checks both views anew in each turn of a loop, which costs as much as three words. */
function isLongAt(texts: DataView, start: number, length: number, view: DataView, from: number): boolean {
  const apart = from - start;
  const last = start + length - WORD;
  let at = start;
  for (; at <= last - 4 * WORD; at += 4 * WORD) {
    const other = at + apart;
    if (
      view.getFloat64(other, true) !== texts.getFloat64(at, true) ||
      view.getFloat64(other + WORD, true) !== texts.getFloat64(at + WORD, true) ||
      view.getFloat64(other + 2 * WORD, true) !== texts.getFloat64(at + 2 * WORD, true) ||
      view.getFloat64(other + 3 * WORD, true) !== texts.getFloat64(at + 3 * WORD, true)
    )
      return false;
  }
  for (; at < last; at += WORD)
    if (view.getFloat64(at + apart, true) !== texts.getFloat64(at, true)) return false;
  return view.getFloat64(last + apart, true) === texts.getFloat64(last, true);
}
