import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import { parseFormat } from '../../../src/attach/ftrace/format.js';
import { Joiner } from '../../../src/attach/ftrace/join.js';
import { merge } from '../../../src/attach/ftrace/merge.js';
import { Proofs } from '../../../src/attach/ftrace/proof.js';
import { compileSchema } from '../../../src/attach/ftrace/schema.js';
import type { Event } from '../../../src/event/types.js';
import { FORMATS, longRecord, page, streamOf } from './pages.js';

const PID = 4711;
const skip = endianness() === 'LE' ? false : 'the formats were recorded on a little-endian machine';

const COMMON = [
  'field:unsigned short common_type;	offset:0;	size:2;	signed:0;',
  'field:int common_pid;	offset:4;	size:4;	signed:1;',
];
/** An event of another kernel than the fixtures'. */
const invented = (name: string, id: number, ...fields: string[]) =>
  parseFormat(
    `name: ${name}\nID: ${id}\nformat:\n${[...COMMON, ...fields].map((field) => `\t${field}`).join('\n')}\n`,
  );
const PROCESS_EXIT = invented('sched_process_exit', 9001, 'field:pid_t pid;	offset:24;	size:4;	signed:1;');
const SIGNAL = invented(
  'signal_deliver',
  9002,
  'field:int sig;	offset:8;	size:4;	signed:1;',
  'field:unsigned long sa_handler;	offset:24;	size:8;	signed:0;',
);
const EXIT_GROUP = invented(
  'sys_enter_exit_group',
  9003,
  'field:int __syscall_nr;	offset:8;	size:4;	signed:1;',
  'field:int error_code;	offset:16;	size:8;	signed:0;',
);
const GETPID = invented('sys_exit_getpid', 9004, 'field:long ret;	offset:16;	size:8;	signed:1;');
const MADE_UP = invented(
  'sys_enter_made_up',
  9005,
  'field:int __syscall_nr;	offset:8;	size:4;	signed:1;',
  'field:unsigned long a;	offset:16;	size:8;	signed:0;',
  'field:unsigned long b;	offset:24;	size:8;	signed:0;',
);
/** As kernels write it that record the text of a pointer to text. */
const UNLINK = invented(
  'sys_enter_unlink',
  9006,
  'field:int __syscall_nr;	offset:8;	size:4;	signed:1;',
  'field:const char * pathname;	offset:16;	size:8;	signed:0;',
  'field:__data_loc char[] __pathname_val;	offset:24;	size:4;	signed:0;',
);
const FORK = invented('sched_process_fork', 9007, 'field:pid_t child_pid;	offset:8;	size:4;	signed:1;');
const INVENTED = [PROCESS_EXIT, SIGNAL, EXIT_GROUP, GETPID, MADE_UP, UNLINK, FORK];
const SCHEMA = compileSchema([...FORMATS.values(), ...INVENTED]);
const ID = new Map([...FORMATS.values(), ...INVENTED].map((format) => [format.name, format.id]));

