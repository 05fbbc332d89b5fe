/** Holds the names of every relation's file in a cluster against what the server says of it. */
import assert from 'node:assert/strict';
import type { Catalog } from '../../src/resolve/catalog.js';
import type { Cluster } from '../../src/resolve/cluster.js';
import type { NamedRelation } from '../../src/resolve/names.js';
import { type Expected, relationFiles } from './relations.js';
import type { Filled } from './workload.js';

/** How many files there were, and of which sort. @throws where a name is wrong, missing, or one too many. */
export function compareNames(
  cluster: Cluster,
  catalog: Catalog,
  expected: ReadonlyMap<string, Expected>,
  filled: Filled,
): Record<string, number> {
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
      assert.ok(typeof told === 'string' || told.dropped === true, `${file.path}: ${JSON.stringify(told)}`);
      counts.gone++;
    }
  }
  const missing = [...expected.values()].filter(({ seen }) => !seen).map(({ path }: Expected) => path);
  assert.deepEqual(missing, []);
  assert.deepEqual(catalog.damage, { pages: 0, rows: 0, first: null });
  if (filled.sessions.length > 0)
    assert.ok(counts.temporary > 0 && counts.uncommitted > 0, JSON.stringify(counts));
  for (const path of filled.rolledBack) {
    const { tablespace, database, filenode } = path;
    const told = catalog.relation(tablespace, database, filenode);
    // Its row may have been pruned.
    if (typeof told === 'string') continue;
    assert.match(told.name, /^rolled_back/);
    assert.deepEqual([told.uncommitted, told.dropped], [true, true], JSON.stringify(told));
  }
  return counts;
}
