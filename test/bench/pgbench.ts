/** pgbench’s select-only load, by one client, that runs while it is measured. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type pg from 'pg';
import type { Server } from '../servers/server.js';

const PGBENCH = '/usr/lib/postgresql/15/bin/pgbench';
/** It ends before. */
const LONGEST_S = 3600;

export interface Cost {
  wall: number;
  cpu: number;
}

export interface Pgbench {
  /** Of its backend. */
  pid: number;
  /** What a transaction took in one second, in milliseconds. */
  measure(): Promise<Cost>;
  stop(): Promise<void>;
}

/** Of a process, in milliseconds. */
export function cpuTime(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
}

/** Null where pgbench is not installed. @param client asks which process serves it. */
export async function startPgbench(server: Server, client: pg.Client): Promise<Pgbench | null> {
  if (spawnSync(PGBENCH, ['--version'], { stdio: 'ignore' }).error !== undefined) return null;
  const login = ['-h', server.socketDir, '-p', String(server.port), '-U', 'postgres'];
  const made = spawnSync(PGBENCH, [...login, '-i', '-q', 'postgres'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const child = spawn(
    PGBENCH,
    [...login, '-S', '-n', '-c', '1', '-T', String(LONGEST_S), '-P', '1', 'postgres'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = once(child, 'exit');
  let told: ((rate: number) => void) | null = null;
  createInterface({ input: child.stderr }).on('line', (line) => {
    const rate = /^progress: [\d.]+ s, ([\d.]+) tps/.exec(line)?.[1];
    if (rate !== undefined) told?.(Number(rate));
  });
  const report = () => new Promise<number>((resolve) => (told = resolve));
  await report();
  child.kill('SIGSTOP');
  const { rows } = await client.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'pgbench'");
  const pid: number = rows[0].pid;
  return {
    pid,
    async measure() {
      child.kill('SIGCONT');
      // The first has the time in which it stood still.
      await report();
      const cpu = cpuTime(pid);
      const began = performance.now();
      const rate = await report();
      const count = (rate * (performance.now() - began)) / 1000;
      const cost = { wall: 1000 / rate, cpu: (cpuTime(pid) - cpu) / count };
      child.kill('SIGSTOP');
      return cost;
    },
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGINT');
      await ended;
    },
  };
}
