/** Names that are in the WAL only: a busy cluster that no checkpoint has written since initdb. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalog } from '../../src/resolve/catalog.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import type { NamedRelation } from '../../src/resolve/names.js';
import { createOverlay } from '../../src/resolve/overlay.js';
import { compareNames } from './compare-names.js';
import { expectedRelations } from './relations.js';
import { startServer } from './server.js';
import { WAL_ONLY } from './settings.js';
import { versionUnderTest } from './versions.js';
import { fillCluster } from './workload.js';

const version = versionUnderTest();

/** The WAL writer's own pace, and some more: what an open transaction did is in the file then. */
const WAL_WRITTEN_MS = 600;

test('names before any checkpoint, then as the server goes on', async () => {
  const server = await startServer({ version, settings: WAL_ONLY, initdbArgs: ['--data-checksums'] });
  try {
    const client = await server.connect();
    const cluster = openCluster(directoryFiles(server.dataDir));
    const overlay = createOverlay();
    const catalog = openCatalog(cluster, (opened) => overlay.source(opened));
    const filled = await fillCluster(server);
    const expected = await expectedRelations(server);
    await sleep(WAL_WRITTEN_MS);
    catalog.reload();
    const counts = compareNames(cluster, catalog, expected, filled);
    assert.equal(overlay.trouble(), null);
    console.log(`PostgreSQL ${version}, by the WAL alone: ${JSON.stringify(counts)}, none wrong`);

    // Those sessions' open transactions would keep VACUUM FULL waiting.
    await Promise.all(filled.sessions.map((session) => session.end()));
    // Catalogs that are rewritten have other files, of which the WAL was not looked at.
    for (const name of ['pg_class', 'pg_namespace', 'pg_index', 'pg_database', 'pg_tablespace'])
      await client.query(`VACUUM FULL ${name}`);
    await client.query('CREATE SCHEMA late; CREATE TABLE late.comer (id int PRIMARY KEY)');
    const { rows } = await client.query<{ table: number; index: number; database: number }>(`
      SELECT pg_relation_filenode('late.comer')::int8::int4 AS table, pg_relation_filenode('late.comer_pkey')::int8::int4 AS index,
        oid::int8::int4 AS database FROM pg_database WHERE datname = current_database()`);
    const { table, index, database } = rows[0]!;
    catalog.reload();
    assert.deepEqual(told(catalog.relation(1663, database, table)), 'late.comer, table');
    assert.deepEqual(told(catalog.relation(1663, database, index)), 'late.comer_pkey, index');

    await client.query('DROP TABLE late.comer');
    catalog.reload();
    assert.deepEqual(told(catalog.relation(1663, database, table)), 'late.comer, table, dropped');

    await client.query('CHECKPOINT');
    await client.query('CREATE TABLE late.again (v int)');
    const again = await client.query<{ file: number }>(
      `SELECT pg_relation_filenode('late.again')::int8::int4 AS file`,
    );
    catalog.reload();
    assert.deepEqual(told(catalog.relation(1663, database, again.rows[0]!.file)), 'late.again, table');
    assert.deepEqual(catalog.damage, { pages: 0, rows: 0, first: null });
    assert.equal(overlay.trouble(), null);
  } finally {
    await server.remove();
  }
});

function told(named: NamedRelation | string): string {
  if (typeof named === 'string') return named;
  return `${named.schema}.${named.name}, ${named.relkind}${named.dropped ? ', dropped' : ''}`;
}
