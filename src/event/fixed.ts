/** Fixed text, compared in place. */
export interface FixedText {
  /** The bytes, eight to a number. */
  readonly words: readonly number[];
  /** Those after the last eight. */
  readonly rest: readonly number[];
  readonly length: number;
  readonly bytes: Uint8Array;
}

/**
 * Eight bytes are compared at once as a double, the widest load that V8 has without allocating. It is exact for
 * text: only a NaN and -0 compare other than their bytes, and a NaN (0x7FF…, 0xFFF…) just fails to match, while
 * -0 would need NUL bytes, which JSON has not.
 */
export function fixedText(text: string): FixedText {
  const bytes = new Uint8Array(Buffer.from(text));
  const view = new DataView(bytes.buffer);
  const count = bytes.length >> 3;
  return {
    words: Array.from({ length: count }, (_, index) => view.getFloat64(index * 8, true)),
    rest: [...bytes.subarray(count * 8)],
    length: bytes.length,
    bytes,
  };
}

/** Whether `fixed` stands at `from` of the bytes, over which `view` is. */
export function isAt(fixed: FixedText, bytes: Uint8Array, view: DataView, from: number): boolean {
  if (from + fixed.length > bytes.length) return false;
  let at = from;
  const { words, rest } = fixed;
  for (let index = 0; index < words.length; index++, at += 8) {
    if (view.getFloat64(at, true) !== words[index]) return false;
  }
  for (let index = 0; index < rest.length; index++) {
    if (bytes[at + index] !== rest[index]) return false;
  }
  return true;
}
