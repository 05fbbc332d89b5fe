/** The postmaster of a test's cluster as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asServer } from './account.js';
import { type Cluster, serverEnvironment } from './cluster.js';

export const PORT = 5432;
const START_TIMEOUT_MS = 60_000;

export function spawnPostmaster(
  { binDir, dataDir, socketDir, account, options }: Cluster,
  logFile: string,
): ChildProcess {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socketDir,
    port: PORT,
    fsync: false,
    shared_buffers: '16MB',
    max_connections: 20,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(join(binDir, 'postgres'), ['-D', dataDir, ...flags], {
    cwd: '/',
    env: serverEnvironment(),
    detached: true,
    stdio: ['ignore', log, log],
    ...asServer(account),
  });
  closeSync(log);
  child.unref();
  return child;
}

/**
 * Until line 8 of postmaster.pid says `ready`, or `standby` on a hot standby (PM_STATUS_READY and its like,
 * src/include/utils/pidfile.h, since version 10).
 */
export async function untilReady(child: ChildProcess, dataDir: string, log: () => string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let failure: unknown;
  child.once('error', (error) => {
    failure = error;
  });
  while (!postmasterReady(dataDir, child.pid)) {
    if (failure !== undefined) throw failure;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended at its start with ${child.exitCode ?? child.signalCode}:\n${log()}`);
    if (Date.now() > deadline) throw new Error(`the server was not ready in time:\n${log()}`);
    await sleep(10);
  }
}

function postmasterReady(dataDir: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid && /^(ready|standby)\s*$/.test(lines[7] ?? '');
  } catch {
    return false;
  }
}

/** While a test waits for the server's end, the server keeps the test's process alive. */
export function exitOf(child: ChildProcess): Promise<unknown> {
  child.ref();
  return once(child, 'exit');
}

/** The server's processes: those that work in its data directory. */
export function membersOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readlinkSync(`/proc/${name}/cwd`) === dataDir;
      } catch {
        return false;
      }
    })
    .map(Number);
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went on its own.
  }
}
