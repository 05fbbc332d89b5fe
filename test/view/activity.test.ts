import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pg } from '../../src/event/pg.js';
import type { Event } from '../../src/event/types.js';
import { DIALECTS } from '../../src/parse/dialects.js';
import { openResolver } from '../../src/resolve/resolver.js';
import { createResolveStage } from '../../src/resolve/stage.js';
import { type Activity, activityOf } from '../../src/view/activity.js';
import { createAggregates } from '../../src/view/aggregates.js';
import { createTrail, ORDERS, PID, PKEY, pgOf, type Trail } from './events.js';

const SOCKET: Pg = { kind: 'socket' };

function at(events: readonly Event[]): Activity | null {
  const aggregates = createAggregates();
  aggregates.write(events);
  return activityOf(aggregates.processes.get(PID)!, aggregates.lastTs()!);
}

/** What and phase after each of the steps. */
function phases(steps: readonly ((trail: Trail) => void)[]): (string | null)[] {
  const trail = createTrail();
  return steps.map((step) => {
    step(trail);
    const activity = at(trail.events);
    return activity === null ? null : `${activity.what}: ${activity.phase}`;
  });
}

function scan(trail: Trail, relation: Parameters<Trail['read']>[0], from: number, to: number): void {
  for (let block = from; block < to; block++) trail.read(relation, block);
}

function temp(trail: Trail, call: string, bytes: number, total: number): void {
  const pg: Pg = { kind: 'temp', creator: PID, number: 0, file: 'base/pgsql_tmp/pgsql_tmp3820.0', total };
  trail.call({ call, ret: bytes, pg });
}

test("VACUUM's passes", () => {
  assert.deepEqual(
    phases([
      (t) => {
        t.call({ call: 'pread64', ret: 8192, pg: { ...pgOf(ORDERS), fork: 'vm', block: 0, blocks: 1 } });
        scan(t, ORDERS, 0, 500);
      },
      (t) => scan(t, PKEY, 0, 100),
      (t) => {
        for (const block of [3, 10, 11, 200]) t.read(ORDERS, block);
      },
      (t) => scan(t, ORDERS, 500, 600),
    ]),
    ['vacuum: scanning heap', 'vacuum: vacuuming indexes', 'vacuum: vacuuming heap', 'vacuum: scanning heap'],
  );
});

test("VACUUM's second pass of a round is as far as it has come in what the round has scanned", () => {
  const trail = createTrail();
  const done = () => at(trail.events)!.progress!.done;
  trail.add({ type: 'process', ts: 999, pid: PID, title: 'postgres: bob shop [local] VACUUM' });
  scan(trail, ORDERS, 0, 500);
  scan(trail, PKEY, 0, 100);
  for (const block of [3, 10, 11, 199]) trail.read(ORDERS, block);
  assert.equal(done(), 0.4);
  scan(trail, ORDERS, 500, 900);
  assert.equal(at(trail.events)!.phase, 'scanning heap');
  scan(trail, PKEY, 0, 100);
  for (const block of [510, 599]) trail.read(ORDERS, block);
  assert.deepEqual([at(trail.events)!.phase, done()], ['vacuuming heap', 0.25]);
});

test('a scan is none of these', () => {
  const trail = createTrail();
  scan(trail, ORDERS, 0, 500);
  const activity = at(trail.events)!;
  assert.deepEqual([activity.what, activity.phase, activity.progress!.done], ['scan', null, 0.5]);
});

test("CREATE INDEX's scan, sort and load", () => {
  const made = { relation: 'built', relkind: 'index', table: 'public.orders', filenode: 20_000 } as const;
  assert.deepEqual(
    phases([
      (t) => {
        t.call({
          call: 'openat',
          flags: 'O_RDWR|O_CREAT|O_EXCL',
          ret: 9,
          pg: pgOf({ ...made, uncommitted: true }),
        });
        scan(t, ORDERS, 0, 500);
      },
      (t) => {
        for (let n = 0; n < 4; n++) temp(t, 'pwrite64', 8192, 4);
        scan(t, ORDERS, 500, 1000);
      },
      (t) => temp(t, 'pread64', 8192, 4),
      (t) => {
        for (let block = 1; block < 4; block++) t.write(made, block);
      },
    ]),
    [
      'create index: scanning table',
      'create index: scanning table',
      'create index: sorting live tuples',
      'create index: loading tuples in tree',
    ],
  );
});

