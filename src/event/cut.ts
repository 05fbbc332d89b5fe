/** A line of NDJSON cut into what stays and what changes from one call to the next. */

/**
 * What changes: a number of the event, one of its `pg` that changes within one file (the others, oid, filenode …, are
 * the file's own), the `lsn` of a WAL file's `pg`, or `args`, the strings of a call without a decoder.
 */
export const SLOT = {
  ts: 0,
  pid: 1,
  fd: 2,
  offset: 3,
  length: 4,
  ret: 5,
  size: 6,
  dur: 7,
  dirfd: 8,
  newdirfd: 9,
  newfd: 10,
  lastfd: 11,
  outfd: 12,
  outoffset: 13,
  iovcnt: 14,
  block: 15,
  statement: 16,
  'pg.block': 17,
  'pg.blocks': 18,
  'pg.total': 19,
  'pg.first': 20,
  'pg.last': 21,
  'pg.lsn': 22,
  args: 23,
} as const;
export type Slot = (typeof SLOT)[keyof typeof SLOT];

/** Slots below this hold numbers. */
export const NUMBER_SLOTS = SLOT['pg.lsn'];

const SLOTS: ReadonlyMap<string, Slot> = new Map(Object.entries(SLOT));

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
    if (first === '[') return !inside && key === 'args' && cut(SLOT.args, STRINGS);
    if (first === '"') return inside && key === 'lsn' ? cut(SLOT['pg.lsn'], STRING) : take(STRING) !== null;
    if (take(LITERAL) !== null) return true;
    const slot = SLOTS.get(prefix + key);
    if (slot === undefined) return inside && take(NUMBER) !== null;
    return slot < NUMBER_SLOTS && cut(slot, NUMBER);
  }

  if (!members('') || line.slice(at) !== '\n') return null;
  pieces.push({ text: line.slice(start), slot: null });
  return pieces;
}
