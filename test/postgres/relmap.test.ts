import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '../../src/postgres/crc32c.js';
import { decodeRelationMap, encodeRelationMap } from '../../src/postgres/relmap.js';
import { madeMap } from '../resolve/made-cluster.js';

test('a map of 62 and one of 64 entries', () => {
  assert.deepEqual(
    [...decodeRelationMap(madeMap([1259, 1249]))],
    [
      [1259, 1259],
      [1249, 1249],
    ],
  );
  const bytes = new Uint8Array(524);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x592717, true);
  view.setUint32(4, 64, true);
  for (let index = 0; index < 64; index++) {
    view.setUint32(8 + index * 8, 1000 + index, true);
    view.setUint32(12 + index * 8, 90000 + index, true);
  }
  view.setUint32(520, crc32c(bytes, 0, 520), true);
  const map = decodeRelationMap(bytes);
  assert.equal(map.size, 64);
  assert.equal(map.get(1063), 90063);
});

test('a map that is cut, changed or overfull is refused', () => {
  const bytes = madeMap([1259]);
  for (let at = 0; at < 508; at++) {
    const broken = bytes.slice();
    broken[at]! ^= 1;
    assert.throws(() => decodeRelationMap(broken), /wrong magic|wrong CRC/, `byte ${at}`);
  }
  assert.throws(() => decodeRelationMap(bytes.subarray(0, 511)), /expected 524 or 512 bytes, found 511/);
  const overfull = madeMap([1259]);
  const view = new DataView(overfull.buffer);
  view.setUint32(4, 63, true);
  view.setUint32(504, crc32c(overfull, 0, 504), true);
  assert.throws(() => decodeRelationMap(overfull), /expected at most 62, found 63/);
});

test('a map that is written again is the same', () => {
  const map = new Map(Array.from({ length: 62 }, (_, index) => [1000 + index, 90000 + index]));
  for (const [major, size] of [
    [10, 512],
    [15, 512],
    [16, 524],
    [18, 524],
  ] as const) {
    const bytes = encodeRelationMap(map, major);
    assert.equal(bytes.length, size);
    assert.deepEqual(decodeRelationMap(bytes), map);
  }
  assert.throws(() => encodeRelationMap(new Map([...map, [1, 1]]), 15), /expected at most 62, found 63/);
});