const split = (value: bigint) => [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
const begin = (event: string, pid: number) => [ID.get(event)!, pid];
const enter = (call: string, args: (number | bigint)[], pid = PID) => [
  ...begin(`sys_enter_${call}`, pid),
  0,
  0,
  ...args.flatMap((arg) => split(BigInt(arg))),
];
const exit = (call: string, ret: number | bigint, pid = PID) => [
  ...begin(`sys_exit_${call}`, pid),
  0,
  0,
  ...split(BigInt(ret)),
];
const signal = (number: number, handler: bigint) => [
  ...begin('signal_deliver', PID),
  number,
  0,
  0,
  0,
  ...split(handler),
];
const end = (pid = PID) => [...begin('sched_process_exit', pid), 0, 0, 0, 0, pid];
const fork = (parent: number, child: number) => [...begin('sched_process_fork', parent), child];

/** Joins records that come 1000 ns apart, the first at 1000. */
function join(records: number[][], missed = 0): Event[] {
  const joiner = new Joiner(
    SCHEMA,
    new Proofs(),
    (time) => time / 1e6,
    (_, count) => count,
  );
  joiner.processes.watch(PID);
  const stream = streamOf(
    page(
      0n,
      records.map((words) => longRecord(1000, words)),
      missed,
    ),
  );
  merge([stream], Number.POSITIVE_INFINITY, joiner);
  joiner.end();
  return joiner.takeEvents();
}

const done = (ts: number, call: string, rest: object) => ({ type: 'syscall', ts, pid: PID, call, ...rest });
const FIRST = 0.001;
const SECOND = 0.002;
const THIRD = 0.003;
const DUR = 0.000001;

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

test('a result is not joined to a call that began before a gap', { skip }, () => {
  const joiner = new Joiner(
    SCHEMA,
    new Proofs(),
    (time) => time / 1e6,
    (_, count) => count,
  );
  joiner.processes.watch(PID);
  const before = page(0n, [longRecord(1000, enter('pread64', [1, 0, 8192, 0]))]);
  const after = page(
    10_000n,
    [exit('pread64', 8192), enter('pread64', [2, 0, 8192, 0]), exit('pread64', 4096)].map((words) =>
      longRecord(1000, words),
    ),
    6,
  );
  merge([streamOf(Buffer.concat([before, after]))], Number.POSITIVE_INFINITY, joiner);
  assert.deepEqual(joiner.takeEvents(), [
    { type: 'lost', ts: 0.011, count: 6, reason: "the kernel's trace buffer of CPU 0 was full" },
    done(FIRST, 'pread64', { fd: 1, length: 8192, offset: 0, ret: null, unfinished: true }),
    done(0.011, 'pread64', { ret: 8192 }),
    // Descriptor 2 may have been opened anew in the gap: told if its path can be proven.
    { type: 'fd', ts: 0.012, pid: PID, fd: 2, path: '' },
    done(0.012, 'pread64', { fd: 2, length: 8192, offset: 0, ret: 4096, dur: DUR }),
  ]);
});

test('children of a parent wait from their fork on, until they are wanted or not', { skip }, () => {
  const [parent, wanted, unwanted, ended] = [100, 101, 102, 103];
  const joiner = new Joiner(
    SCHEMA,
    new Proofs(),
    (time) => time / 1e6,
    (_, count) => count,
  );
  joiner.processes.expect([parent], false);
  joiner.processes.watch(PID);
  const read = (pid: number) => [enter('read', [3, 0, 5], pid), exit('read', 5, pid)];
  const born = [fork(parent, wanted), fork(parent, unwanted), fork(parent, ended), fork(PID, 104)];
  const did = [...read(parent), ...read(wanted), ...read(unwanted), ...read(104), ...read(ended), end(ended)];
  const stream = streamOf(
    page(
      0n,
      [...born, ...did].map((words) => longRecord(1000, words)),
    ),
  );
  merge([stream], Number.POSITIVE_INFINITY, joiner);
  assert.deepEqual(joiner.takeEvents(), []);
  assert.deepEqual(joiner.processes.takeStrangers(), [104]);
  assert.deepEqual(
    [wanted, PID, parent].map((pid) => joiner.processes.sawBirth(pid)),
    [true, false, false],
  );
  joiner.refuse(unwanted, 20_000);
  joiner.processes.watch(wanted);
  assert.deepEqual(joiner.takeEvents(), [
    { ...done(0.007, 'read', { fd: 3, length: 5, ret: 5, dur: DUR }), pid: wanted },
  ]);
  joiner.end();
  assert.deepEqual(joiner.takeEvents(), []);
  assert.equal(joiner.processes.unjudged, 1);
});

test('a parallel worker that says whose it is waits no longer', { skip }, () => {
  const [parent, own, other] = [100, 101, 102];
  const schema = compileSchema([...FORMATS.values(), ...INVENTED]);
  schema.shapes[9008] = { kind: 'joining', leader: 2 };
  const joiner = new Joiner(
    schema,
    new Proofs(),
    (time) => time / 1e6,
    (_, count) => count,
  );
  joiner.processes.expect([parent], false);
  joiner.processes.watch(PID);
  const worker = (pid: number, leader: number) => [
    fork(parent, pid),
    enter('read', [3, 0, 5], pid),
    exit('read', 5, pid),
    [9008, pid, leader],
    end(pid),
  ];
  const records = [...worker(own, PID), ...worker(other, 4712)];
  const stream = streamOf(
    page(
      0n,
      records.map((words) => longRecord(1000, words)),
    ),
  );
  merge([stream], Number.POSITIVE_INFINITY, joiner);
  assert.deepEqual(joiner.takeEvents(), [
    { type: 'process', ts: 0.002, pid: own, role: 'parallel worker', leader: PID },
    { ...done(0.002, 'read', { fd: 3, length: 5, ret: 5, dur: DUR }), pid: own },
    { type: 'exit', ts: 0.005, pid: own, status: null },
  ]);
  assert.deepEqual(joiner.processes.takeStrangers(), [other]);
  assert.equal(joiner.processes.unjudged, 0);
});

test('a child that was refused before its fork was read does not wait; who has its pid later does', {
  skip,
}, () => {
  const [parent, child] = [100, 101];
  const joiner = new Joiner(
    SCHEMA,
    new Proofs(),
    (time) => time / 1e6,
    (_, count) => count,
  );
  joiner.processes.expect([parent], false);
  const feed = (begun: bigint, records: number[][]) => {
    const bytes = page(
      begun,
      records.map((words) => longRecord(1000, words)),
    );
    merge([streamOf(bytes)], Number.POSITIVE_INFINITY, joiner);
  };
  joiner.refuse(child, 3000);
  feed(0n, [fork(parent, child), enter('read', [3, 0, 5], child), exit('read', 5, child)]);
  assert.deepEqual(joiner.processes.values(), []);
  joiner.processes.settle(3000);
  feed(10_000n, [fork(parent, child), enter('read', [3, 0, 5], child), exit('read', 5, child)]);
  joiner.processes.watch(child);
  assert.deepEqual(joiner.takeEvents(), [
    { ...done(0.012, 'read', { fd: 3, length: 5, ret: 5, dur: DUR }), pid: child },
  ]);
});

test('a child that was added before its fork was read does not wait any more', { skip }, () => {
  const [parent, child] = [100, 101];
  const joiner = new Joiner(
    SCHEMA,
    new Proofs(),
    (time) => time / 1e6,
    (_, count) => count,
  );
  joiner.processes.expect([parent], false);
  joiner.processes.watch(child);
  const records = [fork(parent, child), enter('read', [3, 0, 5], child), exit('read', 5, child)];
  const bytes = page(
    0n,
    records.map((words) => longRecord(1000, words)),
  );
  merge([streamOf(bytes)], Number.POSITIVE_INFINITY, joiner);
  assert.deepEqual(joiner.takeEvents(), [
    { ...done(0.002, 'read', { fd: 3, length: 5, ret: 5, dur: DUR }), pid: child },
  ]);
});

test('an access that is not decided is kept, also while older ones are of a process that waits', {
  skip,
}, () => {
  const [parent, child] = [100, 101];
  const schema = compileSchema([...FORMATS.values(), ...INVENTED]);
  schema.shapes[9008] = { kind: 'lookup', tag: 2 };
  schema.shapes[9009] = { kind: 'insert', tag: 2 };
  const joiner = new Joiner(
    schema,
    new Proofs(),
    (time) => time / 1e6,
    (_, count) => count,
  );
  joiner.processes.expect([parent], false);
  joiner.processes.watch(PID);
  const tag = (block: number) => [1663, 5, 16384, 0, block];
  const feed = (begun: bigint, records: number[][]) => {
    const bytes = page(
      begun,
      records.map((words) => longRecord(1000, words)),
    );
    merge([streamOf(bytes)], Number.POSITIVE_INFINITY, joiner);
  };
  const told = () =>
    joiner.takeEvents(0.01).map((event) => event.type === 'buffer' && [event.pid, event.hit]);
  feed(0n, [fork(parent, child), [9008, child, ...tag(1)], [9008, PID, ...tag(2)]]);
  assert.deepEqual(told(), []);
  joiner.processes.watch(child);
  assert.deepEqual(told(), []);
  feed(4000n, [
    [9009, PID, ...tag(2)],
    [9009, child, ...tag(1)],
  ]);
  assert.deepEqual(told(), [
    [PID, false],
    [child, false],
  ]);
});
