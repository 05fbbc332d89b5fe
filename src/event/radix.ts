/** Which of many fixed texts stands at a place: a radix tree over words of four bytes, which V8 has as small integers. */
import { type FixedText, isAt } from './fixed.js';

const WORD = 4;

export interface Entry {
  readonly fixed: FixedText;
}

/** Texts that agree up to a word, and differ in it. */
export interface Branch<E extends Entry> {
  /** The word's number. */
  readonly word: number;
  readonly next: Map<number, E | Branch<E>>;
  /** Those that end before the word does, or differ in their last bytes only: tried one by one. */
  readonly short: E[];
}

export function newBranch<E extends Entry>(word: number): Branch<E> {
  return { word, next: new Map(), short: [] };
}

/** The entry whose text stands at `from` of the bytes, over which `view` is; null for none. */
export function find<E extends Entry>(
  root: Branch<E>,
  bytes: Uint8Array,
  view: DataView,
  from: number,
): E | null {
  let branch = root;
  for (;;) {
    const at = from + branch.word * WORD;
    const next = at + WORD <= bytes.length ? branch.next.get(view.getInt32(at, true)) : undefined;
    if (next !== undefined && 'next' in next) {
      branch = next;
      continue;
    }
    if (next !== undefined && isAt(next.fixed, bytes, view, from)) return next;
    for (const entry of branch.short) if (isAt(entry.fixed, bytes, view, from)) return entry;
    return null;
  }
}

/** Adds an entry, whose text must not be there yet. */
export function insert<E extends Entry>(root: Branch<E>, entry: E): void {
  const words = wordsOf(entry);
  let branch = root;
  while (branch.word < words.length) {
    const key = words[branch.word]!;
    const next = branch.next.get(key);
    if (next === undefined) {
      branch.next.set(key, entry);
      return;
    }
    const inner = 'next' in next ? next : null;
    const other = inner === null ? (next as E) : anyOf(inner);
    const end = inner === null ? Number.POSITIVE_INFINITY : inner.word;
    const others = wordsOf(other);
    const word = firstDifference(words, others, branch.word + 1, end);
    if (inner !== null && word === inner.word) {
      branch = inner;
      continue;
    }
    const between = newBranch<E>(word);
    if (word < others.length) between.next.set(others[word]!, next);
    else between.short.push(other);
    branch.next.set(key, between);
    branch = between;
  }
  branch.short.push(entry);
}

function wordsOf({ fixed: { bytes } }: Entry): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / WORD) }, (_, word) =>
    view.getInt32(word * WORD, true),
  );
}

function anyOf<E extends Entry>(branch: Branch<E>): E {
  const [short] = branch.short;
  if (short !== undefined) return short;
  for (const next of branch.next.values()) return 'next' in next ? anyOf(next) : next;
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
