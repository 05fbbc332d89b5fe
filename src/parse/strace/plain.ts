/** The calls whose parameters are all of the plain kinds that fast.ts reads. */
import type { Parameter } from '../calls.js';

export const FD = 1;
export const BUFFER = 2;
export const LENGTH = 3;
export const OFFSET = 4;
export const WHENCE = 5;
export const FLAGS = 6;

const KINDS: Partial<Record<Parameter, number>> = {
  fd: FD,
  '-': BUFFER,
  length: LENGTH,
  offset: OFFSET,
  whence: WHENCE,
  flags: FLAGS,
};

/** The kinds of a call's parameters; null where one is not plain, or the call has none. */
export function plainKinds(parameters: readonly Parameter[]): Uint8Array | null {
  if (parameters.length === 0) return null;
  const kinds = parameters.map((parameter) => KINDS[parameter] ?? 0);
  return kinds.includes(0) ? null : Uint8Array.from(kinds);
}
