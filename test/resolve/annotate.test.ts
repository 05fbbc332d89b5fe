import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pg } from '../../src/event/pg.js';
import type { Event } from '../../src/event/types.js';
import { createAnnotator } from '../../src/resolve/annotate.js';
import type { ClusterFiles } from '../../src/resolve/files.js';
import { createPlaces, mount } from '../../src/resolve/locate.js';
import type { NamedRelation } from '../../src/resolve/names.js';
import { createReload } from '../../src/resolve/reload.js';
import { createResolveStage, resolveLine, tick } from '../../src/resolve/stage.js';
import type { ClusterView } from '../../src/resolve/target.js';
import { createTargets, type Targets } from '../../src/resolve/targets.js';
import { close, open, read, seek, syscall } from './events.js';

const BLOCK = 8192;
const GIGABYTE = 131072;
const VERSION = 'PG_15_202209061';

const ORDERS: NamedRelation = { oid: 16384, schema: 'public', name: 'orders', relkind: 'table' };
const PKEY: NamedRelation = {
  oid: 16390,
  schema: 'public',
  name: 'orders_pkey',
  relkind: 'index',
  table: 'public.orders',
};

/** A cluster of two relations and a tablespace, whose look-ups are counted. */
function fakeCluster(sizes: Record<string, number> = {}) {
  const calls = { relation: 0, size: 0, reload: 0 };
  const named = new Map<string, NamedRelation>([
    ['1663/5/16384', ORDERS],
    ['1663/5/16390', PKEY],
    ['16399/5/16400', { ...ORDERS, name: 'far "away"', uncommitted: true }],
  ]);
  const files = {
    size(path: string) {
      calls.size++;
      return sizes[path] ?? null;
    },
  } as unknown as ClusterFiles;
  const view: ClusterView = {
    names: {
      relation(tablespace, database, filenode) {
        calls.relation++;
        return named.get(`${tablespace}/${database}/${filenode}`) ?? 'no such filenode in pg_class';
      },
      edition: () => calls.reload,
      database: (oid) => (oid === 5 ? 'shop' : undefined),
      tablespace: (oid) =>
        new Map([
          [1663, 'pg_default'],
          [16399, 'fast'],
        ] as const).get(oid as 1663),
    },
    news: () => null,
    reload: () => {
      calls.reload++;
    },
    damage: () => null,
    files,
    major: 15,
    blockSize: BLOCK,
    segmentBlocks: GIGABYTE,
    walSegmentSize: 16 << 20,
    versionFolder: VERSION,
  };
  return { view, sizes, calls, named };
}

function fakeTargets(view: ClusterView | null): Targets {
  const places = createPlaces(() => true);
  places.exclusive = view !== null;
  mount(places, '/srv/pg', '');
  return createTargets(places, view);
}

const SIZES = { 'base/5/16384': 1000 * BLOCK, 'base/5/16390': GIGABYTE * BLOCK, 'base/5/16390.1': 3 * BLOCK };

/** The `pg` of the last of the events; both routes, text and objects, must agree on it. */
function pgOf(events: Event[], targets = fakeTargets(fakeCluster({ ...SIZES }).view)): Pg | undefined {
  const byText = createAnnotator(targets);
  let line = '';
  for (const event of events) line = resolveLine(byText, event, JSON.stringify(event));
  const resolved = JSON.parse(line);
  const other = createTargets(targets.places, targets.cluster);
  const stage = createResolveStage(createAnnotator(other), () => 0);
  const objects = stage.write(structuredClone(events));
  assert.deepEqual(JSON.parse(JSON.stringify(objects.at(-1))), resolved, 'object and text');
  assert.equal(
    JSON.stringify((objects.at(-1) as { pg?: Pg }).pg),
    JSON.stringify(resolved.pg),
    'order of keys',
  );
  return resolved.pg;
}

test('a read of a table names it, its block and its size', () => {
  const pread = syscall('pread64', { fd: 3, length: BLOCK, offset: 984 * BLOCK, ret: BLOCK });
  assert.deepEqual(pgOf([open('base/5/16384', 3), pread]), {
    kind: 'relation',
    database: 'shop',
    schema: 'public',
    relation: 'orders',
    relkind: 'table',
    fork: 'main',
    segment: 0,
    block: 984,
    blocks: 1,
    total: 1000,
    oid: 16384,
    databaseOid: 5,
    filenode: 16384,
    tablespace: 'pg_default',
  });
});

