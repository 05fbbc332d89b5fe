/**
 * A line's arguments, separated. Its strings are data and paths, in which these tracers leave quotes as they are, so
 * where one ends is told by what follows: the parameters behind it hold no quotes.
 */
import { CALLS } from '../calls.js';

/** Calls of one buffer: one string, from the first quote to the last. */
const TRANSFERS: ReadonlySet<string> = new Set(
  'read write pread pwrite pread64 pwrite64 send recv sendto recvfrom'.split(' '),
);
const TWO_STRINGS: ReadonlySet<string> = new Set(['readlink', 'readlinkat']);
const TWO = /^(".*?")((?:,[^",]+)*), *(".*")$/s;

/** `call` by the name that calls.ts has. */
export function splitArguments(call: string, text: string): string[] {
  const first = text.indexOf('"');
  if (first === -1) return splitPlain(text);
  const last = text.lastIndexOf('"') + 1;
  const strings = text.slice(first, last);
  const before = splitPlain(text.slice(0, first).replace(/, *$/, ''));
  const after = splitPlain(text.slice(last).replace(/^\.*,? */, ''));
  const parameters = CALLS.get(call) ?? [];
  const paths = parameters.filter((parameter) => parameter === 'path' || parameter === 'newpath').length;
  if (paths === 2 || TWO_STRINGS.has(call)) {
    const [, one, between, two] = TWO.exec(strings) ?? [];
    if (one !== undefined)
      return [...before, one, ...splitPlain(between!.replace(/^, */, '')), two!, ...after];
  }
  const isOne = !strings.slice(1, -1).includes('"') || before.length + 1 + after.length === parameters.length;
  if (TRANSFERS.has(call) || (paths === 1 && isOne && !/[[{]/.test(strings)))
    return [...before, strings, ...after];
  return splitPlain(text);
}

/** At the commas that are in no brackets and no quotes. */
function splitPlain(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '\\') at++;
    else if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (char === ',' && depth <= 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const rest = text.slice(start).trim();
  return rest === '' && parts.length === 0 ? [] : [...parts, rest];
}
