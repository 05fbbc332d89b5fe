/**
 * The first of many, picture after picture. What was not touched since the last picture has kept its figure, or has
 * less than it had, as rates fall: so the first are among those that were, more than are shown, and what was touched.
 * Only where that is not certain all are looked at again.
 */
import { best, isBefore, type Order, type Value } from './best.js';

export interface Ranking<T> {
  /**
   * @param key what the order is, and of what.
   * @param touched what may have another value than when this was called last.
   * @param left what of a value is left at most after so many seconds, for what was not touched.
   */
  first(
    key: string,
    order: Falling<T>,
    count: number,
    touched: readonly T[],
    all: Iterable<T>,
    now: number,
  ): T[];
  /** All are looked at the next time. */
  forget(): void;
}

export interface Falling<T> extends Order<T> {
  left(value: Value, seconds: number): Value;
}

/** Kept beyond those that are wanted: what falls out of these costs another look at all. */
const SPARE = 200;

export function createRanking<T>(): Ranking<T> {
  let kept: T[] = [];
  let keyOfKept: string | null = null;
  let size = 0;
  /** No other value is before this one, at that time; null where there is no other. */
  let bound: Value | null = null;
  let boundAt = 0;

  function keep(found: T[], order: Falling<T>, others: Value | null, now: number): void {
    kept = found;
    const last = found.length < size ? null : order.value(found[size - 1]!);
    bound = others === null || (last !== null && isBefore(last, others)) ? last : others;
    boundAt = now;
  }

  return {
    first(key, order, count, touched, all, now) {
      if (key === keyOfKept && count <= size - SPARE / 2) {
        const others = bound === null ? null : order.left(bound, Math.max(0, now - boundAt));
        keep(best(new Set([...kept, ...touched]), size, order), order, others, now);
        const last = kept[count - 1];
        const sure = last === undefined ? null : order.value(last);
        if (others === null || (sure !== null && !isBefore(others, sure))) return kept.slice(0, count);
      }
      keyOfKept = key;
      size = count + SPARE;
      keep(best(all, size, order), order, null, now);
      return kept.slice(0, count);
    },
    forget() {
      keyOfKept = null;
    },
  };
}
