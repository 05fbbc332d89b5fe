import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LargeFile } from '../../src/resolve/large-file.js';

const MIB = 1 << 20;
const BYTES = new Uint8Array(3 * MIB + 1000).map((_, index) => (index * 31) ^ (index >>> 8));

function filled(): LargeFile {
  const file = new LargeFile(BYTES.length);
  for (let at = 0; at < BYTES.length; at += 65_521) file.append(BYTES.subarray(at, at + 65_521));
  return file;
}

/** Whether it gives the very bytes, without the megabyte of words that a difference would take. */
function assertGives(file: LargeFile, begin: number, end?: number): void {
  const given = file.subarray(begin, end);
  assert.ok(Buffer.from(BYTES.subarray(begin, end)).equals(given), `${begin} to ${end}`);
  assert.equal(given.byteOffset, 0);
}

test('gives what it was given, wherever it is asked', () => {
  const file = filled();
  for (const begin of [3 * MIB, MIB - 1, 0, MIB, BYTES.length, BYTES.length + MIB])
    for (const length of [0, 1, MIB, MIB + 2, 2 * BYTES.length]) assertGives(file, begin, begin + length);
  assertGives(file, 0);
});

test('read once, it is read from start to end without being read again', () => {
  const file = filled();
  file.readOnce(() => assert.fail('read again'));
  const first = file.subarray(0, MIB);
  for (let at = 0; at < BYTES.length; at += MIB) {
    assertGives(file, at, at + MIB);
    // A page of what was read last, as who finds it torn does.
    assertGives(file, at + 512, at + 1024);
  }
  assertGives(file, BYTES.length + 5 * MIB);
  assert.ok(Buffer.from(BYTES.subarray(0, MIB)).equals(first), 'what was given stays');
});

test('who goes back has it read again, and then it stays', () => {
  const file = filled();
  let times = 0;
  file.readOnce(() => {
    times++;
    return filled();
  });
  assertGives(file, 2 * MIB, 3 * MIB);
  for (const at of [MIB, 2 * MIB, 0]) assertGives(file, at, at + MIB);
  assert.equal(times, 1);
});

test('its memory is free when it is let go of', () => {
  const size = 64 * MIB;
  const file = new LargeFile(size);
  const piece = new Uint8Array(MIB).fill(1);
  for (let at = 0; at < size; at += MIB) file.append(piece);
  file.readOnce(() => assert.fail('read again'));
  const before = process.memoryUsage().rss;
  file.subarray(size - 1);
  assert.ok(before - process.memoryUsage().rss > size / 2);
});
