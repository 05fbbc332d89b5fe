/**
 * What a live source costs the traced backend: a sequential scan of a cached 1 GB table under each, beside
 * strace(1) and perf-trace(1) run bare, in turns, as ratios to the scan alone in the same turn. Slow tracers get a
 * scan of a sixteenth of it, statements are measured on single rows by their key: pgbench's select-only where it is
 * installed. The peer of ftrace is tracefs with nobody reading, its tracer stopped: no reader of these events can cost
 * less. Arguments: how many turns (default 5), then parts of names to pick tracers by.
 *
 * `wall` is what the client waits, `cpu` what the backend itself runs (/proc/PID/schedstat): on a machine that is
 * busy with other things the second is the one to trust.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Account } from '../live/ftrace.js';
import { startServer } from '../servers/server.js';
import { type Cost, cpuTime, startPgbench } from './pgbench.js';

const TURNS = Number(process.argv[2] ?? 5);
const PICKS = process.argv.slice(3);
/** One row a page. */
const BLOCKS = 131_072;
const SMALL_BLOCKS = BLOCKS / 16;
/** Single rows by their key, one a statement. */
const STATEMENTS = 5000;

interface Tracer {
  name: string;
  /** What the backend does: a scan, of which table, or single rows by their key, one a statement. */
  load: keyof typeof LOADS;
  command: string;
  args(pid: number): string[];
  /** How it says that it is at work. */
  ready: RegExp;
  /** Stopped while the backend works: what the kernel's recording alone costs. */
  stopped?: true;
  /** What it says of itself when it has ended. */
  account?(stderr: string): Partial<Record<string, string>>;
}

const tracers: Tracer[] = [
  {
    name: 'ftrace',
    load: 'large',
    command: process.execPath,
    args: (pid) => [new URL('../live/ftrace.js', import.meta.url).pathname, String(pid)],
    ready: /tracing/,
    account: ftraceAccount,
  },
  {
    name: 'tracefs, nobody reading',
    load: 'large',
    command: process.execPath,
    args: (pid) => [new URL('../live/ftrace.js', import.meta.url).pathname, String(pid)],
    ready: /tracing/,
    stopped: true,
  },
  {
    name: 'ftrace --buffers',
    load: 'large',
    command: process.execPath,
    args: (pid) => [new URL('../live/ftrace.js', import.meta.url).pathname, '--buffers', String(pid)],
    ready: /tracing/,
    account: ftraceAccount,
  },
  {
    name: 'ftrace --buffers=count',
    load: 'large',
    command: process.execPath,
    args: (pid) => [new URL('../live/ftrace.js', import.meta.url).pathname, '--buffers=count', String(pid)],
    ready: /tracing/,
    account: ftraceAccount,
  },
  {
    name: 'ftrace',
    load: 'rows',
    command: process.execPath,
    args: (pid) => [new URL('../live/ftrace.js', import.meta.url).pathname, String(pid)],
    ready: /tracing/,
    account: ftraceAccount,
  },
  {
    name: 'ftrace --statements',
    load: 'rows',
    command: process.execPath,
    args: (pid) => [new URL('../live/ftrace.js', import.meta.url).pathname, '--statements', String(pid)],
    ready: /tracing/,
    account: ftraceAccount,
  },
  {
    name: 'sample',
    load: 'large',
    command: process.execPath,
    args: (pid) => ['bin/pgtrace-attach', '--via', 'sample', '--no-workers', '-p', String(pid)],
    ready: /tracing via sample/,
  },
  {
    name: 'strace -p',
    command: 'strace',
    args: (pid) => ['-ttt', '-T', '-y', '-o', '/dev/null', '-p', String(pid)],
    ready: /attached/,
    load: 'small',
  },
  {
    name: 'perf trace -p',
    command: 'perf',
    args: (pid) => ['trace', '-o', '/dev/null', '-p', String(pid)],
    // It says nothing; see start().
    ready: /./,
    load: 'small',
  },
];

