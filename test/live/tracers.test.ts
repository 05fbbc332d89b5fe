/**
 * strace, perf trace, trace_pipe and perf script watch the same backend at the same time: what pgtrace-parse makes of
 * their texts is the same calls, with the same descriptors, offsets, lengths and results.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTracefs } from '../../src/attach/ftrace/tracefs.js';
import type { Event, SyscallEvent } from '../../src/event/types.js';
import { openDialect } from '../../src/parse/detect.js';
import { readLines } from '../../src/parse/events.js';
import { startServer } from '../servers/server.js';
import { versionUnderTest } from '../servers/versions.js';
import { noFtrace } from './tracefs.js';
import { impossible } from './tracing.js';

const CALLS =
  'openat close read write pread64 pwrite64 lseek fsync fdatasync ftruncate truncate unlink mmap'.split(' ');

function whyNot(): string | false {
  if (noFtrace !== false) return noFtrace;
  const strace = impossible('strace');
  if (strace !== undefined) return strace;
  const perf = spawnSync('perf', ['trace', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
  return perf.status === 0 ? false : `perf trace does not work here: ${perf.error?.message ?? perf.stderr}`;
}

/** The text of tracefs for one process, from now on; and its end. */
function tracePipe(pid: number, file: string): () => Promise<void> {
  const instance = join(findTracefs(), 'instances', `pgtrace-test-${process.pid}`);
  mkdirSync(instance);
  const set = (name: string, value: string) => writeFileSync(join(instance, name), value);
  set('set_event_pid', String(pid));
  set('buffer_size_kb', '8192');
  for (const call of CALLS)
    for (const way of ['enter', 'exit']) set(`events/syscalls/sys_${way}_${call}/enable`, '1');
  const reader = spawn('cat', [join(instance, 'trace_pipe')], {
    stdio: ['ignore', openSync(file, 'w'), 'ignore'],
  });
  return async () => {
    set('tracing_on', '0');
    await sleep(200);
    reader.kill();
    await once(reader, 'exit');
    rmdirSync(instance);
  };
}

async function interrupted(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGINT');
  await once(child, 'exit');
}

function parse(file: string): { dialect: string; events: Event[] } {
  const dialect = openDialect('auto', { pid: null, date: null, raw: false });
  const stage = readLines(dialect);
  const events = stage.write(readFileSync(file, 'utf8').trimEnd().split('\n')).concat(stage.end());
  return { dialect: dialect.name, events };
}

/** Paths apart, which not all of them tell. */
function calls(events: readonly Event[]): string[] {
  return events
    .filter((event): event is SyscallEvent => event.type === 'syscall' && CALLS.includes(event.call))
    .map(({ call, fd, dirfd, offset, length, whence, flags, mode, prot, ret, errno }) =>
      JSON.stringify({ call, fd, dirfd, offset, length, whence, flags, mode, prot, ret, errno }),
    );
}

test('four tracers tell the same of one backend', { skip: whyNot() }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pgtrace-tracers-'));
  const file = (name: string) => join(folder, name);
  const server = await startServer({
    version: versionUnderTest(),
    settings: { shared_buffers: '1MB', max_parallel_workers_per_gather: 0, autovacuum: false },
  });
  try {
    const client = await server.connect();
    await client.query(`CREATE TABLE t AS SELECT i, repeat('x', 100) FROM generate_series(1, 10000) i`);
    await client.query('CREATE INDEX ON t (i)');
    const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const p = ['-p', String(pid)];
    const stopPipe = tracePipe(pid, file('pipe'));
    const events = CALLS.map((call) => `syscalls:sys_enter_${call},syscalls:sys_exit_${call}`).join(',');
    const children = [
      spawn('perf', ['trace', '-T', '-m', '4096', ...p, '-o', file('perf')], { stdio: 'ignore' }),
      spawn('perf', ['record', '-q', '-m', '2048', '-e', events, ...p, '-o', file('data')], {
        stdio: 'ignore',
      }),
    ];
    const strace = spawn('strace', ['-ttt', '-T', '-y', '-o', file('strace'), ...p], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await once(strace.stderr, 'data');
    // perf does not say when it is ready.
    await sleep(2000);
    await client.query('SELECT count(*) FROM t');
    await client.query('SELECT * FROM t WHERE i = 77');
    await client.query('CREATE TABLE u AS SELECT * FROM t WHERE i < 500');
    await client.query('TRUNCATE u');
    await client.query('DROP TABLE u');
    await client.query('CHECKPOINT');
    await sleep(500);
    await Promise.all([strace, ...children].map(interrupted));
    await stopPipe();
    const script = spawnSync('perf', ['script', '-i', file('data')], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    writeFileSync(file('script'), script.stdout);
    await client.end();

    const expected = calls(parse(file('strace')).events);
    assert.ok(expected.length > 100, `${expected.length} calls`);
    for (const [name, dialect] of [
      ['pipe', 'kernel'],
      ['script', 'kernel'],
      ['perf', 'perf-trace'],
    ] as const) {
      const found = parse(file(name));
      assert.equal(found.dialect, dialect);
      assert.deepEqual(
        found.events.filter(({ type }) => type === 'unparsed' || type === 'lost'),
        [],
        name,
      );
      assert.deepEqual(calls(found.events), expected, name);
    }
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true });
  }
});
