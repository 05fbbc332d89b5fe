import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { createAggregates } from '../../src/view/aggregates.js';
import { mainForkOf } from '../../src/view/objects.js';
import { type Progress, progressAt, sumOfForks } from '../../src/view/progress.js';
import { blocksOf } from '../../src/view/stream.js';
import { Random } from '../random.js';
import { createTrail, ORDERS, pgOf, type Trail } from './events.js';

function forksOf(events: readonly Event[]) {
  const aggregates = createAggregates();
  aggregates.write(events);
  const forks = aggregates.objects.flatMap((object) => mainForkOf(object) ?? []);
  return { forks, now: aggregates.lastTs()! };
}

function progressOf(make: (trail: Trail) => void): Progress {
  const trail = createTrail();
  make(trail);
  const { forks, now } = forksOf(trail.events);
  return progressAt(forks[0]!, now)!;
}

function scan(trail: Trail, from: number, to: number, step = 1): void {
  for (let block = from; block < to; block += step) trail.read(ORDERS, block, 1);
}

const CASES: readonly (readonly [string, (trail: Trail) => void, Partial<Progress>])[] = [
  ['from the first block on', (t) => scan(t, 0, 500), { pattern: 'sequential', done: 0.5, position: 500 }],
  [
    'blocks that were cached make no call',
    (t) => {
      for (let patch = 0; patch < 800; patch += 100) scan(t, patch, patch + 30);
    },
    { pattern: 'sequential', done: 0.73 },
  ],
  [
    'vectored reads count all their blocks',
    (t) => {
      for (let block = 0; block < 640; block += 16) t.read(ORDERS, block, 16);
    },
    { pattern: 'sequential', done: 0.64 },
  ],
  [
    'a trace that began in the middle',
    (t) => scan(t, 300, 600),
    { done: null, position: 600, low: 0.3, high: 1 },
  ],
  [
    'a scan that was seen to begin, not at its first block',
    (t) => {
      t.size(ORDERS);
      scan(t, 300, 600);
    },
    { done: null, low: 0.3, high: 0.6 },
  ],
  [
    'a synchronised scan that wrapped',
    (t) => {
      t.size(ORDERS);
      scan(t, 600, 1000);
      scan(t, 0, 300);
    },
    { done: 0.7, wrapped: true, position: 300 },
  ],
  [
    'a wrap of a scan whose beginning is not known',
    (t) => {
      scan(t, 600, 1000);
      scan(t, 0, 300);
    },
    { done: null, low: 0.7, high: 1, wrapped: true },
  ],
  [
    'a second scan is none that wrapped',
    (t) => {
      t.size(ORDERS);
      scan(t, 0, 1000);
      t.size(ORDERS);
      scan(t, 0, 100);
    },
    { done: 0.1, wrapped: false, passes: 2 },
  ],
  [
    'backward',
    (t) => {
      for (let block = 999; block >= 750; block--) t.read(ORDERS, block);
    },
    { pattern: 'backward', done: 0.25, position: 750 },
  ],
  [
    'with gaps, as a bitmap heap scan',
    (t) => scan(t, 0, 500, 5),
    { pattern: 'bitmap-like', done: null, low: 0.496, high: 1 },
  ],
  [
    'here and there',
    (t) => {
      const random = new Random(7);
      for (let n = 0; n < 300; n++) t.read(ORDERS, random.below(1000));
    },
    { pattern: 'random', done: null, low: 0, high: 1 },
  ],
  ['two reads are no pattern', (t) => scan(t, 0, 2), { pattern: null, done: null }],
];

for (const [name, make, wanted] of CASES) {
  test(`progress: ${name}`, () => {
    const found = progressOf(make);
    for (const [key, value] of Object.entries(wanted)) assert.equal(found[key as keyof Progress], value, key);
  });
}

test('the time to go is what is left at the rate of late', () => {
  const found = progressOf((trail) => scan(trail, 0, 500));
  assert.ok(Math.abs(found.rate! - 1000) < 50, `${found.rate} blocks/s`);
  assert.ok(Math.abs(found.remaining! - 0.5) < 0.05, `${found.remaining} s`);
});

