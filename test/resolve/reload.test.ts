/** When the catalogs are read again, by a clock that only the readings and the test move. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReload } from '../../src/resolve/reload.js';
import type { ClusterView } from '../../src/resolve/target.js';

/** Asks every 10 ms; returns when it was read. */
function readings(until: number, urgent: boolean, takes: (count: number) => number): number[] {
  let now = 0;
  const began: number[] = [];
  const reload = createReload(
    () => now,
    () => assert.fail(),
  );
  const cluster = {
    reload: () => {
      began.push(now);
      now += takes(began.length);
    },
  } as ClusterView;
  for (; now < until; now += 10) reload(cluster, urgent, () => undefined);
  return began;
}

test('a file without a name is looked for every 50 ms', () => {
  assert.deepEqual(
    readings(300, true, () => 0),
    [50, 100, 150, 200, 250],
  );
});

test('first readings that take long do not put off the next ones', () => {
  assert.deepEqual(
    readings(600, true, (count) => (count <= 3 ? 100 : 0)),
    [50, 200, 350, 500, 550],
  );
});

test('readings take a tenth of the time, and a second ahead of it', () => {
  for (const each of [20, 200, 2000]) {
    const taken = readings(60_000, true, () => each).length * each;
    assert.ok(taken < 6000 + 1000 + 2 * each, `${taken} ms of readings of ${each} ms`);
  }
});

test('nothing asks: twice a second, and what takes long hardly ever', () => {
  assert.equal(readings(10_000, false, () => 0).length, 19);
  assert.equal(readings(60_000, false, () => 200).length, 3);
});
