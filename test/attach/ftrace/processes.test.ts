/** Whose events are told, and who waits until that is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DUR, done, end, enter, exit, fork, joining, PID, schemaOf, skip } from './joining.js';

const read = (pid: number) => [enter('read', [3, 0, 5], pid), exit('read', 5, pid)];
/** What is told of it. */
const eventOf = (ts: number, pid: number) => ({
  ...done(ts, 'read', { fd: 3, length: 5, ret: 5, dur: DUR }),
  pid,
});

test('children of a parent wait from their fork on, until they are wanted or not', { skip }, () => {
  const [parent, wanted, unwanted, ended] = [100, 101, 102, 103];
  const { joiner, feed } = joining();
  joiner.processes.expect([parent], false);
  joiner.processes.watch(PID);
  const born = [fork(parent, wanted), fork(parent, unwanted), fork(parent, ended), fork(PID, 104)];
  const did = [...read(parent), ...read(wanted), ...read(unwanted), ...read(104), ...read(ended), end(ended)];
  feed(0n, [...born, ...did]);
  assert.deepEqual(joiner.takeEvents(), []);
  assert.deepEqual(joiner.processes.takeStrangers(), [104]);
  assert.deepEqual(
    [wanted, PID, parent].map((pid) => joiner.processes.sawBirth(pid)),
    [true, false, false],
  );
  joiner.refuse(unwanted, 20_000);
  joiner.processes.watch(wanted);
  assert.deepEqual(joiner.takeEvents(), [eventOf(0.007, wanted)]);
  joiner.end();
  assert.deepEqual(joiner.takeEvents(), []);
  assert.equal(joiner.processes.unjudged, 1);
});

test('a parallel worker that says whose it is waits no longer', { skip }, () => {
  const [parent, own, other] = [100, 101, 102];
  const { joiner, feed } = joining(schemaOf({ 9008: { kind: 'joining', leader: 2 } }));
  joiner.processes.expect([parent], false);
  joiner.processes.watch(PID);
  const worker = (pid: number, leader: number) => [
    fork(parent, pid),
    ...read(pid),
    [9008, pid, leader],
    end(pid),
  ];
  feed(0n, [...worker(own, PID), ...worker(other, 4712)]);
  assert.deepEqual(joiner.takeEvents(), [
    { type: 'process', ts: 0.002, pid: own, role: 'parallel worker', leader: PID },
    eventOf(0.002, own),
    { type: 'exit', ts: 0.005, pid: own, status: null },
  ]);
  assert.deepEqual(joiner.processes.takeStrangers(), [other]);
  assert.equal(joiner.processes.unjudged, 0);
});

test('a child that was refused before its fork was read does not wait; who has its pid later does', {
  skip,
}, () => {
  const [parent, child] = [100, 101];
  const { joiner, feed } = joining();
  joiner.processes.expect([parent], false);
  joiner.refuse(child, 3000);
  feed(0n, [fork(parent, child), ...read(child)]);
  assert.deepEqual(joiner.processes.values(), []);
  joiner.processes.settle(3000);
  feed(10_000n, [fork(parent, child), ...read(child)]);
  joiner.processes.watch(child);
  assert.deepEqual(joiner.takeEvents(), [eventOf(0.012, child)]);
});

test('a child that was added before its fork was read does not wait any more', { skip }, () => {
  const [parent, child] = [100, 101];
  const { joiner, feed } = joining();
  joiner.processes.expect([parent], false);
  joiner.processes.watch(child);
  feed(0n, [fork(parent, child), ...read(child)]);
  assert.deepEqual(joiner.takeEvents(), [eventOf(0.002, child)]);
});

test('an access that is not decided is kept, also while older ones are of a process that waits', {
  skip,
}, () => {
  const [parent, child] = [100, 101];
  const schema = schemaOf({ 9008: { kind: 'lookup', tag: 2 }, 9009: { kind: 'insert', tag: 2 } });
  const { joiner, feed } = joining(schema);
  joiner.processes.expect([parent], false);
  joiner.processes.watch(PID);
  const tag = (block: number) => [1663, 5, 16384, 0, block];
  const told = () =>
    joiner.takeEvents(0.01).map((event) => event.type === 'buffer' && [event.pid, event.hit]);
  feed(0n, [fork(parent, child), [9008, child, ...tag(1)], [9008, PID, ...tag(2)]]);
  assert.deepEqual(told(), []);
  joiner.processes.watch(child);
  assert.deepEqual(told(), []);
  feed(4000n, [
    [9009, PID, ...tag(2)],
    [9009, child, ...tag(1)],
  ]);
  assert.deepEqual(told(), [
    [PID, false],
    [child, false],
  ]);
});
