/** What is said of a process that scans a partitioned table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PgRelation } from '../../src/event/pg.js';
import { activityOf } from '../../src/view/activity.js';
import { createAggregates } from '../../src/view/aggregates.js';
import { doing } from '../../src/view/doing.js';
import { createTrail, ORDERS, PID, type Trail } from './events.js';

const BLOCKS = 1000;
const SOCKET = { kind: 'socket' } as const;

/** The nth of the partitions of `parts`; `other` ones are of another table. */
function part(n: number, blocks = BLOCKS, of = 'parts'): Partial<PgRelation> {
  const filenode = (of === 'parts' ? 20_000 : 30_000) + n;
  return { relation: `${of}_${n}`, parent: `public.${of}`, filenode, relkind: 'table', total: blocks };
}

function plan(trail: Trail, ...relations: Partial<PgRelation>[]): void {
  for (const relation of relations) {
    trail.size(relation);
    trail.size({
      relation: `${relation.relation}_pkey`,
      relkind: 'index',
      table: `public.${relation.relation}`,
      filenode: relation.filenode! + 500,
      total: 10,
    });
  }
}

/** The blocks before `to`; from a `from` on, it goes on with what was begun. */
function scan(trail: Trail, relation: Partial<PgRelation>, to = relation.total!, from = 0): void {
  if (from === 0) trail.size(relation);
  for (let block = from; block < to; block++) trail.read(relation, block);
}

function ask(trail: Trail): void {
  trail.call({ call: 'sendto', ret: 20, pg: SOCKET });
  trail.call({ call: 'recvfrom', ret: 20, pg: SOCKET });
}

const [ONE, TWO, THREE, FOUR] = [part(1), part(2), part(3), part(4)];
const ALL = [ONE, TWO, THREE, FOUR];

