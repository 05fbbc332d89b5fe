import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, SyscallEvent } from '../../../src/event/types.js';
import { DUR, done, end, enter, exit, joining, PID, schemaOf, signal, skip } from './joining.js';

function join(records: number[][]): Event[] {
  const { joiner, feed } = joining();
  joiner.processes.watch(PID);
  feed(0n, records);
  joiner.end();
  return joiner.takeEvents();
}

const FIRST = 0.001;
const SECOND = 0.002;
const THIRD = 0.003;

const CASES: [name: string, records: number[][], expected: object[]][] = [
  [
    'a read with its place',
    [enter('pread64', [15, 0x7fff0000n, 8192, 8060928]), exit('pread64', 8192)],
    [done(FIRST, 'pread64', { fd: 15, length: 8192, offset: 8060928, ret: 8192, dur: DUR })],
  ],
  [
    'numbers beyond 2^31, 2^32 and 2^53',
    [
      enter('pread64', [2147483647, 0, 0x80000000n, 5n * 2n ** 32n + 7n]),
      exit('pread64', 2n ** 33n),
      enter('lseek', [3, -1n, 2]),
      exit('lseek', 2n ** 62n),
    ],
    [
      done(FIRST, 'pread64', {
        fd: 2147483647,
        length: 2147483648,
        offset: 21474836487,
        ret: 8589934592,
        dur: DUR,
      }),
      done(THIRD, 'lseek', { fd: 3, offset: -1, whence: 'SEEK_END', ret: '4611686018427387904', dur: DUR }),
    ],
  ],
  [
    'flags in words, a mode only where a file may be made, no path without its text',
    [
      enter('openat', [0xffffff9cn, 0x5555n, 0o2000002, 0]),
      exit('openat', -2),
      enter('openat', [7, 0x5555n, 0o101, 0o600]),
      exit('openat', -13),
    ],
    [
      done(FIRST, 'openat', {
        dirfd: 'AT_FDCWD',
        flags: 'O_RDWR|O_CLOEXEC',
        ret: -1,
        errno: 'ENOENT',
        dur: DUR,
      }),
      done(THIRD, 'openat', {
        dirfd: 7,
        flags: 'O_WRONLY|O_CREAT',
        mode: '0600',
        ret: -1,
        errno: 'EACCES',
        dur: DUR,
      }),
    ],
  ],
  [
    'a call to be made again has no result',
    [enter('read', [3, 0, 5]), exit('read', -512)],
    [done(FIRST, 'read', { fd: 3, length: 5, ret: null, errno: 'ERESTARTSYS', dur: DUR })],
  ],
  [
    'a pointer as a result',
    [enter('mmap', [0, 8192, 3, 0x22, 0xffffffffn, 0]), exit('mmap', 0x7f0000001000n)],
    [
      done(FIRST, 'mmap', {
        length: 8192,
        prot: 'PROT_READ|PROT_WRITE',
        flags: 'MAP_PRIVATE|MAP_ANONYMOUS',
        fd: -1,
        offset: 0,
        ret: 0x7f0000001000,
        dur: DUR,
      }),
    ],
  ],
  ['an exit whose entry was before the trace', [exit('read', 5)], [done(FIRST, 'read', { ret: 5 })]],
  [
    'an entry whose exit was lost, and one that the trace ends in',
    [enter('read', [3, 0, 5]), enter('read', [4, 0, 6])],
    [
      done(FIRST, 'read', { fd: 3, length: 5, ret: null, unfinished: true }),
      done(SECOND, 'read', { fd: 4, length: 6, ret: null, unfinished: true }),
    ],
  ],
  [
    'an exit of another call than the one under way',
    [enter('read', [3, 0, 5]), exit('write', 5)],
    [
      done(FIRST, 'read', { fd: 3, length: 5, ret: null, unfinished: true }),
      done(SECOND, 'write', { ret: 5 }),
    ],
  ],
  ['a process that nobody watches', [enter('read', [3, 0, 5], 99), exit('read', 5, 99)], []],
  [
    'the calls of two processes, of which one is watched',
    [enter('read', [3, 0, 5]), enter('read', [9, 0, 5], 99), exit('read', 1, 99), exit('read', 5)],
    [done(FIRST, 'read', { fd: 3, length: 5, ret: 5, dur: 0.000003 })],
  ],
  [
    'an end by exit_group',
    [enter('exit_group', [3]), end()],
    [
      done(FIRST, 'exit_group', { args: ['0x3'], ret: null }),
      { type: 'exit', ts: SECOND, pid: PID, status: 3 },
    ],
  ],
  [
    'a death by signal, in a call, after a signal that had a handler',
    [signal(10, 0x401000n), enter('read', [3, 0, 5]), signal(9, 0n), end()],
    [
      { type: 'signal', ts: FIRST, pid: PID, signal: 'SIGUSR1' },
      { type: 'signal', ts: THIRD, pid: PID, signal: 'SIGKILL' },
      done(SECOND, 'read', { fd: 3, length: 5, ret: null, unfinished: true }),
      { type: 'exit', ts: 0.004, pid: PID, status: null, signal: 'SIGKILL' },
    ],
  ],
  [
    'a call without a decoder keeps its arguments',
    [enter('made_up', [0xfeedfacecafebeefn, 1])],
    [done(FIRST, 'made_up', { args: ['0xfeedfacecafebeef', '0x1'], ret: null, unfinished: true })],
  ],
  [
    'a path where the kernel recorded it',
    [
      // The text lies at byte 28 of the record and has 8 bytes with its end.
      [...enter('unlink', [0x5555n]), (8 << 16) | 28, 0x65736162, 0x00392f],
    ],
    [done(FIRST, 'unlink', { path: 'base/9', ret: null, unfinished: true })],
  ],
  [
    'a path that says it is longer than its record',
    [[...enter('unlink', [0x5555n]), (4000 << 16) | 28, 0x65736162]],
    [done(FIRST, 'unlink', { path: 'base', ret: null, unfinished: true })],
  ],
];

