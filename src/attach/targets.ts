/** What the command line wishes to trace, as processes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../cli/diagnostic.js';
import type { ProcFs } from './inventory/procfs.js';
import { isPostgres } from './inventory/title.js';

const MOST_LISTED = 5;

/**
 * The processes of `pids` that are alive; `warn` hears of the others, and of those that are not PostgreSQL's.
 * @throws Failure where none is alive.
 */
export function findPids(proc: ProcFs, pids: readonly number[], warn: (message: string) => void): number[] {
  const alive: number[] = [];
  const gone: string[] = [];
  const foreign: string[] = [];
  for (const pid of new Set(pids)) {
    const stat = proc.stat(pid);
    if (stat === null || stat.state === 'Z') {
      gone.push(String(pid));
      continue;
    }
    alive.push(pid);
    if (!isPostgres(proc.title(pid) ?? '')) foreign.push(`${pid} (${stat.comm})`);
  }
  if (foreign.length > 0) warn(`not of PostgreSQL, traced all the same: ${listed(foreign)}`);
  if (gone.length > 0 && alive.length > 0) warn(`no such process, going on without: ${listed(gone)}`);
  if (alive.length === 0 && pids.length > 0) {
    throw new Failure(
      `no process ${listed(gone)} (expected the pid of a running process)`,
      'pg_stat_activity shows the pids of backends, and so does ps -u postgres -o pid,args',
    );
  }
  return alive;
}

/** The first few, and how many more. */
function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return `${names.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * The postmaster that works in a data directory.
 * @throws Failure where none does.
 */
export function findPostmaster(proc: ProcFs, directory: string): number {
  const file = join(directory, 'postmaster.pid');
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new Failure(
        `no server runs in ${directory} (expected ${file}, found none)`,
        'is it the data directory?',
      );
    }
    throw new Failure(`${file} cannot be read (${code})`, 'run it as root or as the user of the server');
  }
  // A standalone backend writes its pid with a minus sign: CreateDataDirLockFile(), src/backend/utils/init/miscinit.c
  const told = Math.abs(Number(/^-?\d+/.exec(text)?.[0] ?? Number.NaN));
  if (proc.worksIn(told, directory)) return told;
  // The pid may be of another pid namespace (a container's), or left behind by a server that crashed.
  const found = proc.pids().find((pid) => proc.worksIn(pid, directory) && isFirst(proc, pid, directory));
  if (found !== undefined) return found;
  throw new Failure(
    `no server runs in ${directory} (expected process ${told} of postmaster.pid to work there, found none)`,
  );
}

/** Whether a process of a cluster is the one that the others descend from. */
function isFirst(proc: ProcFs, pid: number, directory: string): boolean {
  const parent = proc.stat(pid)?.parent;
  return parent !== undefined && isPostgres(proc.title(pid) ?? '') && !proc.worksIn(parent, directory);
}