test('parallel workers are one scan, also if their leader is told late', () => {
  const events: Event[] = [];
  const trails = [createTrail(1), createTrail(2), createTrail(3)];
  trails[0]!.size(ORDERS);
  // Parts of 8 blocks, handed out in turn.
  for (let part = 0; part < 60; part++) {
    const trail = trails[part % 3]!;
    for (let block = part * 8; block < part * 8 + 8; block++) trail.read(ORDERS, block);
  }
  for (const trail of trails) events.push(...trail.events);
  events.sort((a, b) => ('ts' in a && 'ts' in b ? a.ts! - b.ts! : 0));
  for (const pid of [2, 3])
    events.push({ type: 'process', ts: 1001, pid, role: 'parallel worker', leader: 1 });
  const { forks, now } = forksOf(events);
  assert.equal(forks[0]!.reads.size, 1);
  assert.equal(progressAt(forks[0]!, now)!.done, 0.48);
  assert.equal(blocksOf(forks[0]!).count, 480);
});

test("I/O workers read for the backend that asked for the table's size", () => {
  const backend = createTrail(1);
  backend.size(ORDERS);
  const workers = [createTrail(11), createTrail(12)];
  const events: Event[] = [...backend.events];
  for (const pid of [11, 12]) events.push({ type: 'process', ts: 999, pid, role: 'io worker' });
  // Each of four reads is done before the one that it follows.
  for (const n of [1, 0, 3, 2, 5, 4, 7, 6, 9, 8]) workers[n % 2]!.read(ORDERS, n * 16, 16);
  const [a, b] = workers.map((worker) => worker.events);
  for (let n = 0; n < 5; n++) events.push(a![n]!, b![n]!);
  const { forks, now } = forksOf(events);
  const [group, another] = forks[0]!.reads.keys();
  assert.equal(group!.leader, 1);
  assert.equal(another, undefined);
  assert.deepEqual(
    [progressAt(forks[0]!, now)!.pattern, progressAt(forks[0]!, now)!.done],
    ['sequential', 0.16],
  );
});

test('processes that are told one after the other are one scan in the order of its times', () => {
  const backend = createTrail(1);
  backend.size(ORDERS);
  const workers = [11, 12, 13].map((pid) => createTrail(pid));
  const all: Event[] = [];
  let n = 0;
  // The three take turns, so that each alone reads every third part.
  for (let block = 0; block < 400; block += 16) workers[n++ % 3]!.read(ORDERS, block, 16);
  const roles = [11, 12, 13].map((pid): Event => ({ type: 'process', ts: 999, pid, role: 'io worker' }));
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    for (const last of [true, false]) {
      all.length = 0;
      all.push(...roles, ...(last ? [] : backend.events));
      for (const index of order) {
        // A millisecond for each read of all of them.
        workers[index]!.events.forEach((event, nth) => {
          all.push({ ...event, ts: 1001 + (nth * 3 + index) / 1000 } as Event);
        });
      }
      all.push(...(last ? backend.events : []));
      const { forks, now } = forksOf(all);
      const { pattern, done, rate } = progressAt(forks[0]!, now)!;
      const message = `workers ${order}, backend last: ${last}`;
      assert.deepEqual([pattern, done], ['sequential', 0.4], message);
      assert.ok(rate !== null && rate > 0, message);
      assert.equal(forks[0]!.reads.size, 1);
    }
  }
});

test("a planner that asks for the table's size takes no I/O worker's read from a scan", () => {
  const [backend, planner, worker] = [createTrail(1), createTrail(2), createTrail(11)];
  const at = (trail: Trail, ms: number) => ({ ...trail.events.pop()!, ts: 1000 + ms / 1000 }) as Event;
  const events: Event[] = [{ type: 'process', ts: 999, pid: 11, role: 'io worker' }];
  backend.size(ORDERS);
  events.push(at(backend, 0));
  for (let block = 0; block < 640; block += 16) {
    if (block === 320) {
      planner.size(ORDERS);
      events.push(at(planner, block));
    }
    worker.read(ORDERS, block, 16);
    events.push(at(worker, block + 1));
  }
  const { forks, now } = forksOf(events);
  assert.equal(progressAt(forks[0]!, now)!.done, 0.64);
  assert.equal(forks[0]!.reads.get([...forks[0]!.users][0]!)!.position, 640);
});

test('a synchronised scan that ended, and the next one that begins where it began', () => {
  const trail = createTrail();
  const { forks, now } = forksOf(
    ((t: Trail) => {
      for (let pass = 0; pass < 2; pass++) {
        t.size(ORDERS);
        scan(t, 600, 1000);
        scan(t, 0, pass === 0 ? 600 : 100);
      }
      return t.events;
    })(trail),
  );
  const { done, wrapped } = progressAt(forks[0]!, now)!;
  assert.deepEqual([done, wrapped], [0.5, true]);
});