for (const [name, records, expected] of CASES)
  test(`joined: ${name}`, { skip }, () => {
    assert.deepEqual(join(records), expected);
  });

const OPENING = 9100;
/** A probe's record that `base/9` is about to be opened. */
const opening = [OPENING, PID, (8 << 16) | 12, 0x65736162, 0x00392f];
const openat = enter('openat', [0xffffff9cn, 0x5555n, 2, 0]);

const OPENINGS: [name: string, between: number[][], path: string | undefined][] = [
  ['at once', [], 'base/9'],
  ['after memory was asked for', [enter('mmap', [0, 8192, 3, 0x22, 0xffffffffn, 0])], 'base/9'],
  ['after another file was closed', [enter('close', [7]), exit('close', 0)], 'base/9'],
  ['tried again, since there were too many', [openat, exit('openat', -24)], 'base/9'],
  ['a second time', [openat, exit('openat', -2)], undefined],
  ['after a call that shows that it did not come to it', [enter('pread64', [3, 0, 1, 0])], undefined],
];
for (const [name, between, path] of OPENINGS)
  test(`the path of a file to be opened: ${name}`, { skip }, () => {
    const { joiner, feed } = joining(schemaOf({ [OPENING]: { kind: 'open', at: 2 } }));
    joiner.processes.watch(PID);
    feed(0n, [opening, ...between, openat, exit('openat', 5)]);
    const opened = joiner.takeEvents().find((event) => event.type === 'syscall' && event.ret === 5);
    assert.equal((opened as SyscallEvent).path, path);
  });

test('a result is not joined to a call that began before a gap', { skip }, () => {
  const { joiner, feed } = joining();
  joiner.processes.watch(PID);
  feed(0n, [enter('pread64', [1, 0, 8192, 0])]);
  feed(10_000n, [exit('pread64', 8192), enter('pread64', [2, 0, 8192, 0]), exit('pread64', 4096)], 6);
  assert.deepEqual(joiner.takeEvents(), [
    { type: 'lost', ts: 0.011, count: 6, reason: "the kernel's trace buffer of CPU 0 was full" },
    done(FIRST, 'pread64', { fd: 1, length: 8192, offset: 0, ret: null, unfinished: true }),
    done(0.011, 'pread64', { ret: 8192 }),
    // Descriptor 2 may have been opened anew in the gap: told if its path can be proven.
    { type: 'fd', ts: 0.012, pid: PID, fd: 2, path: '' },
    done(0.012, 'pread64', { fd: 2, length: 8192, offset: 0, ret: 4096, dur: DUR }),
  ]);
});
