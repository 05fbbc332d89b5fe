import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xidPrecedes } from '../../src/postgres/xid.js';

test('the order of transaction ids wraps around, and special ids come first', () => {
  for (const [older, newer] of [
    [3, 4],
    [0xfffffff0, 3],
    [0x80000003, 0xffffffff],
    [0x80000010, 5],
    [1, 0xffffffff],
    [2, 3],
    [0, 1],
  ] as const) {
    assert.equal(xidPrecedes(older, newer), true, `${older} before ${newer}`);
    assert.equal(xidPrecedes(newer, older), false, `${newer} not before ${older}`);
  }
  assert.equal(xidPrecedes(7, 7), false);
});
