import assert from 'node:assert/strict';
import { test } from 'node:test';
import { best } from '../../../src/view/top/best.js';

/** A sequence that looks random and is the same each time (Park and Miller's). */
function* numbers(count: number): Generator<number> {
  let state = 42;
  for (let n = 0; n < count; n++) {
    state = (state * 48271) % 0x7fffffff;
    yield state;
  }
}

test('the best are the first of all sorted, whatever the count', () => {
  const items = [...numbers(2000)].map((n, id) => ({ id, value: n % 50 }));
  const sorted = [...items].sort((a, b) => b.value - a.value || a.id - b.id);
  for (const count of [0, 1, 7, 100, 1999, 2000, 5000]) {
    const found = best(items, count, { value: ({ value }) => value, before: (a, b) => a.id - b.id });
    assert.deepEqual(found, sorted.slice(0, count));
  }
});

test('what has no value is left out', () => {
  const value = (n: number) => (n % 2 === 0 ? n : null);
  assert.deepEqual(best([1, 2, 3, 4], 9, { value, before: () => 0 }), [4, 2]);
});
