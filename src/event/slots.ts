/**
 * The values between a line's fixed pieces, read from its bytes. Each reader gives where the value ends, or NO_VALUE
 * where there is none, and puts what it read into `values`: a number that a function returns costs an allocation.
 */
import { NUMBER_SLOTS, SLOT, type Slot } from './cut.js';
import type { Values } from './mould.js';

export const NO_VALUE = -1;

const BLANK = 32;
const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;
const COMMA = 44;
const DOT = 46;
const ZERO = 48;
const UPPER_E = 69;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const LOWER_E = 101;
const CLOSE_OBJECT = 125;

/** What may follow a backslash, but for the four digits of \u, which JSON.parse is to read. */
const ESCAPED: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)));

/** Digits that an integer of 32 bits holds, whatever they are. */
const SHORT = 9;

/** Exact as doubles, so that digits / 10^k is rounded once, as a decimal's conversion asks. */
const POWERS = Array.from({ length: SHORT + 1 }, (_, power) => 10 ** power);

/**
 * The value of `slot` at `from`. Most are short and whole: those are read here, where the compiler puts it in line.
 * Times and durations are not.
 */
export function readSlot(slot: Slot, bytes: Uint8Array, from: number, values: Values): number {
  if (slot === SLOT.ts || slot === SLOT.dur) return readNumber(bytes, from, values.numbers, slot);
  let at = from;
  let digit = bytes[at]! - ZERO;
  let value = 0;
  while (digit >= 0 && digit <= 9) {
    value = (value * 10 + digit) | 0;
    digit = bytes[++at]! - ZERO;
  }
  // A comma or a bracket; and what begins with 0 is just that.
  const length = at - from;
  const ends = digit === COMMA - ZERO || digit === CLOSE_OBJECT - ZERO;
  const isWhole = ends && length > 0 && length <= SHORT && (length === 1 || bytes[from] !== ZERO);
  if (!isWhole || slot >= NUMBER_SLOTS) return readOther(slot, bytes, from, values);
  values.numbers[slot] = value;
  return at;
}

function readOther(slot: Slot, bytes: Uint8Array, from: number, values: Values): number {
  if (slot < NUMBER_SLOTS) return readNumber(bytes, from, values.numbers, slot);
  return slot === SLOT.args ? passStrings(bytes, from, values) : readLsn(bytes, from, values);
}

/** A JSON number, as JSON.parse reads it, into `numbers[slot]`. */
function readNumber(bytes: Uint8Array, from: number, numbers: Float64Array, slot: number): number {
  let at = from;
  const negative = bytes[at] === MINUS;
  if (negative) at++;
  const first = at;
  let digit = bytes[at]! - ZERO;
  let short = 0;
  while (digit >= 0 && digit <= 9 && at - first < SHORT) {
    short = (short * 10 + digit) | 0;
    digit = bytes[++at]! - ZERO;
  }
  let value = short;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = bytes[++at]! - ZERO;
  }
  if (at === first || (at > first + 1 && bytes[first] === ZERO)) return NO_VALUE;
  if (bytes[at] === DOT) {
    const point = at;
    short = 0;
    digit = bytes[++at]! - ZERO;
    while (digit >= 0 && digit <= 9) {
      short = (short * 10 + digit) | 0;
      digit = bytes[++at]! - ZERO;
    }
    const places = at - point - 1;
    if (places === 0) return NO_VALUE;
    if (places > SHORT) return readLongNumber(bytes, from, at, numbers, slot);
    value = value * POWERS[places]! + short;
    if (value <= Number.MAX_SAFE_INTEGER) value /= POWERS[places]!;
  }
  if (bytes[at] === LOWER_E || bytes[at] === UPPER_E || value > Number.MAX_SAFE_INTEGER)
    return readLongNumber(bytes, from, at, numbers, slot);
  numbers[slot] = negative ? -value : value;
  return at;
}

/** With an exponent, or more digits than a double holds: what is there up to `at` is right already. */
function readLongNumber(
  bytes: Uint8Array,
  from: number,
  at: number,
  numbers: Float64Array,
  slot: number,
): number {
  let end = at;
  if (bytes[end] === LOWER_E || bytes[end] === UPPER_E) {
    end++;
    if (bytes[end] === PLUS || bytes[end] === MINUS) end++;
    const first = end;
    while (bytes[end]! >= ZERO && bytes[end]! <= ZERO + 9) end++;
    if (end === first) return NO_VALUE;
  }
  numbers[slot] = Number(ascii(bytes, from, end));
  return end;
}

/** `"0/45A3C000"`: nothing but hexadecimal digits and a slash between quotes. */
function readLsn(bytes: Uint8Array, from: number, values: Values): number {
  if (bytes[from] !== QUOTE) return NO_VALUE;
  const start = from + 1;
  let at = start;
  while (isLsnByte(bytes[at]!)) at++;
  if (bytes[at] !== QUOTE) return NO_VALUE;
  values.lsn = ascii(bytes, start, at);
  return at + 1;
}

function isLsnByte(byte: number): boolean {
  return (byte >= DOT + 1 && byte <= ZERO + 9) || (byte >= 65 && byte <= 70);
}

/** An array of strings, as JSON.parse accepts it: it is parsed where an event is made. */
function passStrings(bytes: Uint8Array, from: number, values: Values): number {
  let at = from + 1;
  if (bytes[from] !== OPEN) return NO_VALUE;
  if (bytes[at] !== CLOSE) {
    at = passString(bytes, at);
    while (at !== NO_VALUE && bytes[at] === COMMA) at = passString(bytes, at + 1);
    if (at === NO_VALUE || bytes[at] !== CLOSE) return NO_VALUE;
  }
  values.args = bytes;
  values.argsFrom = from;
  values.argsEnd = at + 1;
  return at + 1;
}

function passString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return NO_VALUE;
  let at = from + 1;
  // Beyond the bytes there is nothing that is a blank or more.
  while (bytes[at]! >= BLANK && bytes[at] !== QUOTE) {
    if (bytes[at] === BACKSLASH && !ESCAPED.has(bytes[++at]!)) return NO_VALUE;
    at++;
  }
  return bytes[at] === QUOTE ? at + 1 : NO_VALUE;
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}
