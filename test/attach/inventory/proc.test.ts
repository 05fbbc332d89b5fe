import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFlags } from '../../../src/attach/inventory/flags.js';
import {
  parseChildren,
  parseFdInfo,
  parseLink,
  parseStat,
  parseTitleBytes,
  statusField,
} from '../../../src/attach/inventory/proc.js';

const TAIL = ' 1 1 0 -1 4194368 246 0 0 0 0 0 0 0 20 0 1 0 80841 222650368 1702';

test('a name in stat may hold brackets and blanks', () => {
  assert.deepEqual(parseStat(`7 (a) b (c) S 6979${TAIL}`), {
    comm: 'a) b (c',
    state: 'S',
    parent: 6979,
    began: 80841,
  });
  for (const text of ['', '7', '7 (x)', '7 (x) S 1 2']) assert.equal(parseStat(text), null);
});

test('a title is its arguments up to the NULs that pad it', () => {
  assert.equal(parseTitleBytes('postgres\0-D\0data\0'), 'postgres -D data');
  assert.equal(parseTitleBytes('postgres: walwriter \0\0\0\0'), 'postgres: walwriter');
  assert.equal(parseTitleBytes(''), '');
});

test('fdinfo gives position and flags', () => {
  assert.deepEqual(parseFdInfo('pos:\t8192\nflags:\t02100002\nmnt_id:\t16\n'), {
    offset: 8192,
    flags: 0o2100002,
  });
  assert.equal(parseFdInfo('flags:\t02\n'), null);
  assert.equal(parseFdInfo('pos:\t9x\n'), null);
});

test('a link tells an unlinked file', () => {
  assert.deepEqual(parseLink('/data/base/5/1 (deleted)'), { path: '/data/base/5/1', deleted: true });
  assert.deepEqual(parseLink('/data/base/5/1'), { path: '/data/base/5/1' });
  assert.deepEqual(parseLink('socket:[123]'), { path: 'socket:[123]' });
});

test('children and status', () => {
  assert.deepEqual(parseChildren('6980 6981 '), [6980, 6981]);
  assert.deepEqual(parseChildren(''), []);
  assert.equal(statusField('Name:\tx\nTracerPid:\t42\n', 'TracerPid'), '42');
  assert.equal(statusField('Name:\tTracerPid: 3\n', 'TracerPid'), undefined);
});

const flags: readonly (readonly [number, string, string])[] = [
  [0o2, 'x64', 'O_RDWR'],
  [0o100002, 'x64', 'O_RDWR|O_LARGEFILE'],
  [0o400002, 'arm64', 'O_RDWR|O_LARGEFILE'],
  [0o40000, 'x64', 'O_RDONLY|O_DIRECT'],
  [0o200000, 'arm64', 'O_RDONLY|O_DIRECT'],
  [0o2004001, 'x64', 'O_WRONLY|O_NONBLOCK|O_CLOEXEC'],
  [0o4010002, 'x64', 'O_RDWR|O_SYNC'],
  [0o10002, 'x64', 'O_RDWR|O_DSYNC'],
  [0o20200002, 'x64', 'O_RDWR|O_TMPFILE'],
  [0o1002 + 2 ** 28, 'x64', 'O_RDWR|O_TRUNC|0x10000000'],
];

for (const [bits, arch, expected] of flags) {
  test(`open flags 0${bits.toString(8)} on ${arch}`, () => assert.equal(openFlags(bits, arch), expected));
}
