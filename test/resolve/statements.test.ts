import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { createStatements, statementOf } from '../../src/resolve/statements.js';

const call = (pid: number, ts: number | null): Event => ({
  type: 'syscall',
  ts,
  pid,
  call: 'pread64',
  ret: 8192,
});
const begin = (pid: number, ts: number, number: number): Event => ({
  type: 'statement',
  ts,
  pid,
  state: 'running',
  number,
  text: 'SELECT',
});
const end = (pid: number, ts: number, number: number, dur: number): Event => ({
  type: 'statement',
  ts,
  pid,
  state: 'idle',
  number,
  dur,
});
const worker = (pid: number, leader: number): Event => ({ type: 'process', ts: 0, pid, leader });
const exit = (pid: number, ts: number): Event => ({ type: 'exit', ts, pid, status: 0 });

const CASES: readonly [string, readonly [Event, number][]][] = [
  [
    'calls between beginning and end',
    [
      [call(1, 1), -1],
      [begin(1, 2, 5), -1],
      [call(1, 3), 5],
      [end(1, 4, 5, 2), -1],
      [call(1, 5), -1],
    ],
  ],
  [
    'other processes',
    [
      [begin(1, 2, 5), -1],
      [call(2, 3), -1],
    ],
  ],
  [
    'a worker works for its leader',
    [
      [begin(1, 2, 5), -1],
      [worker(2, 1), -1],
      [begin(2, 3, 6), 5],
      [call(2, 4), 5],
      [end(1, 9, 5, 7), -1],
    ],
  ],
  [
    'a worker that is told after the end',
    [
      [begin(1, 2, 5), -1],
      [end(1, 4, 5, 2), -1],
      [begin(1, 6, 7), -1],
      [worker(2, 1), -1],
      [call(2, 3), 5],
      [call(2, 5), -1],
      [call(2, 7), 7],
    ],
  ],
  [
    'a worker whose leader is not traced',
    [
      [worker(2, 1), -1],
      [begin(2, 3, 6), -1],
      [call(2, 4), 6],
    ],
  ],
  [
    'a pid that is used again',
    [
      [begin(1, 2, 5), -1],
      [exit(1, 3), -1],
      [call(1, 4), -1],
    ],
  ],
  [
    'an end that was lost',
    [
      [begin(1, 2, 5), -1],
      [begin(1, 4, 6), -1],
      [call(1, 3), 5],
      [call(1, 5), 6],
    ],
  ],
  [
    'a call without a time',
    [
      [begin(1, 2, 5), -1],
      [call(1, null), -1],
    ],
  ],
];

for (const [name, steps] of CASES)
  test(`the statement of ${name}`, () => {
    const statements = createStatements();
    assert.deepEqual(
      steps.map(([event]) => statementOf(statements, event)),
      steps.map(([, number]) => number),
    );
  });