test('a sort that spills is written, and read back', () => {
  const trail = createTrail();
  for (let n = 0; n < 8; n++) temp(trail, 'pwrite64', 8192, n + 1);
  assert.equal(at(trail.events)!.phase, 'writing');
  for (let n = 0; n < 2; n++) temp(trail, 'pread64', 8192, 8);
  assert.deepEqual([at(trail.events)!.phase, at(trail.events)!.partDone], ['reading back', 0.25]);
  // A merge: it reads and writes by turns.
  for (let n = 0; n < 3; n++) {
    temp(trail, 'pwrite64', 8192, 8);
    for (let block = 0; block < 2; block++) temp(trail, 'pread64', 8192, 8);
  }
  assert.deepEqual([at(trail.events)!.phase, at(trail.events)!.partDone], ['merging', null]);
  for (let n = 0; n < 4; n++) temp(trail, 'pread64', 8192, 8);
  assert.deepEqual([at(trail.events)!.phase, at(trail.events)!.partDone], ['reading back', 0.75]);
  temp(trail, 'unlink', 0, 0);
  assert.equal(at(trail.events), null);
});

test('a hash is read back file by file; which one is deleted shows in the close before', () => {
  const trail = createTrail();
  const file = (n: number) => `base/pgsql_tmp/pgsql_tmp3820.${n}`;
  const batch = (n: number, call: string, ret: number) =>
    trail.call({ call, ret, pg: { kind: 'temp', creator: PID, number: n, file: file(n), total: 1 } });
  for (let n = 0; n < 4; n++) batch(n, 'pwrite64', 8192);
  const shown: unknown[] = [];
  for (let n = 0; n < 4; n++) {
    batch(n, 'pread64', 8192);
    batch(n, 'close', 0);
    trail.call({ call: 'unlink', ret: 0 });
    shown.push(at(trail.events)?.partDone ?? null);
  }
  assert.deepEqual(shown, [0.25, 0.5, 0.75, null]);
});

test('a scan of an index goes to and fro and is no VACUUM', () => {
  const trail = createTrail();
  trail.call({ call: 'pread64', ret: 8192, pg: { ...pgOf(ORDERS), fork: 'vm', block: 0, blocks: 1 } });
  for (let leaf = 1; leaf < 30; leaf++) {
    trail.read(PKEY, leaf);
    scan(trail, ORDERS, leaf * 8, leaf * 8 + 8);
  }
  assert.equal(at(trail.events)!.what, 'scan');
});

test('VACUUM FULL writes the table anew, with a TOAST table, and then its indexes', () => {
  const made = (relation: object) => (t: Trail) =>
    t.call({ call: 'openat', flags: 'O_RDWR|O_CREAT|O_EXCL', ret: 9, pg: pgOf(relation) });
  assert.deepEqual(
    phases([
      (t) => {
        made({ ...ORDERS, filenode: 20_001 })(t);
        made({ filenode: 20_002, schema: 'pg_toast', relation: 'pg_toast_1', relkind: 'toast' })(t);
        scan(t, ORDERS, 0, 100);
        t.write({ ...ORDERS, filenode: 20_001 }, 0);
      },
      (t) => {
        made({ ...PKEY, filenode: 20_003 })(t);
        scan(t, { ...ORDERS, filenode: 20_001 }, 0, 100);
      },
    ]),
    ['rewrite: seq scanning heap', 'create index: scanning table'],
  );
});

test('who waits for the client is at nothing', () => {
  const trail = createTrail();
  trail.call({ call: 'recvfrom', ret: 20, pg: SOCKET });
  scan(trail, ORDERS, 0, 10);
  trail.call({ call: 'sendto', ret: 8192, pg: SOCKET });
  assert.equal(at(trail.events)!.what, 'scan');
  trail.call({ call: 'recvfrom', ret: -1, errno: 'EAGAIN', pg: SOCKET });
  assert.equal(at(trail.events), null);
});

test('COPY receives much and answers nothing; statements are answered', () => {
  for (const [answers, wanted] of [
    [false, 'copy'],
    [true, null],
  ] as const) {
    const trail = createTrail();
    for (let n = 0; n < 60; n++) {
      trail.call({ call: 'recvfrom', ret: 8192, pg: SOCKET });
      trail.write(ORDERS, n);
      if (answers) trail.call({ call: 'sendto', ret: 20, pg: SOCKET });
    }
    assert.equal(at(trail.events)?.what ?? null, wanted);
  }
});

