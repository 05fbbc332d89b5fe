import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeControl, unboundControl } from '../../src/postgres/control.js';
import { crc32c } from '../../src/postgres/crc32c.js';
import { CONTROL_SHAPES } from '../../src/postgres/layout/control.js';
import { VERSIONS } from '../../src/postgres/layout/versions.js';
import { madeControl } from '../resolve/made-cluster.js';

for (const { major, controlVersion, catalogVersion } of VERSIONS) {
  test(`the control file of ${major}`, () => {
    const control = decodeControl(madeControl(major, true, 4711));
    assert.equal(control.version, controlVersion);
    assert.equal(control.catalogVersion, catalogVersion);
    assert.equal(control.systemIdentifier, '7123456789012345678');
    assert.equal(control.state, 'in production');
    assert.equal(control.nextXid, 4711n);
    assert.deepEqual(
      [control.blockSize, control.segmentBlocks, control.walBlockSize, control.walSegmentSize],
      [8192, 131072, 8192, 16777216],
    );
    assert.equal(control.checksums, true);
  });
}

test('a control file with any byte changed or cut off is refused', () => {
  const bytes = madeControl(15, false, 1000);
  const { crc } = CONTROL_SHAPES.find(({ version }) => version === 1300)!;
  for (let at = 0; at < crc + 4; at++) {
    const broken = bytes.slice();
    broken[at]! ^= 0x40;
    assert.throws(() => decodeControl(broken), /wrong CRC|unknown control file version/, `byte ${at}`);
  }
  assert.throws(
    () => decodeControl(bytes.subarray(0, 100)),
    /too short \(expected at least 296 bytes, found 100\)/,
  );
});

for (const { major, controlVersion } of VERSIONS) {
  test(`a control file of ${major} that bounds nothing`, () => {
    const shape = CONTROL_SHAPES.find(({ version }) => version === controlVersion)!;
    const bytes = madeControl(major, true, 4711);
    const view = new DataView(bytes.buffer);
    view.setUint32(16, 1, true); // shut down
    const { nextMulti, nextMultiOffset, oldestActiveXid } = shape.checkPoint;
    for (const at of [nextMulti, nextMultiOffset, oldestActiveXid])
      view.setUint32(shape.checkPointCopy + at, 77, true);
    view.setUint32(shape.crc, crc32c(bytes, 0, shape.crc), true);
    const before = decodeControl(bytes);
    assert.deepEqual([before.nextMulti, before.nextMultiOffset, before.oldestActiveXid], [77, 77, 77]);
    assert.deepEqual(decodeControl(unboundControl(bytes)), {
      ...before,
      state: 'in production',
      nextMulti: 0,
      nextMultiOffset: 0,
      oldestActiveXid: 0,
    });
    assert.equal(decodeControl(bytes).state, 'shut down');
  });
}

/** A changed field with the CRC made right again. */
function resealed(change: (view: DataView) => void): Uint8Array {
  const bytes = madeControl(15, false, 1000);
  const view = new DataView(bytes.buffer);
  change(view);
  const { crc } = CONTROL_SHAPES.find(({ version }) => version === 1300)!;
  view.setUint32(crc, crc32c(bytes, 0, crc), true);
  return bytes;
}

test('a future control file is read where an old shape proves itself, and refused where none does', () => {
  assert.equal(decodeControl(resealed((view) => view.setUint32(8, 1900, true))).blockSize, 8192);
  const moved = madeControl(15, false, 1000);
  new DataView(moved.buffer).setUint32(8, 1900, true);
  assert.throws(() => decodeControl(moved), /unknown control file version \(expected 1800, .*, found 1900\)/);
});

test('impossible sizes and machines are refused by name', () => {
  const { floatFormat } = CONTROL_SHAPES.find(({ version }) => version === 1300)!;
  const size = (index: number, value: number) =>
    resealed((view) => view.setUint32(floatFormat + 8 + index * 4, value, true));
  assert.throws(() => decodeControl(size(0, 12345)), /impossible block size .* found 12345/);
  assert.throws(() => decodeControl(size(1, 0)), /impossible segment size/);
  assert.throws(() => decodeControl(size(3, 3 << 20)), /impossible WAL segment size/);
  assert.throws(() => decodeControl(size(4, 128)), /another NAMEDATALEN \(expected 64, found 128\)/);
  const swapped = madeControl(15, false, 1000);
  new DataView(swapped.buffer).setUint32(8, 1300, false);
  assert.throws(() => decodeControl(swapped), /big-endian/);
});
