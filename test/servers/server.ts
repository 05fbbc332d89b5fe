/** A PostgreSQL server for one test: a cluster of its own, on a private Unix socket, gone afterwards. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Account, asServer, reachable, serverAccount } from './account.js';
import { installServer } from './install.js';
import { startReaper } from './reaper.js';

const PORT = 5432;
const START_TIMEOUT_MS = 60_000;
const run = promisify(execFile);

/** As pg_ctl's -m: wait for the clients to leave; disconnect them; or stop without a checkpoint. */
export type StopMode = 'smart' | 'fast' | 'immediate';
const STOP_SIGNAL = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export interface ServerOptions {
  /** The major version. */
  version: number;
  /** Settings of postgresql.conf beside the harness's own. */
  settings?: Readonly<Record<string, string | number | boolean>>;
  /** Further arguments of initdb: `['--data-checksums']`. */
  initdbArgs?: readonly string[];
  /** Where to keep everything, a path that does not exist yet; by default a new one in the temporary directory. */
  directory?: string;
}

export interface Server {
  readonly version: number;
  /** The directory with `postgres`, `initdb`, `pg_ctl`. */
  readonly binDir: string;
  readonly dataDir: string;
  /** An absolute path, together with `port` what a client connects to. */
  readonly socketDir: string;
  readonly port: number;
  /** The account that owns the files and runs the processes; null where it is the caller's own. */
  readonly account: Account | null;
  /** The postmaster's. @throws while the server is stopped. */
  pid(): number;
  /** The postmaster and all its children. */
  pids(): number[];
  /** A connected client, as the superuser `postgres`. Its end() is the caller's; remove() ends what is left. */
  connect(database?: string): Promise<pg.Client>;
  /** A new empty directory that the server may use for a tablespace, deleted with the server. */
  makeDirectory(name: string): string;
  start(): Promise<void>;
  stop(mode?: StopMode): Promise<void>;
  restart(): Promise<void>;
  /** SIGKILL to the postmaster and all its children at once, as a power failure would; start() then recovers. */
  crash(): Promise<void>;
  /** The server's own messages so far. */
  log(): string;
  /** Stops the server in any state and deletes all its files. */
  remove(): Promise<void>;
}

/**
 * Makes a cluster and starts its server. Its files and processes are removed with remove(), and at the
 * latest when this process ends, in whatever way.
 * @throws where the server cannot be installed or does not start, with its log.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const binDir = await installServer(options.version);
  const account = serverAccount();
  const directory = makeBase(account, options.directory);
  const dataDir = join(directory, 'main');
  const socketDir = join(directory, 'socket');
  makeOwned(socketDir, account);
  const reaper = startReaper(dataDir, directory);
  try {
    await initdb(binDir, dataDir, account, options);
    const server = controlServer({
      binDir,
      directory,
      dataDir,
      socketDir,
      account,
      options,
      reap: reaper.reap,
    });
    await server.start();
    return server;
  } catch (error) {
    await reaper.reap();
    throw error;
  }
}

interface Cluster {
  binDir: string;
  directory: string;
  dataDir: string;
  socketDir: string;
  account: Account | null;
  options: ServerOptions;
  reap(): Promise<void>;
}

function controlServer(cluster: Cluster): Server {
  const { binDir, directory, dataDir, socketDir, account, options } = cluster;
  const logFile = join(directory, 'log');
  const clients = new Set<pg.Client>();
  let postmaster: ChildProcess | null = null;

  const running = (): ChildProcess => {
    if (postmaster === null) throw new Error(`PostgreSQL ${options.version} in ${dataDir} is not running`);
    return postmaster;
  };
  const server: Server = {
    version: options.version,
    binDir,
    dataDir,
    socketDir,
    port: PORT,
    account,
    pid: () => running().pid!,
    pids: () => membersOf(dataDir),
    async connect(database = 'postgres') {
      const client = new pg.Client({ host: socketDir, port: PORT, user: 'postgres', database });
      // Without a listener the connection that crash() or remove() cuts would end the test process.
      client.on('error', () => undefined);
      await client.connect();
      clients.add(client);
      client.once('end', () => clients.delete(client));
      return client;
    },
    makeDirectory: (name) => makeOwned(join(directory, name), account),
    async start() {
      if (postmaster !== null) throw new Error(`PostgreSQL ${options.version} in ${dataDir} runs already`);
      const child = spawnPostmaster(cluster, logFile);
      postmaster = child;
      child.once('exit', () => {
        postmaster = null;
      });
      await untilReady(child, dataDir, () => readFileSync(logFile, 'utf8'));
    },
    async stop(mode = 'fast') {
      const child = running();
      if (mode === 'smart') await endAll(clients);
      const ended = exitOf(child);
      child.kill(STOP_SIGNAL[mode]);
      await ended;
    },
    async restart() {
      await server.stop();
      await server.start();
    },
    async crash() {
      const ended = exitOf(running());
      for (const pid of server.pids()) kill(pid);
      await ended;
      while (membersOf(dataDir).length > 0) await sleep(5);
    },
    log: () => readFileSync(logFile, 'utf8'),
    async remove() {
      await endAll(clients);
      await cluster.reap();
    },
  };
  return server;
}

/** A new directory, in a place where the server's account gets and where a socket's path stays below 108 bytes. */
function makeBase(account: Account | null, asked: string | undefined): string {
  if (asked !== undefined) return makeOwned(asked, account);
  const fits = tmpdir().length < 60 && reachable(tmpdir(), account);
  return own(mkdtempSync(join(fits ? tmpdir() : '/tmp', 'pgtrace-')), account);
}

function makeOwned(path: string, account: Account | null): string {
  mkdirSync(path, { mode: 0o700 });
  return own(path, account);
}

function own(path: string, account: Account | null): string {
  if (account !== null) chownSync(path, account.uid, account.gid);
  return path;
}

async function initdb(
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

function spawnPostmaster(
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

/** Nothing of the caller's locale, PG* variables or home. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', HOME: '/' };
}

/** Until line 8 of postmaster.pid says `ready` (PM_STATUS_READY, src/include/utils/pidfile.h, since version 10). */
async function untilReady(child: ChildProcess, dataDir: string, log: () => string): Promise<void> {
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
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

/** While a test waits for the server's end, the server keeps the test's process alive. */
function exitOf(child: ChildProcess): Promise<unknown> {
  child.ref();
  return once(child, 'exit');
}

/** The server's processes: those that work in its data directory. */
function membersOf(dataDir: string): number[] {
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

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went on its own.
  }
}

async function endAll(clients: Set<pg.Client>): Promise<void> {
  await Promise.all([...clients].map((client) => client.end().catch(() => undefined)));
}
