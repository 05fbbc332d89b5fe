/** A cluster of a test: its directories, its owner, its making. */
import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, asServer, reachable } from './account.js';

const run = promisify(execFile);

export interface ServerOptions {
  /** The major version. */
  version: number;
  /** The directory with another installation's `postgres` and `initdb`; else the package's. */
  binDir?: string;
  /** Settings of postgresql.conf beside the harness's own. */
  settings?: Readonly<Record<string, string | number | boolean>>;
  /** Further arguments of initdb: `['--data-checksums']`. */
  initdbArgs?: readonly string[];
  /** Where to keep everything, a path that does not exist yet; by default a new one in the temporary directory. */
  directory?: string;
}

export interface Cluster {
  binDir: string;
  directory: string;
  dataDir: string;
  socketDir: string;
  account: Account | null;
  options: ServerOptions;
  reap(): Promise<void>;
}

/** A new directory, in a place where the server's account gets and where a socket's path stays below 108 bytes. */
export function makeBase(account: Account | null, asked: string | undefined): string {
  if (asked !== undefined) return makeOwned(asked, account);
  const fits = tmpdir().length < 60 && reachable(tmpdir(), account);
  return own(mkdtempSync(join(fits ? tmpdir() : '/tmp', 'pgtrace-')), account);
}

export function makeOwned(path: string, account: Account | null): string {
  mkdirSync(path, { mode: 0o700 });
  return own(path, account);
}

function own(path: string, account: Account | null): string {
  if (account !== null) chownSync(path, account.uid, account.gid);
  return path;
}

export async function initdb(
  binDir: string,
  dataDir: string,
  account: Account | null,
  options: ServerOptions,
): Promise<void> {
  const fixed = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '--locale=C', '-E', 'UTF8', '-N'];
  await run(join(binDir, 'initdb'), [...fixed, ...(options.initdbArgs ?? [])], {
    cwd: '/',
    env: serverEnvironment(),
    ...asServer(account),
  });
}

/** Nothing of the caller's locale, PG* variables or home. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', HOME: '/' };
}
