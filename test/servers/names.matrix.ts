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
import type { NamedRelation } from '../../src/resolve/names.js';
import { type Expected, expectedRelations, relationFiles } from './relations.js';
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

      const counts = { files: 0, relations: expected.size, temporary: 0, uncommitted: 0, gone: 0 };
      for (const file of relationFiles(cluster)) {
        counts.files++;
        const told = catalog.relation(file.tablespace, file.database, file.filenode, file.backend);
        const right = expected.get(file.main);
        if (right !== undefined) {
          assert.deepEqual(told, right.named, file.path);
          assert.equal(catalog.database(file.database) ?? null, right.database, file.path);
          assert.equal(catalog.tablespace(file.tablespace), right.tablespace, file.path);
          right.seen = true;
          if (file.backend !== undefined) counts.temporary++;
        } else if (filled.uncommitted.has(file.main)) {
          assert.equal((told as NamedRelation).name, filled.uncommitted.get(file.main), file.path);
          assert.equal((told as NamedRelation).uncommitted, true, file.path);
          counts.uncommitted++;
        } else {
          // What the server does not know any more or never did.
          assert.ok(
            typeof told === 'string' || told.dropped === true,
            `${file.path}: ${JSON.stringify(told)}`,
          );
          counts.gone++;
        }
      }
      const missing = [...expected.values()].filter(({ seen }) => !seen).map(({ path }: Expected) => path);
      assert.deepEqual(missing, []);
      assert.deepEqual(catalog.damage, { pages: 0, rows: 0, first: null });
      assert.ok(counts.temporary > 0 && counts.uncommitted > 0, JSON.stringify(counts));
      for (const path of filled.rolledBack) {
        const { tablespace, database, filenode } = path;
        assert.equal(typeof catalog.relation(tablespace, database, filenode), 'string');
      }
      console.log(`PostgreSQL ${version}, ${name}: ${JSON.stringify(counts)}, none wrong`);
      await Promise.all(filled.sessions.map((session: Client) => session.end()));
    } finally {
      await server.remove();
    }
  });
}
