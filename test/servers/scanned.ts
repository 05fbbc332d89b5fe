/** A server with a table to be scanned, whose accesses of shared buffers EXPLAIN counts. */
import type pg from 'pg';
import type { ServerOptions } from './cluster.js';
import { type Server, startServer } from './server.js';

export interface Scanned {
  server: Server;
  client: pg.Client;
  /** Of the client's backend, which makes all accesses of its statements itself. */
  pid: number;
}

/** The table `t` of so many rows, a block for each 28, has the indexes `t_i` and `t_k`. */
export async function startScanned(
  version: number,
  rows: number,
  settings: ServerOptions['settings'] = {},
): Promise<Scanned> {
  const server = await startServer({
    version,
    settings: {
      autovacuum: false,
      max_parallel_workers_per_gather: 0,
      synchronize_seqscans: false,
      ...settings,
    },
  });
  const client = await server.connect();
  await client.query(
    `CREATE TABLE t AS SELECT i, i % 1000 AS k, repeat('x', 250) AS filler FROM generate_series(1, ${rows}) i`,
  );
  await client.query('CREATE INDEX t_i ON t (i)');
  await client.query('CREATE INDEX t_k ON t (k)');
  await client.query('VACUUM ANALYZE t');
  await client.query('CHECKPOINT');
  const pid = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  return { server, client, pid };
}
