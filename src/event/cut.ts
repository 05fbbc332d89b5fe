/** A line of NDJSON cut into what stays and what changes from one call to the next. */

/** Top-level keys whose numbers change. */
const NUMBERS = [
  'ts',
  'pid',
  'fd',
  'offset',
  'length',
  'ret',
  'size',
  'dur',
  'dirfd',
  'newdirfd',
  'newfd',
  'lastfd',
  'outfd',
  'outoffset',
  'iovcnt',
  'block',
  'statement',
] as const;

/** Keys of `pg` whose numbers change within one file; the others (oid, filenode …) are the file's own. */
const PG_NUMBERS = ['block', 'blocks', 'total', 'first', 'last'] as const;

/** What changes: a number, the `lsn` of a WAL file's `pg`, or `args`, the strings of a call without a decoder. */
export type Slot = (typeof NUMBERS)[number] | `pg.${(typeof PG_NUMBERS)[number]}` | 'pg.lsn' | 'args';

const SLOTS: ReadonlyMap<string, Slot> = new Map<string, Slot>([
  ...NUMBERS.map((key) => [key, key] as const),
  ...PG_NUMBERS.map((key) => [`pg.${key}`, `pg.${key}`] as const),
]);

/** Fixed text, and the slot after it; null after the last text, which ends the line. */
export interface Cut {
  text: string;
  slot: Slot | null;
}

const KEY = /"([\w]+)":/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const NUMBER = /-?\d[\d.eE+-]*/y;
const LITERAL = /null|true|false/y;
const STRINGS = /\[(?:"(?:[^"\\]|\\.)*"(?:,(?=")|(?=\])))*\]/y;

/**
 * The pieces of a line that JSON.parse has accepted as an object, the newline included. Null where its form is
 * not our encoder's: blanks between, a key twice, more nesting than `args` and `pg`, a number of an unknown key.
 */
export function cutLine(line: string): Cut[] | null {
  const pieces: Cut[] = [];
  let at = 0;
  let start = 0;

  function take(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    if (found === null) return null;
    at = pattern.lastIndex;
    return found[1] ?? found[0];
  }

  function cut(slot: Slot, pattern: RegExp): boolean {
    const text = line.slice(start, at);
    if (take(pattern) === null) return false;
    pieces.push({ text, slot });
    start = at;
    return true;
  }

  function members(prefix: '' | 'pg.'): boolean {
    const seen = new Set<string>();
    if (line[at++] !== '{') return false;
    do {
      const key = take(KEY);
      if (key === null || seen.has(key) || !value(prefix, key)) return false;
      seen.add(key);
    } while (line[at++] === ',');
    return line[at - 1] === '}';
  }

  function value(prefix: '' | 'pg.', key: string): boolean {
    const first = line[at];
    const inside = prefix !== '';
    if (first === '{') return !inside && key === 'pg' && members('pg.');
    if (first === '[') return !inside && key === 'args' && cut('args', STRINGS);
    if (first === '"') return inside && key === 'lsn' ? cut('pg.lsn', STRING) : take(STRING) !== null;
    if (take(LITERAL) !== null) return true;
    const slot = SLOTS.get(prefix + key);
    return slot === undefined ? inside && take(NUMBER) !== null : cut(slot, NUMBER);
  }

  if (!members('') || line.slice(at) !== '\n') return null;
  pieces.push({ text: line.slice(start), slot: null });
  return pieces;
}
