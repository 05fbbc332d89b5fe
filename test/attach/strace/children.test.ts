import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Children } from '../../../src/attach/strace/children.js';
import type { Event } from '../../../src/event/types.js';

const call = (pid: number, ts: number): Event => ({ type: 'syscall', ts, pid, call: 'read', ret: 1 });
const exit = (pid: number, ts: number): Event => ({ type: 'exit', ts, pid, status: 0 });
const lost: Event = { type: 'lost', ts: 1, count: 1, reason: 'slow' };
const times = (events: readonly Event[]) => events.map((event) => ('ts' in event ? event.ts : null));

/** 100 is known from the start; 200 to 299 are children of the postmaster, the others somebody else's. */
const children = () => new Children([100], (pid) => pid >= 200 && pid < 300);

test('a child waits until it is added, others go on', () => {
  const waits = children();
  assert.deepEqual(times(waits.pass([call(100, 1), call(200, 2), call(300, 3), lost])), [1, 3, 1]);
  assert.deepEqual(times(waits.pass([call(200, 4)])), []);
  assert.deepEqual(times(waits.add(200)), [2, 4]);
  assert.deepEqual(times(waits.pass([call(200, 5)])), [5]);
  assert.deepEqual(times(waits.finish()), []);
});

test('one that is added before its first call does not wait', () => {
  const waits = children();
  assert.deepEqual(times(waits.add(200)), []);
  assert.deepEqual(times(waits.pass([call(200, 1)])), [1]);
});

test('one that ends before anybody saw it is told then; its pid may come again', () => {
  const waits = children();
  assert.deepEqual(times(waits.pass([call(200, 1), call(100, 2), exit(200, 3)])), [2, 1, 3]);
  assert.equal(waits.sawEnd(200), true);
  assert.equal(waits.sawEnd(100), false);
  assert.deepEqual(times(waits.add(200)), []);
  assert.equal(waits.sawEnd(200), false);
  assert.deepEqual(times(waits.pass([call(200, 4)])), []);
  assert.deepEqual(times(waits.finish()), [4]);
});

test('one that does much does not wait for ever', () => {
  const waits = children();
  const much = Array.from({ length: 30_000 }, (_, at) => call(200, at));
  assert.deepEqual(times(waits.pass(much)), times(much));
});

test('of those that ended unseen, the last are remembered', () => {
  const waits = new Children([], () => true);
  for (let pid = 1; pid <= 5000; pid++) waits.pass([call(pid, pid), exit(pid, pid)]);
  assert.equal(waits.sawEnd(5000), true);
  assert.equal(waits.sawEnd(1), false);
});
