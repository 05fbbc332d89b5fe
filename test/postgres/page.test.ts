import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogLayout } from '../../src/postgres/layout/versions.js';
import { forEachTuple, pageDamage } from '../../src/postgres/page.js';
import { MadeHeap } from '../resolve/made-heap.js';

const SIZE = 8192;

function madePage(checksums = true): DataView {
  const heap = new MadeHeap(catalogLayout(15).pgNamespace, checksums);
  for (const nspname of ['one', 'two', 'three']) heap.add({ oid: 1, nspname });
  return new DataView(heap.bytes().buffer);
}

function tuples(view: DataView): { found: number; outside: number } {
  let found = 0;
  const outside = forEachTuple(view, 0, SIZE, () => found++);
  return { found, outside };
}

test('a whole page, a new page, and the same page in another place', () => {
  assert.equal(pageDamage(madePage(), 0, SIZE, 0, true), null);
  assert.equal(pageDamage(new DataView(new ArrayBuffer(SIZE)), 0, SIZE, 0, true), null);
  assert.match(pageDamage(madePage(), 0, SIZE, 1, true)!, /page checksum/);
});

test('a checksum tells every changed byte', () => {
  for (let at = 0; at < SIZE; at += 7) {
    const view = madePage();
    view.setUint8(at, view.getUint8(at) ^ 0x10);
    assert.notEqual(pageDamage(view, 0, SIZE, 0, true), null, `byte ${at}`);
  }
});

test('bounds tell a header that cannot be, without checksums', () => {
  const damage = (change: (view: DataView) => void): string | null => {
    const view = madePage(false);
    change(view);
    return pageDamage(view, 0, SIZE, 0, false);
  };
  assert.match(damage((view) => view.setUint16(12, 8, true))!, /out of bounds \(lower 8/);
  assert.match(damage((view) => view.setUint16(12, 8190, true))!, /out of bounds/);
  assert.match(damage((view) => view.setUint16(16, 8193, true))!, /special 8193/);
  assert.match(damage((view) => view.setUint16(10, 8, true))!, /flags 8/);
  assert.match(damage((view) => view.setUint16(18, 4096 | 4, true))!, /expected 8196, found 4100/);
  assert.match(damage((view) => view.setUint16(14, 0, true))!, /pd_upper is 0/);
});

test('only normal line pointers have a tuple, and none leads out of the page', () => {
  const first = 24;
  const pointer = (offset: number, flags: number, length: number): DataView => {
    const view = madePage(false);
    view.setUint32(first, (offset | (flags << 15) | (length << 17)) >>> 0, true);
    return view;
  };
  assert.deepEqual(tuples(madePage()), { found: 3, outside: 0 });
  for (const flags of [0, 2, 3]) assert.deepEqual(tuples(pointer(2, flags, 0)), { found: 2, outside: 0 });
  assert.deepEqual(tuples(pointer(8, 1, 100)), { found: 2, outside: 1 });
  assert.deepEqual(tuples(pointer(8184, 1, 100)), { found: 2, outside: 1 });
  assert.deepEqual(tuples(pointer(8191, 1, 32)), { found: 2, outside: 1 });
  assert.deepEqual(tuples(pointer(8104, 1, 3)), { found: 2, outside: 1 });
});