test('a block is counted over all segments', () => {
  const pg = pgOf([
    open('/srv/pg/base/5/16390.1', 3),
    syscall('pread64', { fd: 3, length: BLOCK, offset: 2 * BLOCK, ret: BLOCK }),
  ]);
  assert.deepEqual(
    { ...pg },
    {
      ...pg,
      relation: 'orders_pkey',
      table: 'public.orders',
      segment: 1,
      block: GIGABYTE + 2,
      total: GIGABYTE + 3,
    },
  );
});

/** A call after an open of orders as descriptor 3, and the block, blocks and total that it touches. */
const TOUCHED: readonly [Event, number | undefined, number | undefined, number | undefined][] = [
  [
    syscall('preadv', { fd: 3, iovcnt: 16, length: 16 * BLOCK, offset: 8 * BLOCK, ret: 16 * BLOCK }),
    8,
    16,
    1000,
  ],
  [syscall('preadv', { fd: 3, iovcnt: 16, offset: 8 * BLOCK, ret: 2 * BLOCK + 1 }), 8, 3, 1000],
  [
    syscall('preadv', { fd: 3, iovcnt: 16, length: 16 * BLOCK, offset: 999 * BLOCK, ret: BLOCK }),
    999,
    1,
    1000,
  ],
  [syscall('pread64', { fd: 3, length: BLOCK, offset: 1000 * BLOCK, ret: 0 }), 1000, 0, 1000],
  [syscall('pread64', { fd: 3, length: 2, offset: 8191, ret: 2 }), 0, 2, 1000],
  [syscall('pread64', { fd: 3, length: BLOCK, offset: BLOCK, ret: -1, errno: 'EIO' }), 1, 1, 1000],
  [
    syscall('pread64', { fd: 3, length: BLOCK, offset: '9223372036854771712', ret: 0 }),
    undefined,
    undefined,
    1000,
  ],
  [syscall('pwrite64', { fd: 3, length: BLOCK, offset: 1000 * BLOCK, ret: BLOCK }), 1000, 1, 1001],
  [syscall('fallocate', { fd: 3, mode: '0', offset: 1000 * BLOCK, length: 8 * BLOCK }), 1000, 8, 1008],
  [
    syscall('fallocate', { fd: 3, mode: 'FALLOC_FL_KEEP_SIZE', offset: 1000 * BLOCK, length: BLOCK }),
    1000,
    1,
    1000,
  ],
  [
    syscall('fadvise64', { fd: 3, offset: 5 * BLOCK, length: 2 * BLOCK, advice: 'POSIX_FADV_WILLNEED' }),
    5,
    2,
    1000,
  ],
  [syscall('sync_file_range', { fd: 3, offset: 0, length: 0, flags: '0' }), 0, undefined, 1000],
  [syscall('ftruncate', { fd: 3, length: 10 * BLOCK }), 10, undefined, 10],
  [seek(3, 7 * BLOCK), 7, undefined, 1000],
  [seek(3, 0, { whence: 'SEEK_END', ret: 1200 * BLOCK }), undefined, undefined, 1200],
  [syscall('fsync', { fd: 3 }), undefined, undefined, 1000],
  [close(3), undefined, undefined, 1000],
  [read(3, BLOCK), 0, 1, 1000],
];

for (const [event, block, blocks, total] of TOUCHED) {
  const { call, offset, length } = event as { call: string; offset?: unknown; length?: unknown };
  test(`${call} at ${offset}, ${length} bytes: block ${block}, ${blocks} of ${total}`, () => {
    const pg = pgOf([open('base/5/16384', 3), event]) as unknown as Record<string, unknown>;
    assert.deepEqual([pg.block, pg.blocks, pg.total], [block, blocks, total]);
  });
}

test('lseek and read, as versions up to 11 do it', () => {
  const events = [open('base/5/16384', 3), seek(3, 40 * BLOCK), read(3, BLOCK), read(3, BLOCK)];
  assert.equal((pgOf(events) as { block?: number }).block, 41);
  const unknown = pgOf([read(3, BLOCK, { path: '/srv/pg/base/5/16384' })]) as { block?: number };
  assert.equal('block' in unknown, false);
});

