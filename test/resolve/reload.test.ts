/** When the catalogs are read again, by a clock that only the readings and the test move. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cause, createReload } from '../../src/resolve/reload.js';
import type { ClusterView } from '../../src/resolve/target.js';

/** Asks every 10 ms; returns when it was read. */
function readings(until: number, cause: Cause, takes: (count: number) => number): number[] {
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
  for (; now < until; now += 10) reload(cluster, cause, () => undefined);
  return began;
}

test('a file without a name is looked for every 50 ms', () => {
  assert.deepEqual(
    readings(300, 'urgent', () => 0),
    [50, 100, 150, 200, 250],
  );
});

test('after WAL was written ten times a second, in no more than a tenth of the time, and half a second ahead of it', () => {
  assert.equal(readings(10_000, 'logged', () => 0).length, 99);
  for (const each of [20, 200]) {
    const taken = readings(60_000, 'logged', () => each).length * each;
    assert.ok(taken < 6000 + 500 + 2 * each, `${taken} ms of readings of ${each} ms`);
  }
});

test('first readings that take long do not put off the next ones', () => {
  assert.deepEqual(
    readings(600, 'urgent', (count) => (count <= 3 ? 100 : 0)),
    [50, 200, 350, 500, 550],
  );
});

test('readings take a tenth of the time, and a second ahead of it', () => {
  for (const each of [20, 200, 2000]) {
    const taken = readings(60_000, 'urgent', () => each).length * each;
    assert.ok(taken < 6000 + 1000 + 2 * each, `${taken} ms of readings of ${each} ms`);
  }
});

test('nothing asks: twice a second, and what takes long hardly ever', () => {
  assert.equal(readings(10_000, 'nothing', () => 0).length, 19);
  assert.equal(readings(60_000, 'nothing', () => 200).length, 3);
});