const CASES: readonly [string, (t: Trail) => void, string | null][] = [
  [
    'how far it is over all partitions that were planned',
    (t) => {
      plan(t, ...ALL);
      scan(t, ONE);
      scan(t, TWO, 640);
    },
    'scan, public.parts (partition parts_2), ~41%',
  ],
  [
    'in its first partition already',
    (t) => {
      plan(t, ...ALL);
      scan(t, ONE, 400);
    },
    'scan, public.parts (partition parts_1), ~10%',
  ],
  [
    'partitions count as many blocks as they have',
    (t) => {
      plan(t, part(1, 100), part(2, 900));
      scan(t, part(1, 100));
      scan(t, part(2, 900), 400);
    },
    'scan, public.parts (partition parts_2), ~50%',
  ],
  [
    'a partition that was all in shared buffers is done when the next one is read',
    (t) => {
      plan(t, ...ALL);
      scan(t, ONE);
      t.size(TWO);
      scan(t, THREE, 500);
    },
    'scan, public.parts (partition parts_3), ~63%',
  ],
  [
    'so is one whose last blocks were',
    (t) => {
      plan(t, ...ALL);
      scan(t, ONE, 700);
      scan(t, TWO, 200);
    },
    'scan, public.parts (partition parts_2), ~30%',
  ],
  [
    'what was pruned when the execution began is not of the scan',
    (t) => {
      plan(t, ...ALL);
      scan(t, THREE);
      scan(t, FOUR, 500);
    },
    'scan, public.parts (partition parts_4), ~75%',
  ],
  [
    'what was pruned by the planner is not, either',
    (t) => {
      plan(t, ...ALL);
      for (const one of ALL) scan(t, one);
      plan(t, ONE, TWO);
      scan(t, ONE, 500);
    },
    'scan, public.parts (partition parts_1), ~25%',
  ],
  [
    'a statement that was only explained does not count',
    (t) => {
      plan(t, ...ALL);
      ask(t);
      plan(t, ONE, TWO);
      scan(t, ONE, 500);
    },
    'scan, public.parts (partition parts_1), ~25%',
  ],
  [
    'a statement that was given up does not count',
    (t) => {
      plan(t, ...ALL);
      scan(t, ONE, 500);
      ask(t);
      plan(t, THREE, FOUR);
      scan(t, THREE, 500);
    },
    'scan, public.parts (partition parts_3), ~25%',
  ],
  [
    'a cursor goes on where it stopped',
    (t) => {
      plan(t, ...ALL);
      ask(t);
      scan(t, ONE);
      scan(t, TWO, 200);
      ask(t);
      scan(t, TWO, BLOCKS, 200);
      scan(t, THREE, 500);
    },
    'scan, public.parts (partition parts_3), ~63%',
  ],
  [
    'the segments of a large partition are one size',
    (t) => {
      plan(t, ONE);
      const large = part(2, 200_000);
      for (const segment of [0, 1]) t.size({ ...large, segment });
      scan(t, ONE);
      t.size({ ...large, segment: 1 });
      for (let block = 0; block < 100_500; block += 16) t.read(large, block, 16);
    },
    'scan, public.parts (partition parts_2), ~51%',
  ],
  [
    'two partitioned tables are two scans',
    (t) => {
      const others = [part(1, BLOCKS, 'other'), part(2, BLOCKS, 'other')];
      plan(t, ...ALL, ...others);
      for (const one of others) scan(t, one);
      scan(t, ONE);
      scan(t, TWO, 500);
    },
    'scan, public.parts (partition parts_2), ~38%',
  ],
  [
    'a small partition of which too little is read for a pattern',
    (t) => {
      plan(t, ONE, part(2, 15));
      scan(t, ONE);
      t.size(part(2, 15));
      t.read(part(2, 15), 0, 15);
    },
    'scan, public.parts (partition parts_2), ~100%',
  ],
  [
    'a sort that spills says it of what it reads',
    (t) => {
      plan(t, ...ALL);
      scan(t, ONE);
      scan(t, TWO, 500);
      t.call({
        call: 'pwrite64',
        ret: 8192,
        pg: { kind: 'temp', creator: PID, number: 0, file: 'base/pgsql_tmp/pgsql_tmp3820.0', total: 1 },
      });
    },
    'sort or hash, writing public.parts (partition parts_2), ~38%',
  ],
  [
    'the one partition that is scanned is no more than itself',
    (t) => {
      plan(t, TWO);
      scan(t, TWO, 500);
    },
    'scan, public.parts_2, ~50%',
  ],
  [
    'where nobody saw the plan, what is still to come is not known',
    (t) => {
      scan(t, ONE);
      scan(t, TWO, 500);
    },
    'scan, public.parts_2, ~50%',
  ],
  [
    'nor after a partition that was scanned again',
    (t) => {
      plan(t, ...ALL);
      for (const one of [ONE, TWO, ONE]) scan(t, one);
      scan(t, TWO, 500);
    },
    'scan, public.parts_2, ~50%',
  ],
  [
    'a merge that goes to and fro between partitions has read a part of each',
    (t) => {
      plan(t, ...ALL);
      for (const one of [ONE, TWO]) scan(t, one, 200);
      scan(t, ONE, 400, 200);
      scan(t, TWO, 400, 200);
    },
    'scan, public.parts (partition parts_2), ~20%',
  ],
  [
    'nor where the part done of the partition itself is not: it began in the middle',
    (t) => {
      plan(t, ...ALL);
      scan(t, ONE);
      t.size(TWO);
      scan(t, TWO, 700, 300);
    },
    'scan, public.parts_2',
  ],
  [
    'a table without a parent is no partition',
    (t) => {
      plan(t, ORDERS);
      scan(t, ORDERS, 500);
    },
    'scan, public.orders, ~50%',
  ],
];

for (const [what, act, expected] of CASES)
  test(`of a scan of partitions: ${what}`, () => {
    const trail = createTrail();
    act(trail);
    const aggregates = createAggregates();
    aggregates.write(trail.events);
    const activity = activityOf(aggregates.processes.get(PID)!, aggregates.lastTs()!);
    assert.equal(activity === null ? null : doing(activity), expected);
  });

test('parallel workers, who divide the partitions among them, have all of them together', () => {
  const trail = createTrail();
  plan(trail, ...ALL);
  // The leader makes the scans ready, and tells the workers.
  for (const one of ALL) trail.size(one);
  const workers = [PID + 1, PID + 2];
  const aggregates = createAggregates();
  for (const pid of workers) trail.add({ type: 'process', ts: 1000, pid, leader: PID });
  for (let block = 0; block < 500; block++)
    for (const [n, pid] of workers.entries()) {
      trail.read(n === 0 ? FOUR : ONE, block);
      Object.assign(trail.events.at(-1)!, { pid });
    }
  aggregates.write(trail.events);
  const activity = activityOf(aggregates.processes.get(PID)!, aggregates.lastTs()!)!;
  assert.equal(doing(activity), 'scan, public.parts (partition parts_1), ~25%');
});
