import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pg } from '../../src/event/pg.js';
import type { Event, SyscallEvent } from '../../src/event/types.js';
import { COLORS, PLAIN } from '../../src/format/color.js';
import { createTextFormatter } from '../../src/format/text.js';

const ORDERS: Pg = {
  kind: 'relation',
  database: 'shop',
  schema: 'public',
  relation: 'orders',
  relkind: 'table',
  fork: 'main',
  segment: 0,
  oid: 16384,
  databaseOid: 5,
  filenode: 16390,
  tablespace: 'pg_default',
};

function call(keys: Partial<SyscallEvent>): SyscallEvent {
  return { type: 'syscall', ts: 1795324737.917464, pid: 3820, call: 'pread64', ret: 8192, ...keys };
}

const READ = call({ fd: 15, path: '/d/base/5/16390', offset: 8060928, length: 8192, dur: 0.000003 });
const TIME = '05:18:57.917464 [3820] ';

/** What another writer may leave out. */
const BARE: Pg = {
  kind: 'relation',
  database: 'shop',
  filenode: 99999,
  unresolved: 'no such filenode in pg_class',
};

/** Without the time and process that all of them begin with. */
const CALLS: readonly [string, Event][] = [
  [
    'pread64(15<shop: /d/base/5/16390 (no such filenode in pg_class)>, 8192, 8060928) = 8192 <0.000003>',
    { ...READ, pg: BARE },
  ],
  [
    'pread64(15<shop: public.orders main 984/133334>, 8192) = 8192 <0.000003>',
    { ...READ, pg: { ...ORDERS, block: 984, blocks: 1, total: 133334 } },
  ],
  [
    'preadv(15<shop: public.orders main 984-999/133334>, 16 buffers, 128kB) = 128kB <0.000003>',
    {
      ...READ,
      call: 'preadv',
      iovcnt: 16,
      length: 131072,
      ret: 131072,
      pg: { ...ORDERS, block: 984, blocks: 16, total: 133334 },
    },
  ],
  ['pread64(15</d/base/5/16390>, 8192, 8060928) = 8192 <0.000003>', READ],
  [
    'pread64(15<shop: /d/base/5/16390 (no such filenode in pg_class) main 984>, 8192) = 8192 <0.000003>',
    {
      ...READ,
      pg: {
        kind: 'relation',
        database: 'shop',
        fork: 'main',
        segment: 0,
        block: 984,
        databaseOid: 5,
        filenode: 16390,
        unresolved: 'no such filenode in pg_class',
      },
    },
  ],
  [
    'pread64(15<shop: public.orders_pkey (index of public.orders) main 3/274>, 8192) = 8192 <0.000003>',
    {
      ...READ,
      pg: {
        ...ORDERS,
        relation: 'orders_pkey',
        relkind: 'index',
        table: 'public.orders',
        block: 3,
        total: 274,
      },
    },
  ],
  [
    'pread64(15<shop: pg_toast.pg_toast_16384 (toast of public.orders) main 3/9>, 8192) = 8192 <0.000003>',
    {
      ...READ,
      pg: {
        ...ORDERS,
        schema: 'pg_toast',
        relation: 'pg_toast_16384',
        relkind: 'toast',
        table: 'public.orders',
        block: 3,
        total: 9,
      },
    },
  ],
  [
    'fsync(15<shared: pg_catalog.pg_authid vm>) = 0',
    call({
      call: 'fsync',
      fd: 15,
      ret: 0,
      pg: {
        kind: 'relation',
        schema: 'pg_catalog',
        relation: 'pg_authid',
        fork: 'vm',
        segment: 0,
        databaseOid: 0,
        filenode: 1260,
      },
    }),
  ],
  [
    'lseek(15<shop: public.orders main 133334 blocks>, 0, SEEK_END) = 1092272128',
    call({
      call: 'lseek',
      fd: 15,
      offset: 0,
      whence: 'SEEK_END',
      ret: 1092272128,
      pg: { ...ORDERS, total: 133334 },
    }),
  ],
  [
    'close(15<shop: public.orders main segment 2 (uncommitted)>) = 0',
    call({ call: 'close', fd: 15, ret: 0, pg: { ...ORDERS, segment: 2, uncommitted: true } }),
  ],
  [
    'openat(AT_FDCWD, <shop: public.orders main (dropped)>, O_RDWR|O_CLOEXEC) = 15',
    call({
      call: 'openat',
      dirfd: 'AT_FDCWD',
      path: 'base/5/16390',
      flags: 'O_RDWR|O_CLOEXEC',
      ret: 15,
      retpath: '/d/base/5/16390',
      pg: { ...ORDERS, dropped: true },
    }),
  ],
  [
    'openat(AT_FDCWD, O_RDWR|O_CLOEXEC) = 15<shop: public.orders main>',
    call({
      call: 'openat',
      dirfd: 'AT_FDCWD',
      flags: 'O_RDWR|O_CLOEXEC',
      ret: 15,
      retpath: '/d/base/5/16390',
      pg: ORDERS,
    }),
  ],
  [
    'openat(AT_FDCWD, "pg_\\"x\\"", O_RDONLY) = -1 ENOENT <0.000010>',
    call({
      call: 'openat',
      dirfd: 'AT_FDCWD',
      path: 'pg_"x"',
      flags: 'O_RDONLY',
      ret: -1,
      errno: 'ENOENT',
      dur: 0.00001,
    }),
  ],
  [
    'pwrite64(5<wal 000000010000000000000045 0/45A3C000>, 16kB) = 16kB <0.000003>',
    {
      ...READ,
      call: 'pwrite64',
      fd: 5,
      length: 16384,
      ret: 16384,
      pg: { kind: 'wal', timeline: 1, segment: '000000010000000000000045', lsn: '0/45A3C000' },
    },
  ],
  [
    'write(5<temp base/pgsql_tmp/pgsql_tmp3820.4 37/200>, 8192) = 8192',
    call({
      call: 'write',
      fd: 5,
      length: 8192,
      pg: {
        kind: 'temp',
        file: 'base/pgsql_tmp/pgsql_tmp3820.4',
        creator: 3820,
        number: 4,
        block: 37,
        total: 200,
      },
    }),
  ],
  [
    'pread64(5<xact pg_xact/0000 3 (98304-131071)>, 8192) = 8192',
    call({
      fd: 5,
      length: 8192,
      pg: { kind: 'xact', file: 'pg_xact/0000', block: 3, first: 98304, last: 131071 },
    }),
  ],
  [
    'rename("pg_stat/a.tmp", <stat pg_stat/a>) = 0',
    call({
      call: 'rename',
      path: 'pg_stat/a.tmp',
      newpath: 'pg_stat/a',
      ret: 0,
      pg2: { kind: 'stat', file: 'pg_stat/a' },
    }),
  ],
  [
    'sendto(8<socket:[125443]>, 65, 0) = 65',
    call({ call: 'sendto', fd: 8, path: 'socket:[125443]', length: 65, flags: '0', ret: 65 }),
  ],
  ['getpid() = 3820', call({ call: 'getpid', args: [], ret: 3820 })],
  ['kill(1796, SIGURG) = 0', call({ call: 'kill', args: ['1796', 'SIGURG'], ret: 0 })],
  ['brk(NULL) = 0x55bb931f4000', call({ call: 'brk', args: ['NULL'], ret: 94264115544064 })],
  ['pread64(15) = ?', call({ fd: 15, ret: null })],
  ['pread64(15) <unfinished ...>', call({ fd: 15, ret: null, unfinished: true })],
  [
    '--- SIGINT {si_signo=SIGINT} ---',
    { type: 'signal', ts: READ.ts, pid: 3820, signal: 'SIGINT', info: '{si_signo=SIGINT}' },
  ],
  ['+++ exited with 0 +++', { type: 'exit', ts: READ.ts, pid: 3820, status: 0 }],
  [
    '+++ killed by SIGABRT (core dumped) +++',
    { type: 'exit', ts: READ.ts, pid: 3820, status: null, signal: 'SIGABRT', core: true },
  ],
  [
    '=== process: client backend, user bob, database shop, leader 3800, "postgres: bob shop" ===',
    {
      type: 'process',
      ts: 1795324737.917464,
      pid: 3820,
      role: 'client backend',
      user: 'bob',
      database: 'shop',
      leader: 3800,
      title: 'postgres: bob shop',
    },
  ],
  [
    '=== open: 15<shop: public.orders main> at 8192 ===',
    { type: 'fd', ts: READ.ts, pid: 3820, fd: 15, path: '/d/base/5/16390', offset: 8192, pg: ORDERS },
  ],
  [
    'pread64(15<shop: public.orders main 7>, 8192) D (read 1.17GB, written 512B, reads 9)',
    {
      type: 'sample',
      ts: 1795324737.917464,
      pid: 3820,
      state: 'D',
      call: 'pread64',
      fd: 15,
      offset: 57344,
      length: 8192,
      rchar: 1255000000,
      wchar: 512,
      syscr: 9,
      pg: { ...ORDERS, block: 7 },
    },
  ],
  ['in no call R', { type: 'sample', ts: 1795324737.917464, pid: 3820, state: 'R' }],
  [
    'statement 7 begins: "SELECT \\"a\\"\\x0a, 1"',
    {
      type: 'statement',
      ts: 1795324737.917464,
      pid: 3820,
      state: 'running',
      number: 7,
      text: 'SELECT "a"\n, 1',
    },
  ],
  [
    'statement 8 begins (fastpath): "SEL"...',
    {
      type: 'statement',
      ts: 1795324737.917464,
      pid: 3820,
      state: 'fastpath',
      number: 8,
      text: 'SEL',
      cut: true,
    },
  ],
  [
    'statement 7 ends: idle in transaction <0.000147>',
    {
      type: 'statement',
      ts: 1795324737.917464,
      pid: 3820,
      state: 'idle in transaction',
      number: 7,
      dur: 0.000147,
    },
  ],
  ['process is idle', { type: 'statement', ts: 1795324737.917464, pid: 3820, state: 'idle' }],
  [
    'buffer hit <shop: public.orders main 7/9>',
    {
      type: 'buffer',
      ts: 1795324737.917464,
      pid: 3820,
      tablespace: 1663,
      databaseOid: 5,
      filenode: 16390,
      fork: 'main',
      block: 7,
      hit: true,
      pg: { ...ORDERS, block: 7, total: 9 },
    },
  ],
  ...(
    [
      ['1234 buffers <shop: public.orders vm 9 blocks>', { ...ORDERS, fork: 'vm', total: 9 }],
      ['1234 buffers <1663/5/16390 vm>', undefined],
    ] as const
  ).map(([text, pg]): [string, Event] => [
    text,
    {
      type: 'buffers',
      ts: 1795324737.917464,
      pid: 3820,
      tablespace: 1663,
      databaseOid: 5,
      filenode: 16390,
      fork: 'vm',
      count: 1234,
      ...(pg === undefined ? {} : { pg }),
    },
  ]),
];