/** The events of a scan are on the screen after the median and the longest of these. */
function ftraceAccount(stderr: string) {
  const { calls, lost, buffers, statements, delays } = JSON.parse(
    stderr.trim().split('\n').at(-1)!,
  ) as Account;
  return {
    reads: String(calls.pread64 ?? 0),
    ...(buffers > 0 ? { buffers: String(buffers) } : {}),
    ...(statements > 0 ? { statements: String(statements) } : {}),
    lost: String(lost),
    delay: `${(1000 * median(delays)).toFixed(0)} to ${(1000 * Math.max(...delays)).toFixed(0)} ms`,
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const LOADS = {
  large: (client: pg.Client) => client.query('SELECT count(*) FROM large'),
  small: (client: pg.Client) => client.query('SELECT count(*) FROM small'),
  rows: selectRows,
};

/** As pgbench -S does, where that is not installed. */
async function selectRows(client: pg.Client): Promise<void> {
  for (let i = 0; i < STATEMENTS; i++) await client.query(`SELECT filler FROM rows WHERE i = ${1 + i}`);
}

async function run(client: pg.Client, pid: number, load: Tracer['load']): Promise<Cost> {
  const cpu = cpuTime(pid);
  const began = performance.now();
  await LOADS[load](client);
  return { wall: performance.now() - began, cpu: cpuTime(pid) - cpu };
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

function titleOf({ name, load }: Tracer): string {
  return load === 'rows' ? `${name}, single rows` : name;
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
  const loader = await server.connect();
  for (const [table, blocks] of [
    ['large', BLOCKS],
    ['small', SMALL_BLOCKS],
  ] as const) {
    await loader.query(`CREATE TABLE ${table} (i int, filler text)`);
    await loader.query(`ALTER TABLE ${table} ALTER filler SET STORAGE PLAIN`);
    await loader.query(
      `INSERT INTO ${table} SELECT i, repeat('x', 7900) FROM generate_series(1, ${blocks}) i`,
    );
    await loader.query(`VACUUM (FREEZE) ${table}`);
  }
  await loader.query(
    `CREATE TABLE rows AS SELECT i, repeat('x', 80) AS filler FROM generate_series(1, ${STATEMENTS}) i`,
  );
  await loader.query('CREATE UNIQUE INDEX ON rows (i)');
  await loader.query('VACUUM (FREEZE, ANALYZE) rows');
  await loader.end();
  // What loading left in shared buffers would be no reads: the small table's every block.
  await server.restart();
  const client = await server.connect();
  const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  const picked = (tracer: Tracer) =>
    PICKS.length === 0 || PICKS.some((part) => titleOf(tracer).includes(part));
  const present = tracers.filter(picked).filter(available);
  const ratios = new Map(present.map((tracer) => [titleOf(tracer), [] as Cost[]]));
  const accounts = new Map<string, Partial<Record<string, string>>>();
  const alone: number[] = [];
  const pgbench = present.some(({ load }) => load === 'rows') ? await startPgbench(server, client) : null;
  for (let turn = 0; turn < TURNS; turn++)
    for (const tracer of present) {
      const { load } = tracer;
      const bench = load === 'rows' ? pgbench : null;
      const measure = () => bench?.measure() ?? run(client, pid, load);
      await measure();
      const before = await measure();
      const { child, stderr } = await start(tracer, bench?.pid ?? pid);
      if (tracer.stopped) child.kill('SIGSTOP');
      const under = await measure();
      child.kill('SIGCONT');
      await stop(child);
      const after = await measure();
      if (load === 'large') alone.push(before.wall, after.wall);
      ratios.get(titleOf(tracer))!.push({
        wall: (2 * under.wall) / (before.wall + after.wall),
        cpu: (2 * under.cpu) / (before.cpu + after.cpu),
      });
      if (tracer.account !== undefined) accounts.set(titleOf(tracer), tracer.account(stderr()));
    }
  if (alone.length > 0)
    console.log(`${BLOCKS} reads of a cached table, alone: ${median(alone).toFixed(0)} ms`);
  for (const [name, costs] of ratios) {
    const wall = median(costs.map((cost) => cost.wall)).toFixed(2);
    const cpu = median(costs.map((cost) => cost.cpu)).toFixed(2);
    const told = Object.entries(accounts.get(name) ?? {}).map(([key, value]) => `${key} ${value}`);
    console.log([`${name}: wall ${wall} x, cpu ${cpu} x`, ...told].join(', '));
  }
  await pgbench?.stop();
  await client.end();
} finally {
  await server.remove();
}
