import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Shot, settleFiles } from '../../src/attach/position.js';
import type { FdEvent, SyscallEvent } from '../../src/event/types.js';

const file: FdEvent = { type: 'fd', ts: 10, pid: 1, fd: 9, path: '/data/base/5/1', offset: 777 };
const shot = (at: number, offset: number, moving: number | null = null): Shot => ({
  blocked: moving !== null,
  from: at,
  to: at + 0.1,
  moving,
  offsets: new Map([[9, offset]]),
});
const call = (ts: number, name: string, ret: number, more: Partial<SyscallEvent> = {}): SyscallEvent => ({
  type: 'syscall',
  ts,
  pid: 1,
  call: name,
  fd: 9,
  ret,
  dur: 0.01,
  ...more,
});
const settled = (shots: Shot[], held: SyscallEvent[]): FdEvent[] => settleFiles([file], shots, held);
const at = (offset: number): FdEvent[] => [{ ...file, offset }];
const { offset: _, ...nowhere } = file;

test('an untouched descriptor is where it was seen', () => {
  assert.deepEqual(settled([shot(10, 777)], []), at(777));
  assert.deepEqual(settled([shot(10, 777)], [call(9, 'pread64', 8192)]), at(777));
  assert.deepEqual(settled([shot(10, 777)], [call(9, 'read', 8192, { fd: 8 })]), at(777));
});

test('what was read and written before it was seen is taken back', () => {
  assert.deepEqual(settled([shot(10, 24576)], [call(8, 'read', 8192), call(9, 'write', 8192)]), at(8192));
  assert.deepEqual(settled([shot(10, 8192)], [call(9, 'read', -1, { errno: 'EINTR' })]), at(8192));
});

test('what comes after it was seen does not matter', () => {
  assert.deepEqual(settled([shot(10, 8192)], [call(11, 'read', 8192)]), at(8192));
});

test('a call at the same time makes the position uncertain, and another moment tells it', () => {
  const during = call(9.95, 'read', 8192, { dur: 0.1 });
  assert.deepEqual(settled([shot(10, 8192)], [during]), [nowhere]);
  assert.deepEqual(settled([shot(10, 8192), shot(12, 16384)], [during]), at(8192));
});

test('a call that the process is blocked in has not moved the position yet', () => {
  const blocked = call(9, 'read', 8192, { dur: 3 });
  assert.deepEqual(settled([shot(10, 8192, 9)], [blocked]), at(8192));
  assert.deepEqual(settled([shot(10, 16384, 9)], [call(8, 'read', 8192), blocked]), at(8192));
});

test('a blocked call that began before the trace leaves the position unknown', () => {
  assert.deepEqual(settled([shot(10, 8192, 9)], [call(12, 'read', 8192)]), [nowhere]);
});

test('a seek before it was seen hides where it began', () => {
  assert.deepEqual(settled([shot(10, 8192)], [call(9, 'lseek', 8192)]), [nowhere]);
});

test('a descriptor that was opened or closed meanwhile is left to the calls', () => {
  assert.deepEqual(settled([shot(10, 0)], [call(9, 'openat', 9, { fd: 3 })]), []);
  assert.deepEqual(settled([shot(10, 0)], [call(9, 'close', 0)]), []);
  assert.deepEqual(settled([shot(10, 777)], [call(11, 'close', 0)]), at(777));
});
