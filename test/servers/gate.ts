/** Work that stops where a test wants it: the test knows then how much of it is done. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Server } from './server.js';

/** A class of advisory locks of our own. */
const CLASS = 4711;
const PATIENCE_MS = 60_000;

export interface Gates {
  /** Until `processes` of them stand at gate `n` (1, 2, 3). */
  reached(n: number, processes: number): Promise<void>;
  open(n: number): Promise<void>;
}

/**
 * Makes the function `gate(id)` in the database: it gives `id` back, but waits before the first that is greater
 * than a quarter, half, three quarters of `rows`. It says that it is immutable and safe for parallel workers, so
 * that indexes and parallel scans take it.
 */
export async function makeGates(server: Server, rows: number): Promise<Gates> {
  const control = await server.connect();
  const gates = [1, 2, 3]
    .map(
      (n) => `IF id > ${Math.floor((rows * n) / 4)} THEN
        PERFORM pg_advisory_lock_shared(${CLASS}, ${n}), pg_advisory_unlock_shared(${CLASS}, ${n}); END IF;`,
    )
    .join('\n');
  await control.query(
    `CREATE OR REPLACE FUNCTION gate(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1 AS
     $$ BEGIN ${gates} RETURN id; END $$`,
  );
  for (const n of [1, 2, 3]) await control.query('SELECT pg_advisory_lock($1, $2)', [CLASS, n]);
  return {
    async reached(n, processes) {
      const deadline = Date.now() + PATIENCE_MS;
      const waiting = `SELECT count(*)::int AS n FROM pg_locks
        WHERE locktype = 'advisory' AND classid = ${CLASS} AND objid = ${n} AND NOT granted`;
      while ((await one(control, waiting)) < processes) {
        if (Date.now() > deadline) throw new Error(`nobody came to gate ${n} in time`);
        await sleep(20);
      }
    },
    open: async (n) => {
      await control.query('SELECT pg_advisory_unlock($1, $2)', [CLASS, n]);
    },
  };
}

async function one(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query(sql);
  return Number(Object.values(rows[0])[0]);
}
