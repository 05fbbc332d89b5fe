/** "How far is it?" by samples alone: what a process is blocked in says where its scan is. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../src/event/types.js';
import { createAggregates } from '../../src/view/aggregates.js';
import { nameOf } from '../../src/view/name.js';
import { mainForkOf } from '../../src/view/objects.js';
import { progressAt } from '../../src/view/progress.js';
import { resolved, tracing } from '../live/tracing.js';
import { type Server, startServer } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const POINTS = 0.05;
/**
 * 510 MB: what the kernel reads ahead, 8 MB on some disks, makes no process wait, and twice that lies between two
 * waits: it has to be little of the table.
 */
const ROWS = 960_000;
/** Bytes a second that the server may read from the disk: a scan that never waits is never seen. */
const SLOW = 60 << 20;
/** Where version 1 of the control groups limits what is read (Documentation/admin-guide/cgroup-v1/blkio-controller.rst). */
const BLKIO = '/sys/fs/cgroup/blkio';
const LIMIT = 'blkio.throttle.read_bps_device';

const skip =
  process.getuid?.() !== 0 || !existsSync(join(BLKIO, LIMIT))
    ? `a slow disk needs root and ${BLKIO}/${LIMIT}`
    : false;

test(`a cold sequential scan by samples on PostgreSQL ${version}`, { skip }, async () => {
  const settings = { autovacuum: 'off', shared_buffers: '1GB', synchronize_seqscans: false };
  const server = await startServer({ version, settings });
  const group = join(BLKIO, `pgtrace-${process.pid}`);
  try {
    const path = await fill(server);
    await server.restart();
    // Out of the kernel's cache; the server's own buffers are empty.
    execFileSync('dd', [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], {
      stdio: 'ignore',
    });
    const client = await server.connect();
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    slowDown(server, group, path);
    await client.query(
      'SET max_parallel_workers_per_gather = 0; BEGIN; DECLARE c CURSOR FOR SELECT id FROM orders',
    );
    const marks: number[] = [];
    const { events } = await tracing(
      ['-p', String(rows[0].pid), '--via', 'sample', '--rate', '200'],
      async () => {
        // The counters before the scan are in the first sample.
        await sleep(500);
        for (let quarter = 1; quarter <= 3; quarter++) {
          await client.query(`MOVE ${ROWS / 4} FROM c`);
          marks.push(Date.now() / 1000);
          await sleep(50);
        }
      },
    );
    await client.end();
    const told = marks.map((until) => doneAt(resolved(events, server.dataDir), until));
    for (const [index, done] of told.entries()) {
      const truth = (index + 1) / 4;
      // Of I/O workers, no counter says how much they read for whom: where the scan began may be unknown.
      if (version >= 18 && done === null) continue;
      assert.ok(done !== null && Math.abs(done - truth) <= POINTS, `expected about ${truth}, found ${done}`);
    }
  } finally {
    await server.remove();
    if (existsSync(group)) await removeGroup(group);
  }
});

async function fill(server: Server): Promise<string> {
  const client = await server.connect();
  await client.query(
    `CREATE TABLE orders AS SELECT g AS id, repeat('x', 500) AS note FROM generate_series(1, ${ROWS}) g`,
  );
  await client.query('VACUUM ANALYZE orders');
  const { rows } = await client.query("SELECT pg_relation_filepath('orders') AS path");
  await client.end();
  return join(server.dataDir, rows[0].path);
}

/** Everybody: on 18 I/O workers read. */
function slowDown(server: Server, group: string, path: string): void {
  const { dev } = statSync(path, { bigint: true });
  // As glibc's gnu_dev_major() and gnu_dev_minor() take them apart.
  const [major, minor] = [(dev >> 8n) & 0xfffn, (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)];
  mkdirSync(group);
  writeFileSync(join(group, LIMIT), `${major}:${minor} ${SLOW}`);
  for (const pid of server.pids()) writeFileSync(join(group, 'cgroup.procs'), String(pid));
}

/** The kernel lets a group go when its processes are gone. */
async function removeGroup(group: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      rmdirSync(group);
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`${group} cannot be removed: who is still in it?`);
}

function doneAt(events: readonly Event[], until: number): number | null {
  const aggregates = createAggregates();
  aggregates.write(events.filter((event) => !('ts' in event) || event.ts === null || event.ts <= until));
  const orders = aggregates.objects.find((object) => nameOf(object) === 'public.orders');
  const fork = orders && mainForkOf(orders);
  assert.ok(fork, 'no sample shows the table');
  return progressAt(fork, aggregates.lastTs()!)?.done ?? null;
}
