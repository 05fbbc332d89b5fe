/** The LZ4 block format (lz4_Block_format.md of the LZ4 project): full-page images since PostgreSQL 15. */
import { copyMatch } from './pglz.js';

const MIN_MATCH = 4;

/** Decompresses `source[at .. at + length)` into all of `target`. False where the data are not of that size. */
export function decompressLz4(source: Uint8Array, at: number, length: number, target: Uint8Array): boolean {
  const end = at + length;
  let from = at;
  let to = 0;
  while (from < end) {
    const token = source[from]!;
    from += 1;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (from === end) return false;
        more = source[from]!;
        from += 1;
        literals += more;
      }
    }
    if (literals > end - from || literals > target.length - to) return false;
    target.set(source.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    // The last sequence has literals only.
    if (from === end) return to === target.length;

    if (end - from < 2) return false;
    const distance = source[from]! | (source[from + 1]! << 8);
    from += 2;
    let count = (token & 0x0f) + MIN_MATCH;
    if (count === 15 + MIN_MATCH) {
      let more = 255;
      while (more === 255) {
        if (from === end) return false;
        more = source[from]!;
        from += 1;
        count += more;
      }
    }
    if (distance === 0 || distance > to || count > target.length - to) return false;
    copyMatch(target, to, distance, count);
    to += count;
  }
  return false;
}
