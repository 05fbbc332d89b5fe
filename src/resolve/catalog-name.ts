import { NAME_SIZE } from '../postgres/layout/columns.js';

/**
 * The length in bytes of the `name` at an offset: what comes before the first zero byte. -1 where it is no name
 * that PostgreSQL writes: empty, or without a zero byte, or with anything after it.
 */
export function nameLength(view: DataView, at: number): number {
  let length = 0;
  while (length < NAME_SIZE && view.getUint8(at + length) !== 0) length++;
  if (length === 0 || length === NAME_SIZE) return -1;
  let rest = length;
  for (; (rest & 3) !== 0; rest++) if (view.getUint8(at + rest) !== 0) return -1;
  for (; rest < NAME_SIZE; rest += 4) if (view.getUint32(at + rest, true) !== 0) return -1;
  return length;
}