test('names that are not known have a reason', () => {
  const pread = syscall('pread64', { fd: 3, length: BLOCK, offset: 0, ret: BLOCK });
  assert.deepEqual(pgOf([open('base/5/99999', 3), pread]), {
    kind: 'relation',
    database: 'shop',
    fork: 'main',
    segment: 0,
    block: 0,
    blocks: 1,
    databaseOid: 5,
    filenode: 99999,
    tablespace: 'pg_default',
    unresolved: 'no such filenode in pg_class',
  });
  assert.deepEqual(pgOf([open('base/5/16384', 3), pread], fakeTargets(null)), {
    kind: 'relation',
    fork: 'main',
    segment: 0,
    databaseOid: 5,
    filenode: 16384,
    unresolved: 'no data directory',
  });
  const foreign = pgOf([open('/srv/pg/base/5/1', 4), open('/else/base/5/16384', 3), pread]);
  assert.deepEqual(foreign, {
    kind: 'relation',
    fork: 'main',
    segment: 0,
    databaseOid: 5,
    filenode: 16384,
    unresolved: 'file of another data directory',
  });
  assert.deepEqual(pgOf([pread]), { kind: 'other', unresolved: 'descriptor was not seen being opened' });
  assert.equal(pgOf([{ ...pread, ret: -1, errno: 'EBADF' }]), undefined);
});

test('a tablespace of another version is not read with the names of this one', () => {
  const pg = pgOf([open('pg_tblspc/16399/PG_14_202107181/5/16400', 3)]) as { unresolved?: string };
  assert.equal(pg.unresolved, 'tablespace folder of another version');
  const here = pgOf([open(`pg_tblspc/16399/${VERSION}/5/16400`, 3)]) as unknown as Record<string, unknown>;
  assert.deepEqual([here.relation, here.tablespace, here.uncommitted], ['far "away"', 'fast', true]);
});

test('WAL has its LSN', () => {
  const at = (segment: string, offset: number) =>
    pgOf([open(`pg_wal/${segment}`, 3), syscall('pwrite64', { fd: 3, length: BLOCK, offset, ret: BLOCK })]);
  assert.deepEqual(at('000000010000000000000045', 0xa3c000), {
    kind: 'wal',
    timeline: 1,
    segment: '000000010000000000000045',
    lsn: '0/45A3C000',
  });
  assert.equal((at('0000000200000AB1000000FF', 16 << 20) as { lsn?: string }).lsn, 'AB2/0');
  // A cluster of 16 MB segments has no such file.
  assert.equal('lsn' in (at('000000010000000000000100', 0) as object), false);
  assert.deepEqual(pgOf([open('pg_wal/xlogtemp.31', 3)]), { kind: 'wal', segment: 'xlogtemp.31' });
  assert.equal('lsn' in (pgOf([open('pg_wal/000000010000000000000045', 3)]) as object), false);
});

test('pages of SLRUs have their ids', () => {
  const page = (path: string, offset = BLOCK, major = 15) => {
    const pread = syscall('pread64', { fd: 3, length: BLOCK, offset, ret: BLOCK });
    const pg = pgOf([open(path, 3), pread], fakeTargets({ ...fakeCluster().view, major }));
    const { block, first, last } = pg as { block?: number; first?: number; last?: number };
    return [block, first, last];
  };
  assert.deepEqual(page('pg_xact/0001'), [33, 33 * 32768, 34 * 32768 - 1]);
  assert.deepEqual(page('pg_xact/0FFF', 31 * BLOCK), [131071, 131071 * 32768, 4294967295]);
  assert.deepEqual(page('pg_subtrans/0000'), [1, 2048, 4095]);
  assert.deepEqual(page('pg_commit_ts/0000'), [1, 819, 1637]);
  assert.deepEqual(page('pg_multixact/offsets/0000'), [1, 2048, 4095]);
  assert.deepEqual(page('pg_multixact/members/0000'), [1, 1636, 3271]);
  assert.deepEqual(page('pg_multixact/members/0000', BLOCK, 19), [1, undefined, undefined]);
  assert.deepEqual(page('pg_notify/0000'), [1, undefined, undefined]);
  assert.deepEqual(page('pg_serial/0000'), [1, undefined, undefined]);
  assert.deepEqual(page('pg_serial/000000000000000'), [1, 1024, 2047]);
});

test('a temporary file grows as it is written', () => {
  const write = syscall('write', { fd: 3, length: BLOCK, ret: BLOCK });
  const created = open('base/pgsql_tmp/pgsql_tmp3820.4', 3, { flags: 'O_RDWR|O_CREAT|O_TRUNC' });
  assert.deepEqual(pgOf([created, write, write]), {
    kind: 'temp',
    creator: 3820,
    number: 4,
    tablespace: 'pg_default',
    file: 'base/pgsql_tmp/pgsql_tmp3820.4',
    block: 1,
    blocks: 1,
    total: 2,
  });
});

