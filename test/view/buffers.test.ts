import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PgRelation } from '../../src/event/pg.js';
import type { BufferEvent } from '../../src/event/types.js';
import { createAggregates } from '../../src/view/aggregates.js';
import { progressAt } from '../../src/view/progress.js';

const TOTAL = 200;

function access(block: number, hit: boolean): BufferEvent {
  const pg: PgRelation = {
    kind: 'relation',
    databaseOid: 5,
    filenode: 9,
    schema: 'public',
    relation: 't',
    fork: 'main',
    segment: 0,
    block,
    total: TOTAL,
  };
  const where = { tablespace: 1663, databaseOid: 5, filenode: 9, fork: 'main', block };
  return { type: 'buffer', ts: 100 + block / 100, pid: 7, ...where, hit, pg };
}

test('a scan of which everything is in shared buffers has its progress', () => {
  const aggregates = createAggregates();
  aggregates.write(Array.from({ length: TOTAL / 2 }, (_, block) => access(block, true)));
  const main = aggregates.objects[0]!.forks.get('main')!;
  const progress = progressAt(main, 101)!;
  assert.deepEqual(
    [progress.pattern, progress.position, progress.total, progress.done],
    ['sequential', TOTAL / 2, TOTAL, 0.5],
  );
});

test('a block that is read moves a scan by its call alone', () => {
  const aggregates = createAggregates();
  aggregates.write([access(3, false)]);
  assert.equal(aggregates.objects.length, 0);
});
