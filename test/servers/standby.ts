/** A server that follows another one, by streaming. */
import { chownSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Server } from './server.js';

const CAUGHT_UP_MS = 20_000;

/** Settings of a server that is to become a standby of `primary`. */
export function follows(primary: Server): Record<string, string | number | boolean> {
  return primary.version < 12 ? {} : { primary_conninfo: conninfo(primary) };
}

function conninfo({ socketDir, port }: Server): string {
  return `host=${socketDir} port=${port} user=postgres`;
}

/** Gives a server the primary's files, as of a clean shutdown, and lets it follow. */
export async function becomeStandby(primary: Server, standby: Server): Promise<void> {
  await standby.stop();
  await primary.stop();
  rmSync(standby.dataDir, { recursive: true });
  cpSync(primary.dataDir, standby.dataDir, { recursive: true, preserveTimestamps: true });
  if (primary.version < 12)
    writeFileSync(
      join(standby.dataDir, 'recovery.conf'),
      `standby_mode = on\nprimary_conninfo = '${conninfo(primary)}'\nrecovery_target_timeline = 'latest'\n`,
    );
  else writeFileSync(join(standby.dataDir, 'standby.signal'), '');
  lend(standby, standby.dataDir);
  await primary.start();
  await standby.start();
}

/** To the account that runs the server. */
function lend(server: Server, path: string): void {
  const { account } = server;
  if (account === null) return;
  chownSync(path, account.uid, account.gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) lend(server, below);
    else if (entry.isFile()) chownSync(below, account.uid, account.gid);
  }
}

/** Until the standby has replayed all that the primary has flushed. */
export async function caughtUp(primary: Server, standby: Server): Promise<void> {
  const source = await primary.connect();
  const target = await standby.connect();
  const { rows } = await source.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn() AS lsn');
  await until(target, `SELECT pg_last_wal_replay_lsn() >= '${rows[0]!.lsn}' AS done`);
  await source.end();
  await target.end();
}

/** @throws where the question is not answered with true in time. */
export async function until(client: pg.Client, question: string): Promise<void> {
  const deadline = Date.now() + CAUGHT_UP_MS;
  while (!(await client.query<{ done: boolean }>(question)).rows[0]!.done) {
    if (Date.now() > deadline) throw new Error(`not in time: ${question}`);
    await sleep(20);
  }
}
