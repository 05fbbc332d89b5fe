/**
 * However a tracer ends, under load: the backend's query has the right result, and tracefs is as before.
 * PGTRACE_KILLS says how often each way of ending is tried (once unless it does).
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { FtraceSource } from '../../src/attach/ftrace/source.js';
import { findTracefs } from '../../src/attach/ftrace/tracefs.js';
import { openProc } from '../../src/attach/inventory/procfs.js';
import { type Server, startServer } from '../servers/server.js';
import { versionUnderTest } from '../servers/versions.js';
import { instances, leftBehind, noFtrace, noUprobes, probesOf } from './tracefs.js';

const TIMES = Number(process.env.PGTRACE_KILLS ?? 1);
/** Eight times shared_buffers, so that every scan reads. */
const ROWS = 20_000;
const TRACER = new URL('ftrace.js', import.meta.url).pathname;

let server: Server | undefined;
let client: pg.Client | undefined;
let backend = 0;

before(async () => {
  if (noFtrace !== false) return;
  server = await startServer({
    version: versionUnderTest(),
    settings: { shared_buffers: '1MB', max_parallel_workers_per_gather: 0, fsync: false },
  });
  client = await server.connect();
  await client.query(`CREATE TABLE load AS SELECT i, repeat('x', 300) FROM generate_series(1, ${ROWS}) i`);
  backend = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
});

after(async () => {
  await client?.end();
  await server?.remove();
});

/** The settings of the global trace, which is nobody's business of ours. Of our probes leftBehind() tells. */
function globalState(): string[] {
  const tracefs = findTracefs();
  return [
    'current_tracer',
    'tracing_on',
    'trace_clock',
    'buffer_size_kb',
    'set_event',
    'set_event_pid',
    'trace_options',
    'events/syscalls/enable',
  ].map((file) => {
    try {
      return `${file}: ${readFileSync(`${tracefs}/${file}`, 'utf8')}`;
    } catch {
      return `${file}: none`;
    }
  });
}

/** The tracer's guard: its child that is a shell. */
function guardOf(pid: number): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((child) => {
      try {
        const stat = readFileSync(`/proc/${child}/stat`, 'latin1');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid && stat.includes('(sh)');
      } catch {
        return false;
      }
    });
}

const ENDINGS: Record<string, (tracer: ChildProcess) => void> = {
  SIGTERM: (tracer) => tracer.kill('SIGTERM'),
  SIGINT: (tracer) => tracer.kill('SIGINT'),
  SIGKILL: (tracer) => tracer.kill('SIGKILL'),
  'the end of its input': (tracer) => tracer.stdin!.end(),
};

/** Runs the load until `ended`, each result checked. */
async function load(ended: Promise<unknown>): Promise<number> {
  let running = true;
  ended.finally(() => {
    running = false;
  });
  let queries = 0;
  for (; running; queries++) {
    const { rows } = await client!.query('SELECT count(*) AS n, sum(i) AS sum FROM load');
    assert.deepEqual(rows, [{ n: String(ROWS), sum: String((ROWS * (ROWS + 1)) / 2) }]);
  }
  return queries;
}

function startTracer(): ChildProcess {
  return spawn(process.execPath, [TRACER, '--statements', '--buffers', String(backend)], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

for (const [name, end] of Object.entries(ENDINGS))
  test(`nothing is left of a tracer ended by ${name}`, { skip: noFtrace }, async () => {
    const state = globalState();
    for (let round = 0; round < TIMES; round++) {
      const tracer = startTracer();
      const closed = once(tracer, 'close');
      const ending = (async () => {
        if (round % 2 === 0) await once(tracer.stderr!, 'data');
        // Anywhere in its setting up, its tracing and its taking down.
        await sleep((round * 53) % 600);
        end(tracer);
        await closed;
      })();
      assert.ok((await load(ending)) > 0);
      assert.deepEqual(await leftBehind(tracer.pid!, 10), []);
    }
    assert.deepEqual(globalState(), state);
  });

test('the next start removes what a tracer killed with its guard left', { skip: noFtrace }, async () => {
  const state = globalState();
  for (let round = 0; round < TIMES; round++) {
    const tracer = startTracer();
    const closed = once(tracer, 'close');
    await once(tracer.stderr!, 'data');
    const guard = guardOf(tracer.pid!);
    assert.ok(guard !== undefined, 'the tracer has no guard');
    const ending = (async () => {
      process.kill(guard, 'SIGKILL');
      tracer.kill('SIGKILL');
      await closed;
    })();
    await load(ending);
    assert.equal(instances().filter((instance) => instance.startsWith(`pgtrace-${tracer.pid}-`)).length, 1);
    if (noUprobes === false) assert.ok(probesOf(tracer.pid!).length > 0);
    const next = new FtraceSource({ events: () => null, warning: assert.fail, ended: assert.fail });
    await next.start([backend]);
    assert.deepEqual(await leftBehind(tracer.pid!, 0), []);
    await next.stop();
  }
  assert.deepEqual(await leftBehind(process.pid, 0), []);
  assert.deepEqual(globalState(), state);
});

test('the end of a backend is told, and its tracer ends as ever', { skip: noFtrace }, async () => {
  for (let round = 0; round < TIMES; round++) {
    const other = await server!.connect();
    other.on('error', () => undefined);
    const pid: number = (await other.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const types: string[] = [];
    const source = new FtraceSource(
      {
        events(batch) {
          for (const event of batch) types.push(event.type === 'exit' ? `exit ${event.status}` : event.type);
          return null;
        },
        warning: () => undefined,
        ended: assert.fail,
      },
      { statements: true, buffers: true, version: (of) => openProc().version(of) },
    );
    await source.start([pid]);
    const query = other.query('SELECT count(*) FROM load, load again').catch((error) => error.code);
    await sleep(50);
    await client!.query('SELECT pg_terminate_backend($1)', [pid]);
    assert.equal(await query, '57P01');
    while (readdirSync('/proc').includes(String(pid))) await sleep(10);
    await source.stop();
    assert.equal(types.at(-1), 'exit 1');
    assert.ok(types.includes('signal'));
    if (noUprobes === false) assert.ok(types.includes('statement') && types.includes('buffer'));
    assert.deepEqual(await leftBehind(process.pid, 0), []);
  }
  assert.deepEqual(await leftBehind(process.pid, 0), []);
});
