import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CRC32C_INIT, crc32c, crc32cFinish, crc32cUpdate } from '../../src/postgres/crc32c.js';

const bytes = (length: number, value: (index: number) => number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => value(index));

/** RFC 3720, appendix B.4, and the check value of the polynomial. */
const VECTORS: readonly [string, Uint8Array, number][] = [
  ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
  ['32 zeros', bytes(32, () => 0), 0x8a9136aa],
  ['32 ones', bytes(32, () => 0xff), 0x62a8ab43],
  ['counting up', bytes(32, (index) => index), 0x46dd794e],
  ['counting down', bytes(32, (index) => 31 - index), 0x113fdb5c],
  ['nothing', new Uint8Array(0), 0],
];

for (const [name, data, sum] of VECTORS) {
  test(`CRC-32C of ${name}`, () => {
    assert.equal(crc32c(data), sum);
    for (let cut = 0; cut <= data.length; cut++) {
      const first = crc32cUpdate(CRC32C_INIT, data, 0, cut);
      assert.equal(crc32cFinish(crc32cUpdate(first, data, cut, data.length)), sum);
    }
  });
}
