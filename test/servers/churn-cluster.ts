/** A cluster with two databases and two tablespaces whose relations three sessions change. */
import { Random } from '../random.js';
import { type ChurnSession, startChurn } from './churn-session.js';
import type { Witness } from './churn-witness.js';
import { type Server, startServer } from './server.js';
import { WAL_ONLY } from './settings.js';

const SETTINGS = {
  ...WAL_ONLY,
  shared_buffers: '128MB',
  // Its changes of the catalogs are part of it.
  autovacuum: true,
  autovacuum_naptime: '1s',
  max_connections: 40,
};

export async function startChurnServer(version: number, initdbArgs: readonly string[] = []): Promise<Server> {
  const server = await startServer({ version, settings: SETTINGS, initdbArgs });
  const admin = await server.connect();
  await admin.query(`CREATE TABLESPACE fast LOCATION '${server.makeDirectory('fast')}'`);
  await admin.query('CREATE DATABASE elsewhere TABLESPACE fast');
  await admin.query('CREATE TABLE flushed (v int)');
  await admin.end();
  return server;
}

/** @param witness gives the witness of one session; it is asked for each. */
export async function startSessions(server: Server, witness: () => Witness): Promise<ChurnSession[]> {
  const admin = await server.connect();
  let flushed: Promise<unknown> = Promise.resolve();
  const flush = async (): Promise<void> => {
    flushed = flushed.then(() => admin.query('INSERT INTO flushed VALUES (1)'));
    await flushed;
  };
  return Promise.all(
    ['postgres', 'postgres', 'elsewhere'].map((database, number) =>
      startChurn({
        server,
        witness: witness(),
        database,
        number,
        random: new Random(server.version * 10 + number),
        flush,
      }),
    ),
  );
}
