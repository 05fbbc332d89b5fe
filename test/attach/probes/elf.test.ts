import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExecutable } from '../../../src/attach/probes/elf.js';
import { makeElf } from './made-elf.js';

const WANTED = new Set(['first', 'second', 'imported', 'variable']);

const readOf = (bytes: Buffer) => (position: number, length: number) =>
  bytes.subarray(position, Math.min(bytes.length, position + length));

for (const [name, base] of [
  ['at a fixed address', 0x400000],
  ['position-independent', 0],
] as const)
  test(`the functions of an executable ${name}`, () => {
    const bytes = makeElf(base);
    const found = readExecutable(readOf(bytes), WANTED);
    assert.equal(found?.buildId, 'c0ffee00');
    assert.deepEqual(
      [...found.functions].map(([function_, { offset, code }]) => [function_, offset, code[0]]),
      [
        ['first', 0x1000, 0x55],
        ['second', 0x1010, 0xc3],
      ],
    );
  });

test('what is no 64-bit little-endian ELF file is told apart', () => {
  const bytes = makeElf(0);
  for (const [at, value] of [
    [0, 0],
    [4, 1],
    [5, 2],
  ] as const) {
    const other = Buffer.from(bytes);
    other[at] = value;
    assert.equal(readExecutable(readOf(other), WANTED), null);
  }
  assert.equal(readExecutable(readOf(Buffer.alloc(0)), WANTED), null);
});

test('a damaged file costs neither a crash nor memory, and gives no place outside of it', () => {
  const whole = makeElf(0x400000);
  const largest = { length: 0 };
  const check = (bytes: Buffer) => {
    const found = readExecutable((position, length) => {
      largest.length = Math.max(largest.length, length);
      return readOf(bytes)(position, length);
    }, WANTED);
    for (const { offset } of found?.functions.values() ?? [])
      assert.ok(Number.isSafeInteger(offset) && offset >= 0);
  };
  for (let at = 0; at < whole.length; at++) {
    // The code itself, and the zeroes before it, say nothing.
    if (at === 0x300) at = 0x1020;
    for (const value of [0x00, 0x7f, 0xff]) {
      const bytes = Buffer.from(whole);
      bytes[at] = value;
      check(bytes);
    }
    check(whole.subarray(0, at));
  }
  assert.ok(largest.length <= 64 << 20, `${largest.length} bytes were asked for at once`);
});
