/** The first of many in an order, without the others being sorted or kept. */

/** Numbers go from the greatest down, texts from the least up. */
export type Value = number | string;

/** An order of things: by their values, and where these are equal by `before` (negative: `a` is first). */
export interface Order<T> {
  /** Null for what has no place in it. */
  value(item: T): Value | null;
  before(a: T, b: T): number;
}

/** The `count` first items. One pass; what is not among the best so far costs one comparison. */
export function best<T>(items: Iterable<T>, count: number, { value, before }: Order<T>): T[] {
  const kept: T[] = [];
  const values: Value[] = [];
  if (count <= 0) return kept;
  const goesBefore = (own: Value, item: T, at: number) =>
    own === values[at] ? before(item, kept[at]!) < 0 : isBefore(own, values[at]!);
  for (const item of items) {
    const own = value(item);
    if (own === null) continue;
    if (kept.length === count) {
      if (!goesBefore(own, item, count - 1)) continue;
      kept.pop();
      values.pop();
    }
    let at = 0;
    for (let end = kept.length; at < end; ) {
      const middle = (at + end) >> 1;
      if (goesBefore(own, item, middle)) end = middle;
      else at = middle + 1;
    }
    kept.splice(at, 0, item);
    values.splice(at, 0, own);
  }
  return kept;
}

export function isBefore(a: Value, b: Value): boolean {
  return typeof a === 'number' ? a > Number(b) : a < b;
}
