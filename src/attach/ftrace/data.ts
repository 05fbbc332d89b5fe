/** Text of a record's end. */
import type { Pages } from './page.js';

/**
 * What the __data_loc word at `at` (in 32-bit words from the record's beginning) names, up to its zero byte: its
 * length is in the word's high half, its place in the low one. Null where the kernel recorded none.
 */
export function dataOf(pages: Pages, at: number): string | null {
  const word = pages.i32[(pages.record >> 2) + at]!;
  if (word >>> 16 === 0) return null;
  const start = pages.record + (word & 0xffff);
  const end = Math.min(start + (word >>> 16), pages.recordEnd);
  const zero = pages.bytes.indexOf(0, start);
  return pages.bytes.toString('utf8', start, zero >= start && zero < end ? zero : end);
}
