import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameDecoder } from '../../src/postgres/encoding.js';

const CASES: readonly [string, number | undefined, number[], string][] = [
  ['UTF-8', 6, [0xe8, 0xa1, 0xa8, 0x20, 0x61], '表 a'],
  ['UTF-8 with a byte that is none', 6, [0x61, 0xff], 'a\\xff'],
  ['a byte order mark is a part of the name', 6, [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
  ['LATIN1, where 0x80 is no Euro sign', 8, [0xe9, 0x80], 'é\u0080'],
  ['LATIN9', 16, [0xa4], '€'],
  ['KOI8R', 22, [0xd4], 'т'],
  ['EUC_JP', 1, [0xc9, 0xbd], '表'],
  ['SQL_ASCII', 0, [0x61, 0xe9], 'a\\xe9'],
  ['MULE_INTERNAL', 7, [0x81, 0xe9], '\\x81\\xe9'],
  ['an encoding of the future', 99, [0x61], 'a'],
  ['not told, UTF-8', undefined, [0xc3, 0xa9], 'é'],
  ['not told, not UTF-8', undefined, [0xe9], '\\xe9'],
];

for (const [name, encoding, bytes, text] of CASES) {
  test(`names in ${name}`, () => assert.equal(nameDecoder(encoding)(Uint8Array.from(bytes)), text));
}