test('calls by path, and calls of two files', () => {
  assert.deepEqual(pgOf([syscall('unlink', { path: 'base/5/16384' })]), pgOf([open('base/5/16384', 3)]));
  assert.deepEqual(pgOf([open('postmaster.pid', -1, { errno: 'ENOENT' })]), {
    kind: 'pid',
    file: 'postmaster.pid',
  });
  const targets = fakeTargets(fakeCluster().view);
  const rename = syscall('rename', {
    path: 'pg_wal/xlogtemp.31',
    newpath: 'pg_wal/000000010000000000000045',
  });
  const line = JSON.parse(resolveLine(createAnnotator(targets), rename, JSON.stringify(rename)));
  assert.equal(line.pg.segment, 'xlogtemp.31');
  assert.equal(line.pg2.segment, '000000010000000000000045');
});

test('accesses that were only counted are of a fork, not of a block', () => {
  const where = { tablespace: 1663, databaseOid: 5, filenode: 16390, fork: 'main' };
  const pg = pgOf([{ type: 'buffers', ts: 1, pid: 10, ...where, count: 9 }]) as unknown as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    [pg.relation, pg.fork, pg.block, pg.blocks],
    ['orders_pkey', 'main', undefined, undefined],
  );
});

test('an inventory, a buffer access, and what has no file', () => {
  assert.equal(pgOf([{ type: 'fd', ts: 1, pid: 10, fd: 3, path: 'socket:[44]' }])?.kind, 'socket');
  const buffer = { type: 'buffer', ts: 1, pid: 10, tablespace: 1663, databaseOid: 5, fork: 'main' } as const;
  const pg = pgOf([{ ...buffer, filenode: 16390, block: GIGABYTE + 1 }]) as unknown as Record<
    string,
    unknown
  >;
  assert.deepEqual([pg.relation, pg.segment, pg.block, pg.blocks], ['orders_pkey', 1, GIGABYTE + 1, 1]);
  assert.equal(pgOf([syscall('getpid', { ret: 10 })]), undefined);
  assert.equal(pgOf([syscall('mmap', { fd: -1, length: 4096, ret: 140000000 })]), undefined);
});

test('the cluster is asked once a second, not once an event', () => {
  const cluster = fakeCluster({ ...SIZES });
  const annotator = createAnnotator(fakeTargets(cluster.view));
  const pread = syscall('pread64', { fd: 3, length: BLOCK, offset: 0, ret: BLOCK });
  const run = () => JSON.parse(resolveLine(annotator, pread, JSON.stringify(pread))).pg;
  resolveLine(annotator, open('base/5/16384', 3), '{}');
  for (let count = 0; count < 100; count++) run();
  assert.deepEqual({ ...cluster.calls }, { relation: 1, size: 1, reload: 0 });
  tick(annotator, 5000);
  cluster.sizes['base/5/16384'] = 2000 * BLOCK;
  cluster.named.set('1663/5/16384', { ...ORDERS, name: 'sales' });
  assert.deepEqual([run().total, run().relation], [2000, 'sales']);
  assert.deepEqual({ ...cluster.calls }, { relation: 2, size: 2, reload: 0 });
});

test('a directory that does not change does not undo what the trace proves', () => {
  const cluster = fakeCluster({ ...SIZES });
  const annotator = createAnnotator(fakeTargets(cluster.view));
  const write = syscall('pwrite64', { fd: 3, length: BLOCK, offset: 4000 * BLOCK, ret: BLOCK });
  const run = (event: Event) => JSON.parse(resolveLine(annotator, event, JSON.stringify(event))).pg.total;
  run(open('base/5/16384', 3));
  assert.equal(run(write), 4001);
  tick(annotator, 5000);
  assert.equal(run(syscall('fsync', { fd: 3 })), 4001);
});

test('a temporary file is of the database that its creator works in', () => {
  const annotator = createAnnotator(fakeTargets(fakeCluster().view));
  const database = (pid: number) => {
    const event = open(`base/pgsql_tmp/pgsql_tmp${pid}.0`, 3);
    return JSON.parse(resolveLine(annotator, event, JSON.stringify(event))).pg.database;
  };
  resolveLine(annotator, { type: 'process', ts: 1, pid: 3820, database: 'shop' }, '{}');
  assert.deepEqual([database(3820), database(3821)], ['shop', undefined]);
});

test('reasons are counted by event', () => {
  const targets = fakeTargets(fakeCluster().view);
  const annotator = createAnnotator(targets);
  const events = [open('base/5/99999', 3), read(3, 8), read(4, 8), close(3), close(4)];
  for (const event of events) resolveLine(annotator, event, JSON.stringify(event));
  assert.deepEqual(
    Object.fromEntries([...targets.counters].map(([reason, { events }]) => [reason, events])),
    {
      'no such filenode in pg_class': 3,
      'descriptor was not seen being opened': 2,
    },
  );
});