const plain = createTextFormatter({ theme: PLAIN, ids: false, clock: 'utc' });

for (const [text, event] of CALLS) {
  test(`prints ${text}`, () => assert.equal(plain(event), TIME + text));
}

test('prints what has no process or no time', () => {
  assert.equal(
    plain({ type: 'lost', ts: null, count: 12, reason: 'buffer full' }),
    '*** 12 events lost: buffer full ***',
  );
  assert.equal(plain({ type: 'unparsed', line: 7, text: 'what?', file: 'a.log' }), '??? a.log:7: what?');
  assert.equal(
    plain({ ...READ, ts: null, pid: null, ret: 0 }),
    'pread64(15</d/base/5/16390>, 8192, 8060928) = 0 <0.000003>',
  );
  assert.equal(plain({ ...READ, ts: null, comm: 'postgres' }).slice(0, 17), '[3820<postgres>] ');
});

test('-d shows ids and paths', () => {
  const format = createTextFormatter({ theme: PLAIN, ids: true, clock: 'utc' });
  assert.equal(
    format({ ...READ, pg: { ...ORDERS, block: 984 } }),
    `${TIME}pread64(15<shop: public.orders main 984 segment 0 filenode 16390 oid 16384 database 5 tablespace pg_default table /d/base/5/16390>, 8192, 8060928) = 8192 <0.000003>`,
  );
});

