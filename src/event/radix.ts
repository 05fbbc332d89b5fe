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

/** The branch of what is at `next` and one entry more, whose text must not be there yet; both agree up to word `from`. */
export function join(entries: Entries, next: number | Branch, entry: number, from = 0): Branch {
  const words = wordsOf(entries, entry);
  const others = wordsOf(entries, anyOf(next));
  const known = typeof next === 'object' ? next : null;
  const word = firstDifference(words, others, from, known?.word ?? Number.POSITIVE_INFINITY);
  const branch = word === known?.word ? known : branchAbove(next, others, word);
  const key = words[word];
  if (key === undefined) branch.short.push(entry);
  else {
    const below = branch.next.get(key);
    branch.next.set(key, below === undefined ? entry : join(entries, below, entry, word + 1));
  }
  return branch;
}

function branchAbove(next: number | Branch, others: readonly number[], word: number): Branch {
  const key = others[word];
  return key === undefined
    ? { word, next: new Map(), short: [anyOf(next)] }
    : { word, next: new Map([[key, next]]), short: [] };
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
