/** Integers as strace prints them: decimal, `0x…`, or (a mode) octal with a leading `0`. */
import type { Int } from '../../event/types.js';

/** What `readInt` read last. */
export const read: { value: Int } = { value: 0 };

const SAFE_DIGITS = 15;

/**
 * Reads the integer at `pos` into `read.value`, a string of decimal digits where it is beyond ±2^53, and gives
 * the position after it; -1 where none stands there.
 */
export function readInt(text: string, pos: number, end: number): number {
  let at = pos;
  let code = text.charCodeAt(at);
  const negative = code === 45;
  if (negative) code = text.charCodeAt(++at);
  const digits = at;
  if (code === 48 && text.charCodeAt(at + 1) === 120) return readHex(text, pos, at + 2, end);
  let value = 0;
  while (at < end && code >= 48 && code <= 57) {
    value = value * 10 + (code - 48);
    code = text.charCodeAt(++at);
  }
  if (at === digits) return -1;
  read.value =
    at - digits <= SAFE_DIGITS ? (negative && value !== 0 ? -value : value) : exact(text.slice(pos, at));
  return at;
}

function readHex(text: string, pos: number, digits: number, end: number): number {
  let at = digits;
  let value = 0;
  for (; at < end; at++) {
    const code = text.charCodeAt(at) | 32;
    if (code >= 48 && code <= 57) value = value * 16 + (code - 48);
    else if (code >= 97 && code <= 102) value = value * 16 + (code - 87);
    else break;
  }
  if (at === digits) return -1;
  const negative = text.charCodeAt(pos) === 45;
  if (at - digits <= 13) read.value = negative ? -value : value;
  else read.value = exact(text.slice(digits - 2, at), negative);
  return at;
}

function exact(text: string, negative = false): Int {
  const value = negative ? -BigInt(text) : BigInt(text);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** The seconds that the decimal fraction from `pos` to `end` stands for, to the nearest double: `1795324737.917464`. */
export function readSeconds(text: string, pos: number, end: number): number {
  const dot = end - 7;
  // Six digits are the rule. Seconds and microseconds as one integer stay below 2^53, and one division of
  // two exact integers gives the double nearest to the decimal, as Number() would.
  if (dot > pos && dot - pos <= 10 && text.charCodeAt(dot) === 46) {
    let whole = 0;
    for (let at = pos; at < end; at++) {
      if (at !== dot) whole = whole * 10 + (text.charCodeAt(at) - 48);
    }
    return whole / 1e6;
  }
  return Number(text.slice(pos, end));
}
