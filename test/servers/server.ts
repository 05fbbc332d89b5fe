/** A PostgreSQL server for one test: a cluster of its own, on a private Unix socket, gone afterwards. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Account, serverAccount } from './account.js';
import { type Cluster, initdb, makeBase, makeOwned, type ServerOptions } from './cluster.js';
import { installServer } from './install.js';
import { freeSharedMemory, sharedMemoryOf } from './memory.js';
import { exitOf, kill, membersOf, PORT, spawnPostmaster, untilReady } from './postmaster.js';
import { startReaper } from './reaper.js';

/** As pg_ctl's -m: wait for the clients to leave; disconnect them; or stop without a checkpoint. */
export type StopMode = 'smart' | 'fast' | 'immediate';
const STOP_SIGNAL = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

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
  /** SIGKILL to the postmaster and all its children, as a power failure would; start() then recovers. */
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
  const binDir = options.binDir ?? (await installServer(options.version));
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
      const pids = server.pids();
      const memory = sharedMemoryOf(pids);
      for (const pid of pids) kill(pid);
      await ended;
      while (membersOf(dataDir).length > 0) await sleep(5);
      freeSharedMemory(memory);
    },
    log: () => readFileSync(logFile, 'utf8'),
    async remove() {
      await endAll(clients);
      await cluster.reap();
    },
  };
  return server;
}

async function endAll(clients: Set<pg.Client>): Promise<void> {
  await Promise.all([...clients].map((client) => client.end().catch(() => undefined)));
}
