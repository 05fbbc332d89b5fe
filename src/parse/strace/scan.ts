/** Where the tokens of an strace line end. Every function stays below `end` and allocates nothing. */

const QUOTE = 34;
const OPEN = 40;
const CLOSE = 41;
const COMMA = 44;
const BACKSLASH = 92;

/** After the string whose opening quote is at `pos`; -1 where it is not closed. */
export function skipString(text: string, pos: number, end: number): number {
  let close = pos;
  for (;;) {
    close = text.indexOf('"', close + 1);
    if (close === -1 || close >= end) return -1;
    if (text.charCodeAt(close - 1) !== BACKSLASH) return close + 1;
    let first = close - 1;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((close - first) % 2 === 0) return close + 1;
  }
}

/** After the comment that begins at `pos`; -1 where it is not closed. */
export function skipComment(text: string, pos: number, end: number): number {
  for (let at = pos + 2; at < end - 1; at++) {
    if (text.charCodeAt(at) === 42 && text.charCodeAt(at + 1) === 47) return at + 2;
  }
  return -1;
}

/** Where the search for a `>` failed: from there on it is not made again, or a line full of `<` took a minute. */
let unclosedFrom = Number.POSITIVE_INFINITY;

/** Tells that what follows is asked of another text. */
export function beginText(): void {
  unclosedFrom = Number.POSITIVE_INFINITY;
}

/**
 * After the `>` that closes the `<` at `pos`; -1 where none does.
 *
 * strace escapes `<` and `>` in paths, which old versions did not, so a `>` only closes where something
 * stands behind it that can follow a descriptor. Inside may stand `->` (two ends of a connection), a
 * quoted path (a UNIX socket's name) and one more pair (`</dev/null<char 1:3>>`, `<pid:3820<postgres>>`).
 */
export function skipAngle(text: string, pos: number, end: number): number {
  if (pos >= unclosedFrom) return -1;
  const isPath = text.charCodeAt(pos + 1) === 47;
  const nests = text.startsWith('pid:', pos + 1);
  let depth = 0;
  for (let at = pos + 1; at < end; at++) {
    switch (text.charCodeAt(at)) {
      case BACKSLASH:
        at++;
        break;
      case QUOTE: {
        if (isPath) break;
        const after = skipString(text, at, end);
        if (after !== -1) at = after - 1;
        break;
      }
      case 60:
        if (nests || text.startsWith('char ', at + 1) || text.startsWith('block ', at + 1)) depth++;
        break;
      case 62:
        if (depth > 0) depth--;
        else if (text.charCodeAt(at - 1) !== 45 && mayFollow(text, at + 1, end)) return at + 1;
        break;
    }
  }
  unclosedFrom = pos;
  return -1;
}

function mayFollow(text: string, pos: number, end: number): boolean {
  if (pos >= end) return true;
  switch (text.charCodeAt(pos)) {
    case 32:
    case CLOSE:
    case 93:
    case 125:
      return true;
    case COMMA:
      return text.charCodeAt(pos + 1) === 32;
    case OPEN:
      return text.startsWith('(deleted)', pos);
    default:
      return false;
  }
}

/**
 * Where the argument that begins at `pos` ends: at the `,` or the closing bracket that follows it, or at `end`
 * where the line stops within it.
 */
export function skipArgument(text: string, pos: number, end: number): number {
  let depth = 0;
  let at = pos;
  while (at < end) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const after = skipString(text, at, end);
        if (after === -1) return end;
        at = after;
        continue;
      }
      case 60: {
        // 1<<CAP_CHOWN is a shift.
        if (text.charCodeAt(at + 1) === 60) {
          at += 2;
          continue;
        }
        const after = skipAngle(text, at, end);
        if (after !== -1) {
          at = after;
          continue;
        }
        break;
      }
      case 47: {
        if (text.charCodeAt(at + 1) !== 42) break;
        const after = skipComment(text, at, end);
        if (after === -1) return end;
        at = after;
        continue;
      }
      case OPEN:
      case 91:
      case 123:
        depth++;
        break;
      case CLOSE:
      case 93:
      case 125:
        if (depth === 0) return at;
        depth--;
        break;
      case COMMA:
        if (depth === 0) return at;
        break;
    }
    at++;
  }
  return end;
}
