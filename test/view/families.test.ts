import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { createSummary } from '../../src/view/summary/summary.js';
import { UNICODE } from '../../src/view/top/glyphs.js';
import { textOf } from '../../src/view/top/lines.js';
import { picture } from '../../src/view/top/picture.js';
import { initialState } from '../../src/view/top/state.js';
import { createTrail } from './events.js';
import { modelOf } from './top/events.js';

const BLOCKS = 1000;

/** A scan of four partitions, as it is when half of the second was read; the planner asked for the size of each. */
function partitioned(): Event[] {
  const trail = createTrail();
  const part = (n: number) => ({
    relation: `parts${n}`,
    parent: 'public.parts',
    filenode: 20000 + n,
    oid: 20000 + n,
    relkind: 'table' as const,
    total: BLOCKS,
  });
  for (const n of [1, 2, 3, 4]) trail.size(part(n));
  for (let block = 0; block < BLOCKS; block++) trail.read(part(1), block);
  for (let block = 0; block < BLOCKS / 2; block++) trail.read(part(2), block);
  return trail.events;
}

test('the row of a partitioned table has the cursor of its partitions together', () => {
  const events = partitioned();
  const model = { ...modelOf(events as never), now: 0 };
  model.now = model.aggregates.lastTs()!;
  const lines = picture(model, initialState('rate', true), UNICODE, { width: 120, height: 24 }).lines.map(
    textOf,
  );
  const row = lines.find((line) => line.includes('public.parts +3'))!;
  assert.match(row, /11\.7MB +0B .*█+.*· +~38% +~3s/);
});

test('a summary by table sums its partitions', () => {
  const summary = createSummary({ by: ['table'], format: 'json', sort: 'time', top: 10, histogram: false });
  summary.write(partitioned());
  const [, row] = summary
    .report(Number.POSITIVE_INFINITY)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(row.by, 'table');
  assert.equal(row.name, 'public.parts');
  assert.equal(row.calls, 1504);
  assert.equal(row.blocks, 1500);
  assert.equal(row.done, 0.375);
  assert.equal(row.total, 4 * BLOCKS);
  assert.ok(row.remaining > 2 && row.remaining < 3.5, `${row.remaining} s`);
});
