/**
 * Transaction ids: 32 bits that wrap around, so that of two the older is the one up to 2^31 behind the other
 * (src/backend/access/transam/transam.c, TransactionIdPrecedes).
 */
export const INVALID_XID = 0;
export const BOOTSTRAP_XID = 1;
export const FROZEN_XID = 2;
export const FIRST_NORMAL_XID = 3;

/** Whether `a` is older than `b`. The ids below 3 are older than every other. */
export function xidPrecedes(a: number, b: number): boolean {
  if (a < FIRST_NORMAL_XID || b < FIRST_NORMAL_XID) return a < b;
  return ((a - b) | 0) < 0;
}