test('times of a trace without dates are seconds', () => {
  const format = createTextFormatter({ theme: PLAIN, ids: false, clock: 'utc' });
  format({ type: 'trace', schema: 1, source: 'strace', tool: 't', clock: 'relative' });
  assert.equal(format({ type: 'exit', ts: 12.5, pid: 1, status: 0 }), '12.500000 [1] +++ exited with 0 +++');
});

test('times round into the next second, and no time at all is printed as it is', () => {
  assert.match(plain({ type: 'exit', ts: 59.9999999, pid: 1, status: 0 }), /^00:01:00\.000000 /);
  assert.match(plain({ type: 'exit', ts: Number.POSITIVE_INFINITY, pid: 1, status: 0 }), /^Infinity /);
  assert.match(plain({ type: 'exit', ts: -0.25, pid: 1, status: 0 }), /^23:59:59\.750000 /);
});

test('a type of a later schema is passed over', () => {
  assert.equal(plain({ type: 'later', ts: 1, pid: 2 } as unknown as Event), '');
});

const HOSTILE = 'a\x1b[31m\n\t\x07\u009b2J\u202eb\u2066\u200b\u00ad\ud800\u{e0041}"\'';

/** Every string of the event, and of what it holds, made hostile, but for those that choose a branch. */
function poison<T>(value: T): T {
  const kept = new Set(['type', 'kind', 'dirfd']);
  const inner = (item: unknown, key: string): unknown => {
    if (typeof item === 'string') return kept.has(key) ? item : item + HOSTILE;
    if (Array.isArray(item)) return item.map((one) => inner(one, key));
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([name, one]) => [name, inner(one, name)]));
  };
  return inner(value, '') as T;
}

test('nothing unprintable comes through, whatever the names hold', () => {
  const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;
  for (const ids of [false, true]) {
    const format = createTextFormatter({ theme: PLAIN, ids, clock: 'utc' });
    for (const [, event] of CALLS) assert.doesNotMatch(format(poison(event)), unprintable);
    for (const type of ['trace', 'unparsed', 'lost']) {
      const event = {
        type,
        source: 's',
        tool: 't',
        host: 'h',
        text: 'x',
        file: 'f',
        reason: 'r',
        ts: 1,
        line: 1,
        count: 1,
      };
      assert.doesNotMatch(format(poison(event) as unknown as Event), unprintable);
    }
  }
});

test('colours enclose parts of the line and nothing else changes', () => {
  const format = createTextFormatter({ theme: COLORS, ids: false, clock: 'utc' });
  for (const [, event] of CALLS) assert.equal(format(event).replaceAll(/\x1b\[\d+m/g, ''), plain(event));
});
