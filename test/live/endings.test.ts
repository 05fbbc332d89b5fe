/**
 * However a tracer ends, what it traced goes on; and how it ends is told by its status.
 * PGTRACE_KILLS says how often each way of ending is tried (once unless it does).
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Server, startServer } from '../servers/server.js';
import { versionUnderTest } from '../servers/versions.js';
import { impossible } from './tracing.js';

const ROUNDS = Number(process.env.PGTRACE_KILLS ?? 1);

describe('the ends of a trace via strace', { skip: impossible('strace') ?? false }, () => {
  let server: Server;
  let client: pg.Client;
  let pid: number;

  before(async () => {
    server = await startServer({ version: versionUnderTest() });
    client = await server.connect();
    await client.query('CREATE TABLE t AS SELECT generate_series(1, 200000) AS v');
    pid = Number((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
  });
  after(() => server?.remove());

  const attachWith = (...args: string[]) =>
    spawn(process.execPath, ['bin/pgtrace-attach', '--via', 'strace', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  const attach = async (...args: string[]): Promise<ChildProcess> => {
    const child = attachWith('-p', String(pid), ...args);
    await attached(child);
    return child;
  };

  /** The backend's query, under way when the tracer ends. */
  const load = async (end: () => Promise<void>): Promise<void> => {
    const query = client.query('SELECT count(*)::int AS n, sum(v)::text AS sum FROM t');
    await end();
    assert.deepEqual((await query).rows, [{ n: 200000, sum: '20000100000' }]);
    await untilFree();
  };

  /** A test of as many rounds as are asked for. */
  const rounds = (name: string, work: () => Promise<void>) =>
    test(name, async () => {
      for (let round = 0; round < ROUNDS; round++) await work();
    });

  const untilFree = async (of = pid) => {
    const deadline = Date.now() + 10_000;
    while (tracerOf(of) !== 0 && Date.now() < deadline) await sleep(10);
    assert.equal(tracerOf(of), 0, 'still traced');
    const left = () => [...guards(of), ...orphans()];
    while (left().length > 0 && Date.now() < deadline) await sleep(10);
    assert.deepEqual(left(), [], 'processes left behind');
  };

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 130],
    ['SIGHUP', 130],
    ['SIGKILL', null],
  ] as const) {
    test(`${signal} lets the backend go on`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const child = await attach();
        child.stdout!.resume();
        const closed = once(child, 'close');
        await load(async () => {
          await sleep((round * 20) % 400);
          child.kill(signal);
        });
        assert.equal((await closed)[0], status);
      }
    });
  }

  rounds('a SIGKILL while the backend waits for its client leaves nothing behind', async () => {
    const child = await attach();
    child.stdout!.resume();
    child.kill('SIGKILL');
    await once(child, 'close');
    await untilFree();
  });

  rounds('the end of the reader is an end without complaint', async () => {
    const child = await attach();
    const closed = once(child, 'close');
    await load(async () => {
      child.stdout!.destroy();
    });
    assert.equal((await closed)[0], 0);
  });

  rounds('the end of the backend ends the trace, with what it did last', async () => {
    const other = await server.connect();
    const mine = Number((await other.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
    const child = attachWith('-p', String(mine));
    const output = text(child.stdout);
    const closed = once(child, 'close');
    await attached(child);
    await other.end();
    assert.equal((await closed)[0], 0);
    // On 18 the I/O workers are in the trace as well.
    const own = (await output)
      .trimEnd()
      .split('\n')
      .filter((line) => JSON.parse(line).pid === mine);
    assert.equal(JSON.parse(own.at(-1)!).type, 'exit');
  });

  for (const [whose, signal] of [
    ['pgtrace', 'SIGTERM'],
    ['pgtrace', 'SIGKILL'],
    ['strace', 'SIGTERM'],
    ['strace', 'SIGKILL'],
  ] as const)
    test(`${signal} of ${whose} while connections come and go: all of them are served`, async () => {
      const { dataDir } = server;
      const postmaster = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'latin1').split('\n')[0]);
      for (let round = 0; round < ROUNDS; round++) {
        let over = false;
        let served = 0;
        const connecting = [1, 2, 3].map(async () => {
          for (; !over; served++) {
            const one = await server.connect();
            await one.query('SELECT 1');
            await one.end();
          }
        });
        const child = attachWith('-D', dataDir);
        await attached(child);
        child.stdout!.resume();
        const closed = once(child, 'close');
        await sleep(50 + ((round * 20) % 400));
        if (whose === 'pgtrace') child.kill(signal);
        else process.kill(tracerOf(postmaster), signal);
        await closed;
        const before = served;
        await sleep(100);
        over = true;
        await Promise.all(connecting);
        assert.ok(served > before, 'nobody is served');
        await untilFree(postmaster);
        assert.equal(tracerOf(pid), 0);
      }
    });

  rounds('the duration ends it', async () => {
    const child = await attach('--duration', '0.3');
    child.stdout!.resume();
    assert.equal((await once(child, 'close'))[0], 0);
    await untilFree();
  });
});

async function attached(child: ChildProcess): Promise<void> {
  for await (const part of child.stderr!.setEncoding('utf8')) if (part.includes('tracing via')) break;
}

function tracerOf(pid: number): number {
  return Number(/^TracerPid:\s*(\d+)$/m.exec(readStatus(String(pid)))![1]);
}

/** Processes with strace's arguments for this pid. */
function guards(pid: number): string[] {
  return straces().filter((name) => argumentsOf(name).includes(String(pid)));
}

/** What a strace forked at its start, and left when it ended. */
function orphans(): string[] {
  return straces().filter(
    (name) => readStatus(name).includes('\nPPid:\t1\n') && !argumentsOf(name).includes('-c'),
  );
}

function straces(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && argumentsOf(name).includes('-ttt'));
}

function argumentsOf(name: string): string[] {
  try {
    return readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

function readStatus(name: string): string {
  try {
    return readFileSync(`/proc/${name}/status`, 'latin1');
  } catch {
    return '';
  }
}
