/** Names while everything changes and nothing is written but WAL: each held against what the server says right then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { createAsker } from './churn-asker.js';
import { startChurn } from './churn-session.js';
import { Truth } from './churn-truth.js';
import { startServer } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();

/** Nothing but WAL is written: no checkpoint, no page of a buffer that is not needed. */
const SETTINGS = {
  checkpoint_timeout: '1h',
  max_wal_size: '4GB',
  bgwriter_lru_maxpages: 0,
  shared_buffers: '128MB',
  autovacuum_naptime: '1s',
  max_connections: 40,
};
const STEPS = 60;

test('names of what sessions create, drop, rewrite, rename, move, and roll back', async () => {
  const server = await startServer({ version, settings: SETTINGS, initdbArgs: ['--data-checksums'] });
  try {
    const admin = await server.connect();
    await admin.query(`CREATE TABLESPACE fast LOCATION '${server.makeDirectory('fast')}'`);
    await admin.query('CREATE DATABASE elsewhere TABLESPACE fast');
    await admin.query('CREATE TABLE flushed (v int)');
    let flushed: Promise<unknown> = Promise.resolve();
    const flush = async (): Promise<void> => {
      flushed = flushed.then(() => admin.query('INSERT INTO flushed VALUES (1)'));
      await flushed;
    };
    const asker = createAsker(server.dataDir);
    const truth = new Truth();
    const sessions = await Promise.all(
      ['postgres', 'postgres', 'elsewhere'].map((database, number) =>
        startChurn({
          server,
          asker,
          truth,
          database,
          number,
          random: new Random(version * 10 + number),
          flush,
        }),
      ),
    );
    await Promise.all(
      sessions.map(async (session) => {
        for (let count = 0; count < STEPS; count++) await session.step();
      }),
    );
    const { counts } = truth;
    console.log(
      `PostgreSQL ${version}: ${JSON.stringify(counts)}, none wrong; ${sessions.map(({ refused }) => refused)} statements refused`,
    );
    for (const count of Object.values(counts)) assert.ok(count > 0, JSON.stringify(counts));
  } finally {
    await server.remove();
  }
});
