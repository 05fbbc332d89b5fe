/** What strace's escapes stand for (string_quote() in strace's src/util.c): `\n`, `\"`, `\0`, `\177`, `\x7f`. */

const SINGLE: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, a: 7, b: 8, e: 27 };
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g;

/**
 * The text behind the escapes: bytes, decoded as UTF-8, because names are bytes to the kernel and PostgreSQL's
 * are nearly always UTF-8. What is no UTF-8 becomes U+FFFD.
 */
export function unquote(text: string): string {
  return text.includes('\\') ? unquoteBytes(text).toString() : text;
}

/** The bytes behind the escapes. */
export function unquoteBytes(text: string): Buffer {
  const parts: Buffer[] = [];
  let last = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const [all, hex, octal, other] = match;
    if (match.index > last) parts.push(Buffer.from(text.slice(last, match.index)));
    last = match.index + all.length;
    if (hex !== undefined) parts.push(Buffer.of(Number.parseInt(hex, 16)));
    else if (octal !== undefined) parts.push(Buffer.of(Number.parseInt(octal, 8) & 255));
    else if (other !== undefined) {
      const byte = SINGLE[other];
      parts.push(byte === undefined ? Buffer.from(other) : Buffer.of(byte));
    }
  }
  if (last < text.length) parts.push(Buffer.from(text.slice(last)));
  return Buffer.concat(parts);
}
