/** Which of many fixed texts stands at a place: a radix tree over words of four bytes, which V8 has as small integers. */

const WORD = 4;

/** What the entries of a tree are, by their numbers: texts that are compared in place. */
export interface Entries {
  /** Bytes. */
  length(entry: number): number;
  /** Four of its bytes from `at` on, as in a text. */
  word(entry: number, at: number): number;
  isAt(entry: number, view: DataView, from: number, end: number): boolean;
}

/** Texts that agree up to a word, and differ in it. */
export interface Branch {
  /** The word's number. */
  readonly word: number;
  readonly next: Map<number, number | Branch>;
  /** Those that end before the word does, or differ in their last bytes only: tried one by one. */
  readonly short: number[];
}

export const NONE = -1;

export function newBranch(word: number): Branch {
  return { word, next: new Map(), short: [] };
}

/** The entry whose text stands at `from` of the bytes that `view` is over, which end at `end`; NONE where there is none. */
export function find(entries: Entries, root: Branch, view: DataView, from: number, end: number): number {
  let branch = root;
  for (;;) {
    const at = from + branch.word * WORD;
    const next = at + WORD <= end ? branch.next.get(view.getInt32(at, true)) : undefined;
    if (typeof next === 'object') {
      branch = next;
      continue;
    }
    if (next !== undefined && entries.isAt(next, view, from, end)) return next;
    for (const entry of branch.short) if (entries.isAt(entry, view, from, end)) return entry;
    return NONE;
  }
}

/** Adds an entry, whose text must not be there yet. */
export function insert(entries: Entries, root: Branch, entry: number): void {
  const words = wordsOf(entries, entry);
  let branch = root;
  while (branch.word < words.length) {
    const key = words[branch.word]!;
    const next = branch.next.get(key);
    if (next === undefined) {
      branch.next.set(key, entry);
      return;
    }
    const inner = typeof next === 'object' ? next : null;
    const others = wordsOf(entries, anyOf(next));
    const end = inner === null ? Number.POSITIVE_INFINITY : inner.word;
    const word = firstDifference(words, others, branch.word + 1, end);
    if (inner !== null && word === inner.word) {
      branch = inner;
      continue;
    }
    const between = newBranch(word);
    if (word < others.length) between.next.set(others[word]!, next);
    else between.short.push(anyOf(next));
    branch.next.set(key, between);
    branch = between;
  }
  branch.short.push(entry);
}

function wordsOf(entries: Entries, entry: number): number[] {
  return Array.from({ length: Math.floor(entries.length(entry) / WORD) }, (_, word) =>
    entries.word(entry, word * WORD),
  );
}

function anyOf(next: number | Branch): number {
  if (typeof next === 'number') return next;
  const [short] = next.short;
  if (short !== undefined) return short;
  for (const inner of next.next.values()) return anyOf(inner);
  throw new RangeError('a branch holds at least one entry');
}

/** The first word from `from` on, below `end`, where the two differ or one of them ends; else `end`. */
function firstDifference(
  one: readonly number[],
  other: readonly number[],
  from: number,
  end: number,
): number {
  let word = from;
  while (word < end && word < one.length && word < other.length && one[word] === other[word]) word++;
  return word;
}
