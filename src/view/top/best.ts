/** The first of many in an order, without the others being sorted or kept. */

/** Numbers go from the greatest down, texts from the least up. */
export type Value = number | string;

/** An order of things: by their values, and where these are equal by `before` (negative: `a` is first). */
export interface Order<T> {
  /** Null for what has no place in it. */
  value(item: T): Value | null;
  before(a: T, b: T): number;
}

/** So many times as many as are wanted are kept before they are sorted. */
const KEPT = 3;

/**
 * The `count` first items, in one pass: what is not among the best so far costs one comparison. What comes in the order
 * or against it costs two or three, since it is sorted in runs.
 */
export function best<T>(items: Iterable<T>, count: number, { value, before }: Order<T>): T[] {
  if (count <= 0) return [];
  const order = (a: Found<T>, b: Found<T>) =>
    a.value === b.value ? before(a.item, b.item) : isBefore(a.value, b.value) ? -1 : 1;
  const found: Found<T>[] = [];
  /** No other than those before it is wanted; null while there are not so many. */
  let last: Found<T> | null = null;
  for (const item of items) {
    const own = value(item);
    if (own === null || (last !== null && isBefore(last.value, own))) continue;
    if (last !== null && own === last.value && before(item, last.item) >= 0) continue;
    found.push({ item, value: own });
    if (found.length < count * KEPT) continue;
    found.sort(order).length = count;
    last = found[count - 1]!;
  }
  return found
    .sort(order)
    .slice(0, count)
    .map(({ item }) => item);
}

interface Found<T> {
  readonly item: T;
  readonly value: Value;
}

export function isBefore(a: Value, b: Value): boolean {
  return typeof a === 'number' ? a > Number(b) : a < b;
}