test('a slower process that is still before the wrap does not take the cursor back there', () => {
  const [fast, slow] = [createTrail(1), createTrail(2)];
  const events: Event[] = [{ type: 'process', ts: 999, pid: 2, role: 'parallel worker', leader: 1 }];
  const at = (trail: Trail, ms: number) => ({ ...trail.events.at(-1)!, ts: 1000 + ms / 1000 }) as Event;
  fast.size(ORDERS);
  events.push(at(fast, 0));
  for (let n = 0; n < 60; n++) {
    const block = (600 + n * 10) % 1000;
    const process = block === 990 ? slow : fast;
    process.read(ORDERS, block, 10);
    // The last part before the wrap takes as long as two after it.
    events.push(at(process, block === 990 ? n + 2.5 : n));
  }
  events.sort((a, b) => ('ts' in a && 'ts' in b ? a.ts! - b.ts! : 0));
  const { forks, now } = forksOf(events);
  const { done, position } = progressAt(forks[0]!, now)!;
  assert.deepEqual([done, position], [0.6, 200]);
});

test('partitions are one work, those that nobody has read yet, too', () => {
  const trail = createTrail();
  const parts = [1, 2, 3, 4].map((n) => ({ ...ORDERS, relation: `parts${n}`, filenode: n }));
  for (const part of parts) trail.size(part);
  for (let block = 0; block < 1000; block++) trail.read(parts[0]!, block);
  for (let block = 0; block < 500; block++) trail.read(parts[1]!, block);
  const { forks, now } = forksOf(trail.events);
  const sum = sumOfForks(forks, now)!;
  assert.equal(sum.done, 0.375);
  assert.equal(sum.total, 4000);
});

test('samples tell positions; the counters, bytes', () => {
  const trail = createTrail();
  const sample = { type: 'sample', pid: 1, state: 'D', call: 'pread64' } as const;
  const pg = {
    kind: 'relation',
    fork: 'main',
    segment: 0,
    databaseOid: 5,
    filenode: 7,
    total: 1000,
  } as const;
  for (let n = 0; n < 10; n++) {
    const counters = { rchar: 1000 + n * 655_360, wchar: 0 };
    trail.add({ ...sample, ts: 1000 + n, pg: { ...pg, block: 5 + n * 80, blocks: 1 }, ...counters });
  }
  const aggregates = createAggregates();
  aggregates.write(trail.events);
  const progress = progressAt(mainForkOf(aggregates.objects[0]!)!, aggregates.lastTs()!)!;
  assert.equal(progress.pattern, 'ascending');
  assert.equal(progress.done, 0.726);
  assert.equal(aggregates.total().read, 9 * 655_360);
  assert.equal(aggregates.total().samples, 10);
});

test('by samples, what the counters say was read before the first position shows where the scan began', () => {
  for (const [read, wanted] of [
    [100, 0.6],
    [10, null],
  ] as const) {
    const trail = createTrail();
    const sample = { type: 'sample', pid: 1, state: 'D', call: 'pread64', wchar: 0 } as const;
    trail.add({ type: 'sample', ts: 999, pid: 1, state: 'R', rchar: 5000, wchar: 0 });
    for (let block = 100; block < 600; block += 50) {
      const rchar = 5000 + (block - 100 + read) * 8192;
      trail.add({ ...sample, ts: 1000 + block, rchar, pg: { ...pgOf(ORDERS), block, blocks: 50 } });
    }
    const { forks, now } = forksOf(trail.events);
    assert.equal(progressAt(forks[0]!, now)!.done, wanted);
  }
});

test('reads that end in another order than they began count for the rate, too', () => {
  const found = progressOf((trail) => {
    // As of two I/O workers: what began first ends second.
    for (let block = 0; block < 400; block++)
      trail.call({
        ts: 1000 + (block ^ 1) / 1000,
        ret: 8192,
        length: 8192,
        pg: { ...pgOf(ORDERS), block, blocks: 1 },
      });
  });
  assert.ok(Math.abs(found.rate! - 1000) < 50, `${found.rate} blocks/s`);
});

test('what ended processes needed is let go; their blocks stay', () => {
  const aggregates = createAggregates();
  for (let pid = 1; pid <= 500; pid++) {
    const trail = createTrail(pid);
    for (let block = 0; block < 4; block++) trail.read(ORDERS, block + (pid % 10));
    trail.add({ type: 'exit', ts: 2000, pid, status: 0 });
    aggregates.write(trail.events);
  }
  const fork = mainForkOf(aggregates.objects[0]!)!;
  assert.equal(fork.streams.size, 0);
  assert.ok(fork.reads.size <= 1);
  assert.equal(blocksOf(fork).count, 13);
});