test('COPY reads a file that is none of the cluster while a table grows, or writes one while a table is read', () => {
  const file: Pg = { kind: 'other', file: '/srv/orders.csv' };
  const copied = (pg: Pg, call: string, each: (trail: Trail, n: number) => void) => {
    const trail = createTrail();
    trail.add({ type: 'process', ts: 999, pid: PID, title: 'postgres: bob shop [local] COPY' });
    for (let n = 0; n < 60; n++) {
      trail.call({ call, ret: 8192, pg });
      each(trail, n);
    }
    const { what, phase, object, copied, progress } = at(trail.events)!;
    return [what, phase, object?.id, copied, progress?.done ?? null];
  };
  const grows = (trail: Trail, n: number) => {
    trail.write(ORDERS, n);
    trail.write(PKEY, n);
  };
  const isRead = (trail: Trail, n: number) => trail.read(ORDERS, n);
  const moved = 60 * 8192;
  assert.deepEqual(copied(file, 'read', grows), ['copy', 'copying from a file', 1, moved, null]);
  assert.deepEqual(copied(file, 'write', isRead), ['copy', 'copying to a file', 1, moved, 0.06]);
  const pipe: Pg = { kind: 'pipe', file: 'pipe:[4242]' };
  assert.deepEqual(copied(pipe, 'read', grows), ['copy', 'copying from a program', 1, moved, null]);
  assert.deepEqual(copied(pipe, 'write', isRead), ['copy', 'copying to a program', 1, moved, 0.06]);
  assert.deepEqual(copied(SOCKET, 'sendto', isRead), ['copy', 'copying to the client', 1, moved, 0.06]);
});

test('COPY from a file whose size was told when it was opened is done in part', () => {
  const trail = createTrail();
  const pg: Pg = { kind: 'other', file: '/srv/orders.csv' };
  trail.call({ call: 'openat', path: '/srv/orders.csv', ret: 7, size: 200 * 8192, pg });
  for (let n = 0; n < 50; n++) {
    trail.call({ call: 'read', ret: 8192, pg });
    trail.write(ORDERS, n);
  }
  assert.equal(at(trail.events)!.partDone, 0.25);
});

test("in strace's text COPY's fstat tells the size of its file", () => {
  const struct = '{st_mode=S_IFREG|0644, st_size=1638400, ...}';
  for (const file of ['7', '7</srv/orders.csv>'])
    for (const stat of [
      `fstat(${file}, ${struct}) = 0`,
      `newfstatat(${file}, "", ${struct}, AT_EMPTY_PATH) = 0`,
    ]) {
      const trail = createTrail();
      const events = resolvedText([
        `openat(AT_FDCWD, "/srv/orders.csv", O_RDONLY) = ${file}`,
        stat,
        ...Array(50).fill(`read(${file}, "1\\tbolt\\n"..., 8192) = 8192`),
      ]);
      for (const event of events) {
        trail.add(event);
        trail.write(ORDERS, 0);
      }
      assert.equal(at(trail.events)!.partDone, 0.25, stat);
    }
});

/** What strace's lines of the process become. */
function resolvedText(lines: readonly string[]): Event[] {
  const dialect = DIALECTS.strace({ pid: PID, date: null, raw: false });
  const events: Event[] = [];
  for (const line of lines) dialect.line(line, events);
  return createResolveStage(openResolver(null, null, assert.fail), () => 0).write(events);
}

test("a file that is closed, or the kernel's, is not what COPY is at", () => {
  for (const [path, closes] of [
    ['/srv/orders.csv', true],
    ['/dev/urandom', false],
  ] as const) {
    const trail = createTrail();
    const pg: Pg = { kind: 'other', file: path };
    for (let n = 0; n < 60; n++) {
      trail.call({ call: 'read', ret: 8192, pg });
      trail.write(ORDERS, n);
    }
    if (closes) trail.call({ call: 'close', pg });
    assert.equal(at(trail.events), null);
  }
});

test('COPY by its title copies nothing from the client that has only sent the statement', () => {
  const trail = createTrail();
  trail.add({ type: 'process', ts: 999, pid: PID, title: 'postgres: bob shop [local] COPY' });
  trail.call({ call: 'recvfrom', ret: 60, pg: SOCKET });
  trail.write(ORDERS, 0);
  assert.equal(at(trail.events), null);
});

test('a standby replays WAL', () => {
  const trail = createTrail();
  trail.add({ type: 'process', ts: 999, pid: PID, role: 'startup' });
  const pg: Pg = { kind: 'wal', segment: '000000010000000000000045', lsn: '0/45A3C000' };
  trail.call({ call: 'pread64', ret: 8192, pg });
  const activity = at(trail.events)!;
  assert.deepEqual([activity.what, activity.lsn], ['replay', '0/45A3C000']);
});

test('a new statement is not what the one before it was', () => {
  const trail = createTrail();
  trail.add({ type: 'process', ts: 999, pid: PID, title: 'postgres: bob shop [local] VACUUM' });
  trail.call({ call: 'pread64', ret: 8192, pg: { ...pgOf(ORDERS), fork: 'vm', block: 0, blocks: 1 } });
  scan(trail, ORDERS, 0, 10);
  assert.equal(at(trail.events)!.what, 'vacuum');
  trail.call({ call: 'sendto', ret: 20, pg: SOCKET });
  trail.call({ call: 'recvfrom', ret: 20, pg: SOCKET });
  assert.equal(at(trail.events), null);
});
