/** PostgreSQL's own compression (src/common/pg_lzcompress.c), as it stores full-page images up to today. */

/**
 * Decompresses `source[at .. at + length)` into all of `target`. False where the data are not of that size.
 * A control byte tells of eight items, lowest bit first: a literal byte, or a match of 3 to 273 bytes, 1 to
 * 4095 bytes back.
 */
export function decompressPglz(source: Uint8Array, at: number, length: number, target: Uint8Array): boolean {
  const end = at + length;
  let from = at;
  let to = 0;
  while (from < end && to < target.length) {
    let control = source[from]!;
    from += 1;
    for (let item = 0; item < 8 && from < end && to < target.length; item += 1, control >>= 1) {
      if ((control & 1) === 0) {
        target[to] = source[from]!;
        to += 1;
        from += 1;
        continue;
      }
      if (end - from < 2) return false;
      const first = source[from]!;
      const distance = ((first & 0xf0) << 4) | source[from + 1]!;
      let count = (first & 0x0f) + 3;
      from += 2;
      if (count === 18) {
        if (from === end) return false;
        count += source[from]!;
        from += 1;
      }
      if (distance === 0 || distance > to || count > target.length - to) return false;
      copyMatch(target, to, distance, count);
      to += count;
    }
  }
  return from === end && to === target.length;
}

/** Copies bytes that were written `distance` before; byte by byte, because a match may overlap itself. */
export function copyMatch(target: Uint8Array, to: number, distance: number, count: number): void {
  for (let index = to; index < to + count; index += 1) target[index] = target[index - distance]!;
}
