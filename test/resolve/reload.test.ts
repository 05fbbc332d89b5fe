/** When the catalogs are read again, by a clock that only looks, readings and the test move. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cause, createReload } from '../../src/resolve/reload.js';
import type { ClusterView } from '../../src/resolve/target.js';

interface Asking {
  until: number;
  cause: Cause;
  /** Milliseconds between two questions. */
  every?: number;
  news?: (now: number) => boolean | null;
  /** Milliseconds that a reading takes, by how many there have been. */
  takes?: (count: number) => number;
  /** The same of a look whether there is any news. */
  lookTakes?: number;
}

/** Returns when it was read, and how many milliseconds readings and looks took. */
function ask({ until, cause, every = 10, news = () => true, takes = () => 0, lookTakes = 0 }: Asking) {
  let now = 0;
  let taken = 0;
  let known = 0;
  const began: number[] = [];
  const spend = (ms: number): void => {
    now += ms;
    taken += ms;
  };
  const reload = createReload(
    () => now,
    () => assert.fail(),
  );
  const cluster = {
    news: () => {
      spend(lookTakes);
      return news(now);
    },
    reload: () => {
      began.push(now);
      spend(takes(began.length));
    },
  } as ClusterView;
  for (; now < until; now += every) if (reload(cluster, cause, () => undefined)) known++;
  return { began, taken, known };
}

const SECONDS = 1000;

const CASES: readonly [string, Asking, number[] | number][] = [
  ['what is pressing is read at once', { until: 50, cause: 'pressing' }, [0, 10, 20, 30, 40]],
  ['but not without news', { until: 10 * SECONDS, cause: 'pressing', news: () => false }, 0],
  ['a batch looks 50 times a second', { until: SECONDS, cause: 'batch' }, 49],
  ['and reads nothing without news', { until: SECONDS, cause: 'batch', news: () => false }, 0],
  ['or where nothing tells of any', { until: SECONDS, cause: 'batch', news: () => null }, 0],
  [
    'then what is pressing is read 20 times a second',
    { until: 200, cause: 'pressing', news: () => null },
    [50, 100, 150],
  ],
  [
    'and after a catalog was seen being written, too',
    { until: 200, cause: 'written', news: () => null },
    [50, 100, 150],
  ],
  ['each tick has one, news or not', { until: 10 * SECONDS, cause: 'tick', news: () => false }, 19],
  [
    'but what takes long is read hardly ever',
    { until: 60 * SECONDS, cause: 'tick', news: () => false, takes: () => 200 },
    3,
  ],
  [
    'first readings that take long do not put off the next ones',
    { until: 400, cause: 'pressing', every: 50, takes: (count) => (count <= 3 ? 100 : 0) },
    [0, 150, 300],
  ],
];

for (const [name, asking, expected] of CASES)
  test(name, () => {
    const { began } = ask(asking);
    if (typeof expected === 'number') assert.equal(began.length, expected);
    else assert.deepEqual(began, expected);
  });

/** By cause, which part of a minute may be spent, and how much ahead of that. */
const BOUNDS: readonly [Cause, ClusterView['news'], number, number][] = [
  ['pressing', () => true, 2, 1000],
  ['pressing', () => null, 10, 1000],
  ['written', () => true, 10, 1000],
  ['batch', () => true, 10, 500],
];

for (const [cause, news, share, advance] of BOUNDS)
  for (const each of [2, 20, 200, 2000])
    test(`readings of ${each} ms for ${cause}, ${news() ? 'with' : 'not told of'} news, stay below 1/${share} of the time`, () => {
      const { taken } = ask({ until: 60 * SECONDS, cause, every: 1, news, takes: () => each });
      assert.ok(taken <= (60 * SECONDS) / share + advance + 2 * each, `${taken} ms`);
      // It is made use of, too, where it suffices for one.
      if (each >= 20) assert.ok(taken >= (0.9 * 60 * SECONDS) / share, `${taken} ms`);
    });

test('a stream of files that nobody knows is looked for in no more than half of the time', () => {
  const stream = { until: 60 * SECONDS, cause: 'pressing', every: 0.01, lookTakes: 0.2 } as const;
  const bound = 30 * SECONDS + 1000 + 1;
  assert.ok(ask({ ...stream, news: () => false }).taken <= bound);
  // A server that changes its catalogs all the time.
  const { taken, known } = ask({ ...stream, takes: () => 3 });
  assert.ok(taken <= bound && known > 0, `${taken} ms`);
});

test('what is pressing does not wait for what other readings have spent', () => {
  let now = 0;
  const reload = createReload(
    () => now,
    () => assert.fail(),
  );
  const cluster = {
    news: () => true,
    reload: () => {
      now += 600;
    },
  } as unknown as ClusterView;
  const asked = (cause: Cause) => reload(cluster, cause, () => undefined);
  now = 20;
  assert.equal(asked('batch'), true);
  now += 20;
  assert.equal(asked('batch'), false);
  assert.equal(asked('pressing'), true);
});
