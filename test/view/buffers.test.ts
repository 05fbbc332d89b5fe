import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PgRelation } from '../../src/event/pg.js';
import type { BufferEvent, Event } from '../../src/event/types.js';
import { createAggregates } from '../../src/view/aggregates.js';
import { mainForkOf } from '../../src/view/objects.js';
import { progressAt } from '../../src/view/progress.js';
import { createSummary } from '../../src/view/summary/summary.js';

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
  const main = mainForkOf(aggregates.objects[0]!)!;
  const progress = progressAt(main, 101)!;
  assert.deepEqual(
    [progress.pattern, progress.position, progress.total, progress.done],
    ['sequential', TOTAL / 2, TOTAL, 0.5],
  );
});

test('a block that is read moves a scan by its call alone', () => {
  const aggregates = createAggregates();
  aggregates.write([access(3, false)]);
  assert.deepEqual(
    aggregates.objects.map(({ tally, forks }) => [tally.accesses, forks.length]),
    [[1, 0]],
  );
});

test('accesses that were only counted are shown, also of what no call touches', () => {
  const { block: _, total: __, ...pg } = access(0, true).pg as PgRelation;
  const where = { tablespace: 1663, databaseOid: 5, filenode: 9, fork: 'main', pg };
  const counted = (ts: number, count: number): Event => ({ type: 'buffers', ts, pid: 7, ...where, count });
  const options = { by: ['relation'], format: 'text', sort: 'accesses', top: 10, histogram: false } as const;
  const summary = createSummary({ ...options, by: [...options.by] });
  summary.write([counted(100, 5), counted(101, 7)]);
  assert.match(summary.report(120), /ACCESSES +RELATION\n.*\b12 +oid 5: public\.t /);
});
