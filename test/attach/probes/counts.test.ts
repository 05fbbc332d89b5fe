import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccessCounts, addHistogram, type Counted } from '../../../src/attach/probes/counts.js';
import type { Event } from '../../../src/event/types.js';

type Entries = Readonly<Record<string, number>>;

function counted(lookups: Entries, prefetches: Entries = {}, dropped = 0): Counted {
  const all: Counted = { accesses: new Map(), dropped: 0 };
  const entriesOf = (entries: Entries) =>
    Object.entries(entries).map(([key, hits]) => ({ keys: key.split(' '), hits }));
  addHistogram(all, { entries: entriesOf(lookups), dropped }, 1);
  addHistogram(all, { entries: entriesOf(prefetches), dropped: 0 }, -1);
  return all;
}

const BOTH = new Set([7, 8]);

function tell(counts: AccessCounts, all: Counted, pids: ReadonlySet<number> = BOTH): Event[] {
  const events: Event[] = [];
  counts.tell(all, pids, 3, events);
  return events;
}

function numbers(events: readonly Event[]): number[] {
  return events.map((event) =>
    event.type === 'buffers' || event.type === 'lost' ? event.count : Number.NaN,
  );
}

test('what the kernel counted, in words', () => {
  const all = counted({ '7 50000067f 4000': 9, '7 680 200004eb': 1, '8 ffffffff00000680 7fffffff': 2 });
  const base = { type: 'buffers', ts: 3 };
  assert.deepEqual(tell(new AccessCounts(), all), [
    { ...base, pid: 7, tablespace: 1663, databaseOid: 5, filenode: 16384, fork: 'main', count: 9 },
    { ...base, pid: 7, tablespace: 1664, databaseOid: 0, filenode: 0x200004eb, fork: 'main', count: 1 },
    {
      ...base,
      ...{ pid: 8, tablespace: 1664, databaseOid: 0xffffffff, filenode: 0x7fffffff, fork: 'main', count: 2 },
    },
  ]);
});

test('the other forks, and one that nobody knows', () => {
  const all = counted({ '7 50000067f 100004000': 1, '7 50000067f 200004000': 1, '7 50000067f 900004000': 1 });
  assert.deepEqual(
    tell(new AccessCounts(), all).map((event) => event.type === 'buffers' && [event.fork, event.filenode]),
    [
      ['fsm', 16384],
      ['vm', 16384],
      ['9', 16384],
    ],
  );
});

test('only what is new is told', () => {
  const counts = new AccessCounts();
  assert.deepEqual(numbers(tell(counts, counted({ '7 1 1': 5, '8 1 1': 1 }))), [5, 1]);
  assert.deepEqual(numbers(tell(counts, counted({ '7 1 1': 5, '8 1 1': 4 }))), [3]);
  assert.deepEqual(numbers(tell(counts, counted({ '7 1 1': 5, '8 1 1': 4, '8 1 2': 1 }))), [1]);
});

test('what is only prefetched is no access, also where that is known before', () => {
  const counts = new AccessCounts();
  assert.deepEqual(numbers(tell(counts, counted({ '7 1 1': 9 }, { '7 1 1': 4 }))), [5]);
  assert.deepEqual(numbers(tell(counts, counted({ '7 1 1': 9 }, { '7 1 1': 6 }))), []);
  assert.deepEqual(numbers(tell(counts, counted({ '7 1 1': 12 }, { '7 1 1': 6 }))), [1]);
});

test('others than the traced processes are not told, and once they are traced, all of them', () => {
  const counts = new AccessCounts();
  assert.deepEqual(numbers(tell(counts, counted({ '9 1 1': 5 }))), []);
  assert.deepEqual(numbers(tell(counts, counted({ '9 1 1': 6 }), new Set([9]))), [6]);
});

test('what had no room is lost, once', () => {
  const counts = new AccessCounts();
  assert.deepEqual(tell(counts, counted({}, {}, 4)), [
    {
      ...{ type: 'lost', ts: 3, count: 4 },
      reason: 'the kernel counts accesses of 16384 relations and processes at most',
    },
  ]);
  assert.deepEqual(numbers(tell(counts, counted({}, {}, 4))), []);
  assert.deepEqual(numbers(tell(counts, counted({}, {}, 5))), [1]);
});