/** A cluster with news as often as the test says so, and who is asked by a clock that only the test moves. */
function newsCluster() {
  const cluster = fakeCluster();
  const state = { now: 0, news: false, looks: 0 };
  cluster.view.news = () => {
    state.looks++;
    return state.news;
  };
  const { reload } = cluster.view;
  cluster.view.reload = () => {
    reload();
    state.news = false;
  };
  const targets = fakeTargets(cluster.view);
  targets.reload = createReload(
    () => state.now,
    () => assert.fail(),
  );
  const annotator = createAnnotator(targets);
  const run = (event: Event) => JSON.parse(resolveLine(annotator, event, JSON.stringify(event))).pg;
  const batch = (ms: number) => {
    state.now += ms;
    state.looks = 0;
    tick(annotator, state.now);
  };
  return { cluster, state, run, batch };
}

test('what was committed is told of a file when there is news, before it is asked for again', () => {
  const { cluster, state, run, batch } = newsCluster();
  assert.equal(run(open('base/5/16384', 3)).relation, 'orders');
  const sync = () => run(syscall('fsync', { fd: 3, ret: 0 })).relation;
  cluster.named.set('1663/5/16384', { ...ORDERS, name: 'renamed' });
  batch(30);
  assert.equal(sync(), 'orders');
  state.news = true;
  assert.equal(sync(), 'orders');
  batch(30);
  assert.equal(sync(), 'renamed');
  assert.equal(cluster.calls.reload, 1);
});

test('what has no name, or may just have been dropped, is looked for at once, and once a batch', () => {
  const { cluster, state, run, batch } = newsCluster();
  assert.equal(run(open('base/5/16384', 3)).dropped, undefined);
  assert.equal(run(open('base/5/500', 4)).relation, undefined);
  cluster.named.set('1663/5/500', { ...ORDERS, name: 'fresh' });
  cluster.named.set('1663/5/501', { ...ORDERS, name: 'fresh too' });
  cluster.named.set('1663/5/16384', { ...ORDERS, dropped: true });
  // Sooner than a batch looks unasked.
  batch(1);
  assert.equal(run(syscall('fsync', { fd: 4, ret: 0 })).relation, undefined);
  assert.equal(run(syscall('ftruncate', { fd: 3, length: 0, ret: 0 })).dropped, undefined);
  assert.deepEqual([state.looks, cluster.calls.reload], [1, 0]);
  batch(1);
  state.news = true;
  assert.equal(run(syscall('ftruncate', { fd: 3, length: 0, ret: 0 })).dropped, true);
  assert.equal(run(open('base/5/501', 5)).relation, 'fresh too');
  assert.equal(run(syscall('fsync', { fd: 4, ret: 0 })).relation, 'fresh');
  assert.deepEqual([state.looks, cluster.calls.reload], [1, 1]);
});

test('a reading that changed nothing of a database asks for none of its names', () => {
  const cluster = fakeCluster();
  const targets = fakeTargets(cluster.view);
  const annotator = createAnnotator(targets);
  cluster.view.names.edition = () => 7;
  resolveLine(annotator, open('base/5/16384', 3), '{}');
  targets.readings++;
  resolveLine(annotator, syscall('fsync', { fd: 3, ret: 0 }), '{}');
  assert.equal(cluster.calls.relation, 1);
});

test('the catalogs are read again for a file that they do not name, but not all the time', () => {
  const cluster = fakeCluster();
  let now = 0;
  const targets = fakeTargets(cluster.view);
  targets.reload = createReload(
    () => now,
    () => assert.fail(),
  );
  cluster.view.reload = () => {
    cluster.calls.reload++;
    cluster.named.set('1663/5/500', { ...ORDERS, name: 'fresh' });
  };
  const annotator = createAnnotator(targets);
  const relation = (path: string) => {
    const event = open(path, 3);
    return JSON.parse(resolveLine(annotator, event, JSON.stringify(event))).pg.relation;
  };
  assert.equal(relation('base/5/500'), undefined);
  now = 120;
  tick(annotator, now);
  assert.equal(relation('base/5/500'), 'fresh');
  assert.equal(relation('base/5/501'), undefined);
  assert.equal(cluster.calls.reload, 1);
  // A named one may have got another name.
  now = 1300;
  tick(annotator, now);
  assert.equal(relation('base/5/500'), 'fresh');
  assert.equal(cluster.calls.reload, 2);
});
