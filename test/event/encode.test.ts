import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes, encodeEvents } from '../../src/event/encode.js';
import type { Event, SyscallEvent } from '../../src/event/types.js';
import { Random } from '../random.js';

const CALL: SyscallEvent = { type: 'syscall', ts: 1795324737.917464, pid: 3820, call: 'read', ret: 0 };

function roundTrip(event: Event): void {
  const text = encodeEvents([event]);
  assert.ok(text.endsWith('}\n') && text.indexOf('\n') === text.length - 1, text);
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(event)));
}

test('numbers of every size', () => {
  const numbers = [
    0,
    -0,
    1,
    9,
    10,
    999,
    8192,
    1e9 - 1,
    1e9,
    1e9 + 1,
    2 ** 31,
    2 ** 32,
    1e15 - 1,
    1e15,
    2 ** 53,
    -1,
  ];
  numbers.push(0.5, 1e-7, 1e21, -4095, 1.5e300);
  for (const number of numbers)
    roundTrip({ ...CALL, fd: number, offset: number, length: number, ret: number });
});

test('times to the microsecond, and finer ones, are the same double', () => {
  const random = new Random(5);
  const times = [0, 1e-6, 0.000001, 1.1, 12, 1795324737, 1795324737.9174662, 6.6334e-5, -1.5, 1e300];
  for (let count = 0; count < 5000; count++) times.push((random.below(2e9) * 1e6 + random.below(1e6)) / 1e6);
  for (const ts of times) roundTrip({ ...CALL, ts, dur: ts });
});

test('whatever a string holds', () => {
  const texts = [
    '',
    '"',
    '\\',
    '\n\t\0\x7f',
    'é',
    '\u{1f418}',
    '\ud800',
    '\u2028',
    'x'.repeat(5000),
    '"'.repeat(3000),
  ];
  for (const text of texts) {
    for (let time = 0; time < 2; time++)
      roundTrip({ ...CALL, path: text, errno: text, flags: text, args: [text] });
  }
});

test('keys that it does not know, and null, are kept in their order', () => {
  const event = {
    ...CALL,
    ts: null,
    pid: null,
    ret: null,
    'odd "key"': { a: [1] },
    pg: { kind: 'socket' },
  } as SyscallEvent;
  roundTrip(event);
  assert.equal(encodeEvents([event]), `${JSON.stringify(event)}\n`);
  roundTrip({ ...CALL, ret: '18446744073709551615', offset: '9007199254740993' });
});

test('more different values than are remembered, and a batch that outgrows its buffer', () => {
  const events: Event[] = Array.from({ length: 20_000 }, (_, index) => ({
    ...CALL,
    path: `/${'x'.repeat(index % 1500)}${index}`,
  }));
  const lines = encodeBytes(events).toString().trimEnd().split('\n');
  assert.equal(lines.length, events.length);
  for (const [index, line] of lines.entries()) assert.deepEqual(JSON.parse(line), events[index]);
});

test('nothing of nothing', () => {
  assert.equal(encodeBytes([]).length, 0);
});
