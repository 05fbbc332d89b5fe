import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFormat, parseHeaderEvent, parseHeaderPage } from '../../../src/attach/ftrace/format.js';
import { Failure } from '../../../src/cli/diagnostic.js';
import { FORMATS, fixture } from './pages.js';

test('an event’s format as this kernel tells it', () => {
  const format = FORMATS.get('sys_enter_openat')!;
  assert.deepEqual(
    format.fields.map(({ type, name, offset, size }) => [type, name, offset, size]),
    [
      ['int', '__syscall_nr', 8, 4],
      ['int', 'dfd', 16, 8],
      ['const char *', 'filename', 24, 8],
      ['int', 'flags', 32, 8],
      ['umode_t', 'mode', 40, 8],
    ],
  );
  assert.deepEqual([format.common.type.offset, format.common.pid.offset], [0, 4]);
});

test('the page header of a 64-bit kernel, and of a 32-bit one', () => {
  const text = fixture('layout/header_page').toString();
  assert.deepEqual(parseHeaderPage(text), { timestamp: 0, commit: 8, commitSize: 8, data: 16, size: 4096 });
  const narrow = text
    .replace('local_t commit;\toffset:8;\tsize:8', 'local_t commit;\toffset:8;\tsize:4')
    .replace('offset:16;\tsize:4080', 'offset:12;\tsize:4084');
  assert.deepEqual(parseHeaderPage(narrow), { timestamp: 0, commit: 8, commitSize: 4, data: 12, size: 4096 });
});

test('the entry header, and that of a kernel without absolute time stamps', () => {
  const text = fixture('layout/header_event').toString();
  assert.deepEqual(parseHeaderEvent(text), { typeBits: 5, padding: 29, timeExtend: 30, timeStamp: 31 });
  const old = text.replace(/.*time_stamp.*\n/, '');
  assert.deepEqual(parseHeaderEvent(old), { typeBits: 5, padding: 29, timeExtend: 30, timeStamp: -1 });
});

test('what is no layout is refused with what was found', () => {
  for (const parse of [parseFormat, parseHeaderPage, parseHeaderEvent])
    for (const text of [
      '',
      'name: x\n',
      'name: x\nID: 7\nformat:\n\tfield:int a;\toffset:0;\tsize:4;\tsigned:1;\n',
    ])
      assert.throws(() => parse(text), Failure);
});
