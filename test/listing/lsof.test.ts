import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLsof } from '../../src/listing/lsof.js';

const file = (pid: number, fd: number, path: string, more = {}) => ({
  type: 'fd',
  ts: null,
  pid,
  fd,
  path,
  ...more,
});

test('fields by line, of several processes', () => {
  const text = [
    'p3820',
    'cpostgres',
    'fcwd',
    'tDIR',
    'n/srv/pg',
    'ftxt',
    'tREG',
    'n/usr/bin/postgres',
    'f15',
    'au',
    'tREG',
    'o0t8192',
    'n/srv/pg/base/5/16384',
    'f16',
    'tREG',
    'n/srv/pg/base/5/9 (deleted)',
    'f8',
    'tIPv4',
    'n127.0.0.1:5432->127.0.0.1:4000',
    'f9',
    'tFIFO',
    'npipe',
    'f3',
    'ta_inode',
    'n[eventpoll]',
    'p3821',
    'f0',
    'tCHR',
    'n/dev/null',
    '',
  ].join('\n');
  assert.deepEqual(parseLsof(text), {
    cwds: [{ pid: 3820, cwd: '/srv/pg' }],
    files: [
      file(3820, 15, '/srv/pg/base/5/16384'),
      file(3820, 16, '/srv/pg/base/5/9', { deleted: true }),
      file(3820, 8, 'socket:[127.0.0.1:5432->127.0.0.1:4000]'),
      file(3820, 9, 'pipe:[pipe]'),
      file(3820, 3, 'anon_inode:[eventpoll]'),
      file(3821, 0, '/dev/null'),
    ],
  });
});

test('fields by NUL, as -F0 prints them', () => {
  const text = 'p10\0g1\0\nf4\0tREG\0n/a\0\nf5\0tREG\0n/b\0\n';
  assert.deepEqual(parseLsof(text)?.files, [file(10, 4, '/a'), file(10, 5, '/b')]);
});

test('any order of fields within a set', () => {
  const text = 'p10\nn/a\nf4\ntREG\nn/b\nf5\nn/no-descriptor\np11\nn/c\nf6\n';
  assert.deepEqual(parseLsof(text)?.files, [file(10, 4, '/a'), file(10, 5, '/b'), file(11, 6, '/c')]);
});

test('the table that lsof prints for people, with threads and without', () => {
  const text = [
    'COMMAND   PID TID TASKCMD     USER   FD      TYPE DEVICE SIZE/OFF   NODE NAME',
    'postgres 3820             postgres  cwd       DIR  254,1     4096 131073 /srv/pg',
    'postgres 3820             postgres  mem       REG  254,1  9000000    777 /usr/bin/postgres',
    'postgres 3820             postgres    4uW     REG  254,1     8192 131099 /srv/pg/base/5/16 384',
    'postgres 3820 3822 walsnd postgres    5u  a_inode   0,15        0   1056 [eventpoll]',
    'postgres 3821             postgres    6u  unknown                         /proc/3821/fd/6 (readlink: Permission denied)',
    'lsof: WARNING: something',
  ].join('\n');
  assert.deepEqual(parseLsof(text), {
    cwds: [{ pid: 3820, cwd: '/srv/pg' }],
    files: [file(3820, 4, '/srv/pg/base/5/16 384'), file(3820, 5, 'anon_inode:[eventpoll]')],
  });
  const plain =
    'COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\nx       10 root 3u  REG  1,2           9    5 /a\n';
  assert.deepEqual(parseLsof(plain)?.files, [file(10, 3, '/a')]);
});

test('what is no such listing', () => {
  for (const text of ['', 'hello\n', 'p\nf3\nn/a\n', 'p10\nfmem\nn/lib\n', '{"type":"fd"}'])
    assert.equal(parseLsof(text), null, text);
});
