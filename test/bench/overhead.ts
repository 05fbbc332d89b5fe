/**
 * What a live source costs the traced backend: a sequential scan of a cached 1 GB table under each, beside
 * strace(1) and perf-trace(1) run bare, in turns, as ratios to the scan alone in the same turn. Slow tracers get a
 * scan of a sixteenth of it. Arguments: how many turns (default 5).
 *
 * `wall` is what the client waits, `cpu` what the backend itself runs (/proc/PID/schedstat): on a machine that is
 * busy with other things the second is the one to trust.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Account } from '../live/ftrace.js';
import { startServer } from '../servers/server.js';

const TURNS = Number(process.argv[2] ?? 5);
/** One row a page. */
const BLOCKS = 131_072;
const SMALL_BLOCKS = BLOCKS / 16;

interface Tracer {
  name: string;
  command: string;
  args(pid: number): string[];
  /** How it says that it is at work. */
  ready: RegExp;
  slow?: true;
  /** What it says of itself when it has ended. */
  account?(stderr: string): Partial<Record<'reads' | 'lost' | 'delay', string>>;
}

const tracers: Tracer[] = [
  {
    name: 'ftrace',
    command: process.execPath,
    args: (pid) => [new URL('../live/ftrace.js', import.meta.url).pathname, String(pid)],
    ready: /tracing/,
    account: ftraceAccount,
  },
  {
    name: 'sample',
    command: process.execPath,
    args: (pid) => ['bin/pgtrace-attach', '--via', 'sample', '--no-workers', '-p', String(pid)],
    ready: /tracing via sample/,
  },
  {
    name: 'strace -p',
    command: 'strace',
    args: (pid) => ['-ttt', '-T', '-y', '-o', '/dev/null', '-p', String(pid)],
    ready: /attached/,
    slow: true,
  },
  {
    name: 'perf trace -p',
    command: 'perf',
    args: (pid) => ['trace', '-o', '/dev/null', '-p', String(pid)],
    // It says nothing; see start().
    ready: /./,
    slow: true,
  },
];

interface Cost {
  wall: number;
  cpu: number;
}

/** The events of a scan are on the screen after the median and the longest of these. */
function ftraceAccount(stderr: string) {
  const { calls, lost, delays } = JSON.parse(stderr.trim().split('\n').at(-1)!) as Account;
  return {
    reads: String(calls.pread64 ?? 0),
    lost: String(lost),
    delay: `${(1000 * median(delays)).toFixed(0)} to ${(1000 * Math.max(...delays)).toFixed(0)} ms`,
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function scan(client: pg.Client, pid: number, table: string): Promise<Cost> {
  const cpuTime = () => Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
  const cpu = cpuTime();
  const began = performance.now();
  await client.query(`SELECT count(*) FROM ${table}`);
  return { wall: performance.now() - began, cpu: cpuTime() - cpu };
}

async function start(tracer: Tracer, pid: number): Promise<{ child: ChildProcess; stderr(): string }> {
  const child = spawn(tracer.command, tracer.args(pid), { stdio: ['pipe', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  for (let tries = 0; tries < 100 && !tracer.ready.test(stderr); tries++) {
    if (child.exitCode !== null) throw new Error(`${tracer.name} ended at once: ${stderr}`);
    if (tracer.command === 'perf' && tries === 20) break;
    await sleep(50);
  }
  // Its own beginnings are not what is measured.
  await sleep(300);
  return { child, stderr: () => stderr };
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGINT');
  await closed;
}

function available({ name, command }: Tracer): boolean {
  if (spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined) return true;
  console.log(`${name}: not installed, left out`);
  return false;
}

const server = await startServer({
  version: 15,
  settings: { max_parallel_workers_per_gather: 0, synchronize_seqscans: false, autovacuum: false },
});
try {
  const client = await server.connect();
  for (const [table, blocks] of [
    ['large', BLOCKS],
    ['small', SMALL_BLOCKS],
  ] as const) {
    await client.query(`CREATE TABLE ${table} (i int, filler text)`);
    await client.query(`ALTER TABLE ${table} ALTER filler SET STORAGE PLAIN`);
    await client.query(
      `INSERT INTO ${table} SELECT i, repeat('x', 7900) FROM generate_series(1, ${blocks}) i`,
    );
    await client.query(`VACUUM (FREEZE) ${table}`);
  }
  const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  const present = tracers.filter(available);
  const ratios = new Map(present.map(({ name }) => [name, [] as Cost[]]));
  const accounts = new Map<string, Partial<Record<string, string>>>();
  const alone: number[] = [];
  for (let turn = 0; turn < TURNS; turn++)
    for (const tracer of present) {
      const table = tracer.slow ? 'small' : 'large';
      await scan(client, pid, table);
      const before = await scan(client, pid, table);
      const { child, stderr } = await start(tracer, pid);
      const under = await scan(client, pid, table);
      await stop(child);
      const after = await scan(client, pid, table);
      if (!tracer.slow) alone.push(before.wall, after.wall);
      ratios.get(tracer.name)!.push({
        wall: (2 * under.wall) / (before.wall + after.wall),
        cpu: (2 * under.cpu) / (before.cpu + after.cpu),
      });
      if (tracer.account !== undefined) accounts.set(tracer.name, tracer.account(stderr()));
    }
  console.log(`${BLOCKS} reads of a cached table, alone: ${median(alone).toFixed(0)} ms`);
  for (const [name, costs] of ratios) {
    const wall = median(costs.map((cost) => cost.wall)).toFixed(2);
    const cpu = median(costs.map((cost) => cost.cpu)).toFixed(2);
    const told = Object.entries(accounts.get(name) ?? {}).map(([key, value]) => `${key} ${value}`);
    console.log([`${name}: wall ${wall} x, cpu ${cpu} x`, ...told].join(', '));
  }
  await client.end();
} finally {
  await server.remove();
}
