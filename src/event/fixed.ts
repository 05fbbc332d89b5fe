/** Fixed text, compared in place. */
export interface FixedText {
  /** The bytes, eight to a number: one after the other, and the last eight where those leave a rest. */
  readonly words: readonly number[];
  /** Of less than eight bytes: the first four and the last four. */
  readonly head: number;
  readonly tail: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

const WORD = 8;
const HALF = 4;

/**
 * Eight bytes are compared at once as a double, the widest load that V8 has without allocating. It is exact for
 * text: only a NaN and -0 compare other than their bytes, and a NaN (0x7FF…, 0xFFF…) just fails to match, while
 * -0 would need NUL bytes, which JSON has not.
 */
export function fixedText(text: string): FixedText {
  const bytes = new Uint8Array(Buffer.from(text));
  const { length } = bytes;
  const view = new DataView(bytes.buffer);
  const words: number[] = [];
  for (let at = 0; at + WORD <= length; at += WORD) words.push(view.getFloat64(at, true));
  if (length > WORD && length % WORD > 0) words.push(view.getFloat64(length - WORD, true));
  const short = length >= HALF && length < WORD;
  return {
    words,
    head: short ? view.getInt32(0, true) : 0,
    tail: short ? view.getInt32(length - HALF, true) : 0,
    length,
    bytes,
  };
}

/** Whether `fixed` stands at `from` of the bytes, over which `view` is. */
export function isAt(fixed: FixedText, bytes: Uint8Array, view: DataView, from: number): boolean {
  const { length, words } = fixed;
  const end = from + length;
  if (end > bytes.length) return false;
  if (length >= WORD) {
    const last = words.length - 1;
    for (let index = 0, at = from; index < last; index++, at += WORD) {
      if (view.getFloat64(at, true) !== words[index]) return false;
    }
    return view.getFloat64(end - WORD, true) === words[last];
  }
  if (length >= HALF)
    return view.getInt32(from, true) === fixed.head && view.getInt32(end - HALF, true) === fixed.tail;
  for (let index = 0; index < length; index++) if (bytes[from + index] !== fixed.bytes[index]) return false;
  return true;
}
