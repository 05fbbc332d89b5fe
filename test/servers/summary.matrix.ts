/** A summary of 100,000 events and more of a real server is what jq computes over the same NDJSON. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { impossible, resolved, tracing } from '../live/tracing.js';
import { assertSame, noJq } from '../view/independent.js';
import { startServer } from './server.js';
import { leftOut, versionUnderTest } from './versions.js';

const version = versionUnderTest();
const EVENTS = 100_000;
/** Tables of 400 blocks, of which 16 MB of shared buffers hold few. */
const TABLES = [1, 2, 3, 4, 5, 6];

test(`a summary on PostgreSQL ${version}`, {
  skip: impossible('ftrace') ?? noJq() ?? leftOut(),
}, async () => {
  const server = await startServer({ version, settings: { autovacuum: 'off', shared_buffers: '1MB' } });
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-summary-'));
  try {
    const client = await server.connect();
    for (const n of TABLES) {
      await client.query(
        `CREATE TABLE t${n} AS SELECT g AS id, repeat('x', 500) AS note FROM generate_series(1, 6000) g`,
      );
      await client.query(`CREATE INDEX ON t${n} (id)`);
    }
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    await client.query("SET work_mem = '64kB'");
    const { events } = await tracing(['-p', String(rows[0].pid), '--via', 'ftrace'], async () => {
      for (let round = 0; round < 10; round++) {
        for (const n of TABLES) {
          await client.query(`SELECT count(DISTINCT note || id) FROM t${n} WHERE id % 10 = ${round % 10}`);
          await client.query(`UPDATE t${n} SET note = note || 'y' WHERE id % 97 = ${round}`);
          await client.query(
            `SELECT sum((SELECT length(note) FROM t${n} t WHERE t.id = (g * 7919) % 6000)) FROM generate_series(1, 500) g`,
          );
        }
      }
    });
    const file = join(directory, 'events.ndjson');
    const told = resolved(events, server.dataDir);
    assert.ok(told.length >= EVENTS, `${told.length} events`);
    writeFileSync(file, told.map((event) => `${JSON.stringify(event)}\n`).join(''));
    // The other tables are compared on fixtures: jq takes its time.
    assert.ok(assertSame('relation', [file]) > TABLES.length);
  } finally {
    rmSync(directory, { recursive: true });
    await server.remove();
  }
});
