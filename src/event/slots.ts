/** The values between a line's fixed pieces, read from its bytes. */
export interface Cursor {
  bytes: Uint8Array;
  at: number;
}

const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const UPPER_E = 69;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const LOWER_E = 101;

/** Digits that an integer of 32 bits holds, whatever they are. */
const SHORT = 9;

/** Exact as doubles, so that digits / 10^k is rounded once, as a decimal's conversion asks. */
const POWERS = Array.from({ length: SHORT + 1 }, (_, power) => 10 ** power);

/** The JSON number at the cursor, as JSON.parse reads it; NaN where there is none. */
export function readNumber(cursor: Cursor): number {
  const bytes = cursor.bytes;
  let at = cursor.at;
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
  if (at === first || (at > first + 1 && bytes[first] === ZERO)) return Number.NaN;
  let places = 0;
  if (bytes[at] === DOT) {
    const point = at;
    short = 0;
    digit = bytes[++at]! - ZERO;
    while (digit >= 0 && digit <= 9) {
      short = (short * 10 + digit) | 0;
      digit = bytes[++at]! - ZERO;
    }
    places = at - point - 1;
    if (places === 0) return Number.NaN;
    if (places > SHORT) return readLongNumber(cursor, at);
    value = value * POWERS[places]! + short;
  }
  if (bytes[at] === LOWER_E || bytes[at] === UPPER_E || value > Number.MAX_SAFE_INTEGER)
    return readLongNumber(cursor, at);
  cursor.at = at;
  if (places > 0) value /= POWERS[places]!;
  return negative ? -value : value;
}

/** With an exponent, or more digits than a double holds: what is there up to `at` is right already. */
function readLongNumber(cursor: Cursor, at: number): number {
  const bytes = cursor.bytes;
  let end = at;
  if (bytes[end] === LOWER_E || bytes[end] === UPPER_E) {
    end++;
    if (bytes[end] === PLUS || bytes[end] === MINUS) end++;
    const first = end;
    while (bytes[end]! >= ZERO && bytes[end]! <= ZERO + 9) end++;
    if (end === first) return Number.NaN;
  }
  const value = Number(ascii(bytes, cursor.at, end));
  cursor.at = end;
  return value;
}

/** `"0/45A3C000"` at the cursor; null for anything but hexadecimal digits and a slash between quotes. */
export function readLsn(cursor: Cursor): string | null {
  const bytes = cursor.bytes;
  if (bytes[cursor.at] !== QUOTE) return null;
  const start = cursor.at + 1;
  let at = start;
  while (isLsnByte(bytes[at]!)) at++;
  if (bytes[at] !== QUOTE) return null;
  cursor.at = at + 1;
  return ascii(bytes, start, at);
}

function isLsnByte(byte: number): boolean {
  return (byte >= DOT + 1 && byte <= ZERO + 9) || (byte >= 65 && byte <= 70);
}

/** An array of strings at the cursor; null where there is none, or a newline comes first. */
export function readStrings(cursor: Cursor): string[] | null {
  const { bytes, at: start } = cursor;
  if (bytes[start] !== OPEN) return null;
  let quoted = false;
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) quoted = !quoted;
    else if (byte < 32 || (!quoted && byte !== CLOSE && byte !== 44)) return null;
    else if (byte === CLOSE && !quoted) {
      cursor.at = at + 1;
      return parseStrings(bytes, start, at + 1);
    }
  }
  return null;
}

function parseStrings(bytes: Uint8Array, start: number, end: number): string[] | null {
  try {
    return JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString(),
    ) as string[];
  } catch {
    return null;
  }
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}
