/** A running strace(1) on a test server's processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Strace {
  /** Interrupts strace and waits until it has let go of the processes and written its last line. */
  stop(): Promise<void>;
}

/**
 * Attaches to `pids` and what they fork. `output` is what -o names; without -o (`toStderr`) strace prints
 * `[pid N]` prefixes and its own messages, all of which then go to that file.
 */
export async function startStrace(
  pids: readonly number[],
  options: readonly string[],
  output: string,
  toStderr: boolean,
): Promise<Strace> {
  const stderr = toStderr ? openSync(output, 'w') : 'ignore';
  const target = toStderr ? [] : ['-o', output];
  const attach = pids.flatMap((pid) => ['-p', String(pid)]);
  const child = spawn('strace', ['-f', ...options, ...target, ...attach], {
    stdio: ['ignore', 'ignore', stderr],
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  });
  if (typeof stderr === 'number') closeSync(stderr);
  while (!pids.every(isTraced)) {
    if (child.exitCode !== null) throw new Error(`strace ended at once with status ${child.exitCode}`);
    await sleep(10);
  }
  return {
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  };
}

function isTraced(pid: number): boolean {
  return /^TracerPid:\s*[1-9]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
}
