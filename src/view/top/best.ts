/** The first of many in an order, without the others being sorted or kept. */

/**
 * The `count` items of the greatest value, greatest first; `before` decides where values are equal (negative: `a` is
 * first). One pass; what is not among the best so far costs one comparison.
 */
export function best<T>(
  items: Iterable<T>,
  count: number,
  value: (item: T) => number,
  before: (a: T, b: T) => number,
): T[] {
  const kept: T[] = [];
  const values: number[] = [];
  if (count <= 0) return kept;
  for (const item of items) {
    const own = value(item);
    if (Number.isNaN(own)) continue;
    let at = kept.length;
    while (at > 0 && (values[at - 1]! < own || (values[at - 1] === own && before(item, kept[at - 1]!) < 0)))
      at--;
    if (at >= count) continue;
    kept.splice(at, 0, item);
    values.splice(at, 0, own);
    if (kept.length > count) {
      kept.pop();
      values.pop();
    }
  }
  return kept;
}
