import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../src/event/types.js';
import { createSummary } from '../../../src/view/summary/summary.js';

const at = { ts: 100, pid: 7 };
const buffer = {
  ...at,
  type: 'buffer',
  tablespace: 1663,
  databaseOid: 5,
  filenode: 9,
  fork: 'main',
  block: 0,
} as const;
const read = (statement?: number): Event => ({
  ...at,
  type: 'syscall',
  call: 'pread64',
  ret: 8192,
  dur: 0.5,
  ...(statement === undefined ? {} : { statement }),
});

const EVENTS: readonly Event[] = [
  read(),
  { ...at, type: 'statement', state: 'running', number: 1, text: 'SELECT 1' },
  read(1),
  { ...buffer, hit: false, statement: 1 },
  { ...buffer, hit: true, statement: 1 },
  { ...buffer, statement: 1 },
  // A parallel worker's part.
  { ...at, pid: 8, type: 'statement', state: 'running', number: 2, text: 'SELECT 1', statement: 1 },
  { ...at, type: 'statement', state: 'idle', number: 1, dur: 2 },
  read(1),
  { ...at, type: 'statement', state: 'running', number: 3, text: 'SELECT 1' },
  { ...at, type: 'statement', state: 'idle', number: 3, dur: 1 },
];

test('a table by statement: runs, times, calls, bytes, hits', () => {
  const summary = createSummary({
    by: ['statement'],
    format: 'json',
    sort: 'calls',
    top: Number.POSITIVE_INFINITY,
    histogram: false,
  });
  summary.write(EVENTS);
  const rows = summary
    .report(Number.POSITIVE_INFINITY)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ by }) => by === 'statement')
    .map(({ name, runs, elapsed, hit, calls, read, time }) => ({
      name,
      runs,
      elapsed,
      hit,
      calls,
      read,
      time,
    }));
  assert.deepEqual(rows, [
    { name: 'SELECT 1', runs: 2, elapsed: 3, hit: 0.5, calls: 2, read: 16384, time: 1 },
    { name: '-', runs: 0, elapsed: 0, hit: null, calls: 1, read: 8192, time: 0.5 },
  ]);
});
