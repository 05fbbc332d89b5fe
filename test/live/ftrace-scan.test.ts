/** The ftrace source against PostgreSQL: a scan's reads are each told once, in order, with the file's own path. */
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FtraceSource } from '../../src/attach/ftrace/source.js';
import type { Event, SyscallEvent } from '../../src/event/types.js';
import { startServer } from '../servers/server.js';
import { versionUnderTest } from '../servers/versions.js';
import { noFtrace } from './tracefs.js';

const BLOCK = 8192;
/** One row a page. */
const ROWS = 2000;

/** The bytes of every read of a descriptor, as ranges of the file; versions up to 11 seek before they read. */
function readRanges(events: readonly Event[], pid: number, fd: number): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  let position = 0;
  for (const event of events) {
    if (event.type !== 'syscall' || event.pid !== pid || event.fd !== fd) continue;
    const ret = Number(event.ret);
    if (event.call === 'lseek') position = ret;
    else if (/^pread/.test(event.call) && ret > 0)
      ranges.push([Number(event.offset), Number(event.offset) + ret]);
    else if (/^readv?$/.test(event.call) && ret > 0) {
      ranges.push([position, position + ret]);
      position += ret;
    }
  }
  return ranges;
}

test('a sequential scan is told block by block', { skip: noFtrace }, async () => {
  const version = versionUnderTest();
  const server = await startServer({
    version,
    settings: {
      shared_buffers: '1MB',
      max_parallel_workers_per_gather: 0,
      autovacuum: false,
      // The backend's own calls: with workers the reads would be theirs.
      ...(version >= 18 ? { io_method: 'sync' } : {}),
    },
  });
  try {
    const owner = await server.connect();
    await owner.query('CREATE TABLE scanned (i int, filler text)');
    await owner.query('ALTER TABLE scanned ALTER filler SET STORAGE PLAIN');
    await owner.query(`INSERT INTO scanned SELECT i, repeat('x', 7900) FROM generate_series(1, ${ROWS}) i`);
    await owner.query('VACUUM scanned');
    const { rows } = await owner.query(`SELECT pg_relation_filepath('scanned') AS path`);
    await server.restart();

    const client = await server.connect();
    const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const events: Event[] = [];
    const source = new FtraceSource({
      events(batch) {
        for (const event of batch) events.push(event);
        return null;
      },
      warning: () => undefined,
      ended: assert.fail,
    });
    await source.start([pid]);
    const count = await client.query('SELECT count(*) AS n FROM scanned');
    assert.equal(count.rows[0].n, String(ROWS));
    await sleep(100);
    await source.stop();

    const file = join(realpathSync(server.dataDir), rows[0].path);
    const opened = events.filter(
      (event): event is SyscallEvent =>
        event.type === 'syscall' &&
        (event.retpath === file || (event.call === 'openat' && event.path === rows[0].path)),
    );
    assert.equal(opened.length, 1, 'the table is opened once, with its path proven');
    const ranges = readRanges(events, pid, Number(opened[0]!.ret));
    let end = 0;
    for (const [from, to] of ranges) {
      assert.equal(from, end);
      end = to;
    }
    assert.equal(end, ROWS * BLOCK);
    assert.ok(events.every((event) => event.type !== 'lost'));
  } finally {
    await server.remove();
  }
});
