/** Work that stops where a test wants it: the test knows then how much of it is done. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './server.js';

const PATIENCE_MS = 60_000;

export interface Gates {
  /** Until `processes` of them stand at gate `n` (1, 2, 3). */
  reached(n: number, processes: number): Promise<void>;
  open(n: number): Promise<void>;
}

/**
 * Makes the function `gate(id)` in the database: it gives `id` back, but waits, at one id of 16, where
 * it is greater than a quarter, half, three quarters of `rows`. It says that it is immutable and safe for parallel workers, so
 * that indexes and parallel scans take it. A gate is a table that is locked (parallel workers may not take
 * advisory locks before version 13).
 */
export async function makeGates(server: Server, rows: number): Promise<Gates> {
  const control = await server.connect();
  const keepers = await Promise.all([1, 2, 3].map(() => server.connect()));
  for (const [index, keeper] of keepers.entries()) {
    await control.query(`CREATE TABLE IF NOT EXISTS gate${index + 1} () WITH (parallel_workers = 0)`);
    await keeper.query(`BEGIN; LOCK TABLE gate${index + 1}`);
  }
  const gates = [1, 2, 3].map(
    (n) => `IF id > ${Math.floor((rows * n) / 4)} THEN PERFORM FROM public.gate${n}; END IF;`,
  );
  await control.query(
    `CREATE OR REPLACE FUNCTION gate(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1 AS
     $$ BEGIN IF id % 16 = 0 THEN ${gates.join(' ')} END IF; RETURN id; END $$`,
  );
  return {
    async reached(n, processes) {
      const deadline = Date.now() + PATIENCE_MS;
      const waiting = `SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'gate${n}'::regclass AND NOT granted`;
      while ((await control.query(waiting)).rows[0].n < processes) {
        if (Date.now() > deadline) throw new Error(`nobody came to gate ${n} in time`);
        await sleep(20);
      }
    },
    open: async (n) => {
      await keepers[n - 1]!.end();
    },
  };
}
