/** Integers as tracers print them: `8192`, `-1`, `0x2000`, `0X2000`. */
import type { Int } from '../event/types.js';

const INTEGER = /^-?(?:0[xX][0-9a-fA-F]+|\d+)$/;

export function isInteger(text: string): boolean {
  return INTEGER.test(text);
}

/** As a long; what an unsigned one has above 2^63 is negative. Undefined where it is no integer. */
export function readLong(text: string): Int | undefined {
  if (!INTEGER.test(text)) return undefined;
  if (text.length <= 13) return text.startsWith('-') ? -Number(text.slice(1)) + 0 : Number(text);
  return exact(BigInt.asIntN(64, big(text)));
}

/** As an unsigned long. */
export function readUnsigned(text: string): Int | undefined {
  if (!INTEGER.test(text)) return undefined;
  if (text.length <= 13 && !text.startsWith('-')) return Number(text);
  return exact(BigInt.asUintN(64, big(text)));
}

/** As an int, of which only the low 32 bits count. */
export function readInt32(text: string): number | undefined {
  return INTEGER.test(text) ? Number(BigInt.asIntN(32, big(text))) : undefined;
}

function big(text: string): bigint {
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

function exact(value: bigint): Int {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
