import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOf } from '../../../src/attach/ftrace/calls.js';
import { COUNTERS, parseCounters, parseState } from '../../../src/attach/sample/counters.js';
import { emptyRegisters, parseRegisters, readArguments } from '../../../src/attach/sample/registers.js';
import { syscallNames } from '../../../src/attach/sample/syscalls.js';

const names = syscallNames('x64')!;

function sample(text: string): object {
  const registers = emptyRegisters();
  const bytes = Buffer.from(text);
  parseRegisters(bytes, bytes.length, registers);
  if (registers.number === -1) return {};
  const { name, args } = callOf(names.get(registers.number)!);
  const into = { call: name };
  readArguments(registers, args ?? [], into);
  return into;
}

const END = ' 0x7ffdbdc88a28 0x7f03b1458ef3\n';

const samples: readonly (readonly [text: string, expected: object])[] = [
  ['running\n', {}],
  ['-1 0x7ffdbdc88a28 0x7f03b1458ef3\n', {}],
  ['', {}],
  [
    `17 0xf 0x7f0000000000 0x2000 0x7b0000 0x0 0x0${END}`,
    { call: 'pread64', fd: 15, length: 8192, offset: 8060928 },
  ],
  // The upper half of a register that holds an int means nothing.
  [`0 0xffffffff00000009 0x1 0x2000 0x0 0x0 0x0${END}`, { call: 'read', fd: 9, length: 8192 }],
  [
    `8 0x9 0xffffffffffffe000 0x1 0x0 0x0 0x0${END}`,
    { call: 'lseek', fd: 9, offset: -8192, whence: 'SEEK_CUR' },
  ],
  // Beyond 2^53 a number is a string.
  [
    `18 0x9 0x1 0x2000 0x7fffffffffffffff 0x0 0x0${END}`,
    { call: 'pwrite64', fd: 9, length: 8192, offset: '9223372036854775807' },
  ],
  [
    `1 0x9 0x1 0xffffffffffffffff 0x0 0x0 0x0${END}`,
    { call: 'write', fd: 9, length: '18446744073709551615' },
  ],
  [
    `257 0xffffff9c 0x5581 0x2 0x0 0x0 0x0${END}`,
    { call: 'openat', dirfd: 'AT_FDCWD', flags: 'O_RDWR', mode: '000' },
  ],
  [`74 0x9 0x0 0x0 0x0 0x0 0x0${END}`, { call: 'fsync', fd: 9 }],
];

for (const [text, expected] of samples) {
  test(`/proc/PID/syscall ${JSON.stringify(text)}`, () => {
    const found = sample(text) as Record<string, unknown>;
    assert.deepEqual(found, expected);
  });
}

test('registers are read into the same record', () => {
  const registers = emptyRegisters();
  for (const text of [`17 0xf 0x1 0x2 0x3 0x4 0x5${END}`, 'running\n']) {
    parseRegisters(Buffer.from(text), text.length, registers);
  }
  assert.equal(registers.number, -1);
});

test('counters and state', () => {
  const io = Buffer.from(
    'rchar: 384\nwchar: 10\nsyscr: 3\nsyscw: 1\nread_bytes: 4096\nwrite_bytes: 8192\nx: 0\n',
  );
  const into = new Float64Array(COUNTERS.length);
  assert.ok(parseCounters(io, io.length, into));
  assert.deepEqual([...into], [384, 10, 3, 1, 4096, 8192]);
  assert.ok(!parseCounters(io, 20, into));
  const stat = Buffer.from('7 (a) b) D 6979 1');
  assert.equal(parseState(stat, stat.length), 'D');
  assert.equal(parseState(stat, 0), '?');
  assert.equal(parseState(Buffer.from('7 (a)'), 5), '?');
});

test('numbers of calls, by architecture', () => {
  assert.equal(names.get(0), 'read');
  assert.equal(names.get(17), 'pread64');
  assert.equal(names.get(257), 'openat');
  assert.equal(names.get(425), 'io_uring_setup');
  assert.equal(names.get(334), 'rseq');
  const generic = syscallNames('arm64')!;
  assert.equal(generic.get(67), 'pread64');
  assert.equal(generic.get(56), 'openat');
  assert.equal(generic.get(80), 'fstat');
  assert.equal(generic.get(22), 'epoll_pwait');
  assert.equal(syscallNames('mips'), undefined);
});
