/**
 * Every file of every relation in every database of a cluster that has been worked in, named from the files
 * alone and by the server: none may differ.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from 'pg';
import { openCatalog } from '../../src/resolve/catalog.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { compareNames } from './compare-names.js';
import { expectedRelations } from './relations.js';
import { startServer } from './server.js';
import { versionUnderTest } from './versions.js';
import { fillCluster } from './workload.js';

const version = versionUnderTest();

for (const [name, initdbArgs] of [
  ['with checksums', ['--data-checksums']],
  ['without checksums', version >= 18 ? ['--no-data-checksums'] : []],
] as const) {
  test(`names of all files, ${name}`, async () => {
    const server = await startServer({ version, initdbArgs });
    try {
      const filled = await fillCluster(server);
      const admin = await server.connect();
      await admin.query('CHECKPOINT');
      const expected = await expectedRelations(server);
      const cluster = openCluster(directoryFiles(server.dataDir));
      assert.deepEqual(cluster.warnings, []);
      const catalog = openCatalog(cluster);

      const counts = compareNames(cluster, catalog, expected, filled);
      console.log(`PostgreSQL ${version}, ${name}: ${JSON.stringify(counts)}, none wrong`);
      await Promise.all(filled.sessions.map((session: Client) => session.end()));
    } finally {
      await server.remove();
    }
  });
}
