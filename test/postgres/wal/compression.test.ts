import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restoreImage } from '../../../src/postgres/wal/image.js';
import { walLayout } from '../../../src/postgres/wal/layout.js';
import { decompressLz4 } from '../../../src/postgres/wal/lz4.js';
import { decompressPglz } from '../../../src/postgres/wal/pglz.js';
import type { BlockReference } from '../../../src/postgres/wal/record.js';
import { noise } from './build.js';

/** Written by hand after the formats' descriptions; the images of real servers are compared in the matrix. */
const CASES = [
  { what: 'pglz: literals', unpack: decompressPglz, packed: [0x00, 97, 98, 99], text: 'abc' },
  {
    what: 'pglz: a match',
    unpack: decompressPglz,
    packed: [0x08, 97, 98, 99, 0x03, 3, 100],
    text: 'abcabcabcd',
  },
  { what: 'pglz: a match of itself', unpack: decompressPglz, packed: [0x02, 97, 0x04, 1], text: 'aaaaaaaa' },
  {
    what: 'pglz: a long match',
    unpack: decompressPglz,
    packed: [0x02, 97, 0x0f, 1, 5],
    text: 'a'.repeat(24),
  },
  {
    what: 'pglz: a second control byte',
    unpack: decompressPglz,
    packed: [0, ...bytes('12345678'), 0x01, 0x05, 8],
    text: '1234567812345678',
  },
  { what: 'lz4: literals', unpack: decompressLz4, packed: [0x30, 97, 98, 99], text: 'abc' },
  {
    what: 'lz4: a match',
    unpack: decompressLz4,
    packed: [0x32, 97, 98, 99, 3, 0, 0x10, 100],
    text: 'abcabcabcd',
  },
  {
    what: 'lz4: a match of itself',
    unpack: decompressLz4,
    packed: [0x14, 97, 1, 0, 0x10, 98],
    text: 'aaaaaaaaab',
  },
  {
    what: 'lz4: long literals',
    unpack: decompressLz4,
    packed: [0xf0, 5, ...bytes('12345678901234567890')],
    text: '12345678901234567890',
  },
  {
    what: 'lz4: a long match',
    unpack: decompressLz4,
    packed: [0x1f, 97, 1, 0, 5, 0x10, 98],
    text: `${'a'.repeat(25)}b`,
  },
];

function bytes(text: string): number[] {
  return [...Buffer.from(text)];
}

for (const { what, unpack, packed, text } of CASES) {
  test(what, () => {
    const target = new Uint8Array(text.length);
    assert.equal(unpack(Uint8Array.from([9, ...packed, 9]), 1, packed.length, target), true);
    assert.equal(Buffer.from(target).toString(), text);
    for (const wrong of [text.length - 1, text.length + 1])
      assert.equal(unpack(Uint8Array.from(packed), 0, packed.length, new Uint8Array(wrong)), false);
    for (let cut = 0; cut < packed.length; cut += 1)
      assert.equal(
        unpack(Uint8Array.from(packed), 0, cut, new Uint8Array(text.length)),
        false,
        `${cut} bytes`,
      );
  });
}

test('bytes that are no compressed data are refused, or are data by chance; none is read or written outside', () => {
  for (let seed = 0; seed < 2000; seed += 1) {
    const packed = noise(seed, 5 + (seed % 200));
    for (const unpack of [decompressPglz, decompressLz4]) {
      const target = new Uint8Array(600);
      assert.equal(typeof unpack(packed, 0, packed.length, target), 'boolean');
    }
  }
});

const layout = walLayout(15)!;

function image(stored: Uint8Array, info: number, holeOffset: number, holeLength: number): BlockReference {
  const rest = {
    id: 0,
    spc: 1663,
    db: 5,
    rel: 1259,
    fork: 0,
    block: 0,
    flags: 0x10,
    dataAt: 0,
    dataLength: 0,
  };
  return { ...rest, imageInfo: info, imageAt: 0, imageLength: stored.length, holeOffset, holeLength };
}

test('an image has its hole filled with zeros', () => {
  const stored = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  assert.deepEqual(
    [...restoreImage(stored, image(stored, 0x03, 2, 4), layout, 10)!],
    [1, 2, 0, 0, 0, 0, 3, 4, 5, 6],
  );
  assert.deepEqual([...restoreImage(stored, image(stored, 0x02, 0, 0), layout, 6)!], [1, 2, 3, 4, 5, 6]);
  const packed = Uint8Array.from([0x14, 97, 1, 0, 0x10, 98]);
  const page = restoreImage(packed, image(packed, 0x0b, 4, 2), layout, 12)!;
  assert.equal(Buffer.from(page).toString(), 'aaaa\0\0aaaaab');
});

/** The output of zstd(1) for 64 times `pgtrace `. */
const ZSTD = Buffer.from('28b52ffd6000017d00004070677472616365200100f5530b17', 'hex');

test('zstd, and what is none', () => {
  const page = restoreImage(ZSTD, image(ZSTD, 0x12, 0, 0), layout, 512)!;
  assert.equal(Buffer.from(page).toString(), 'pgtrace '.repeat(64));
  assert.equal(restoreImage(ZSTD, image(ZSTD, 0x12, 0, 0), layout, 511), null);
  const cut = ZSTD.subarray(0, 12);
  assert.equal(restoreImage(cut, image(cut, 0x12, 0, 0), layout, 512), null);
});
