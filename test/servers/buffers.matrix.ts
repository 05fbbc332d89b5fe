/** --buffers on every version: the accesses that EXPLAIN (ANALYZE, BUFFERS) counts are all seen, as hits and reads. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import type { BufferEvent, Event } from '../../src/event/types.js';
import { bytesOf, ofRelation, reads } from '../live/blocks.js';
import { noUprobes } from '../live/tracefs.js';
import { resolved, tracing } from '../live/tracing.js';
import { startScanned } from './scanned.js';
import type { Server } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
/** Some 2,900 blocks, more than shared_buffers has. */
const ROWS = 80_000;

let server: Server | undefined;
let client: pg.Client;
let pid = 0;

before(async () => {
  if (noUprobes !== false) return;
  ({ server, client, pid } = await startScanned(version, ROWS, version >= 18 ? { io_method: 'sync' } : {}));
});

after(async () => {
  await client?.end();
  await server?.remove();
});

interface Counts {
  node: string;
  hit: number;
  read: number;
}

async function explain(query: string): Promise<Counts> {
  const { rows } = await client.query(query);
  const plan = rows[0]['QUERY PLAN'][0].Plan;
  return { node: JSON.stringify(plan), hit: plan['Shared Hit Blocks'], read: plan['Shared Read Blocks'] };
}

/** The accesses that a statement caused. */
function accessesOf(events: readonly Event[], text: string): { number: number; accesses: BufferEvent[] } {
  const begin = events.find((event) => event.type === 'statement' && event.text === text);
  assert.ok(begin?.type === 'statement' && begin.number !== undefined, `${text} was not seen to begin`);
  const { number } = begin;
  const accesses = events.filter(
    (event): event is BufferEvent => event.type === 'buffer' && event.statement === number,
  );
  return { number, accesses };
}

// Far from the ends of the histogram, where the planner looks into the index itself.
const SCANS: readonly [string, RegExp, string, string][] = [
  ['a sequential scan', /Seq Scan/, 'max(filler)', 'TRUE'],
  ['an index scan', /"Index Scan/, 'max(filler)', 'i BETWEEN 1000 AND 3000'],
  ['an index-only scan', /Index Only Scan/, 'count(i)', 'i BETWEEN 5000 AND 9000'],
  ['a bitmap scan', /Bitmap Heap Scan/, 'max(filler)', 'k BETWEEN 500 AND 502'],
];

for (const [name, node, target, condition] of SCANS)
  test(`every access of ${name} is told, as hit or read`, { skip: noUprobes }, async () => {
    const query = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT ${target} FROM t WHERE ${condition}`;
    // The caches of the catalogs are filled by a first one.
    await explain(query);
    let counts: Counts | undefined;
    const { events, stderr } = await tracing(
      ['--via', 'ftrace', '--statements', '--buffers', '-p', String(pid)],
      async () => {
        counts = await explain(query);
      },
    );
    assert.ok(counts !== undefined);
    assert.match(counts.node, node);
    assert.doesNotMatch(stderr, /no buffers|no statements/);
    const told = resolved(events, server!.dataDir);
    assert.deepEqual(
      told.filter(({ type }) => type === 'lost'),
      [],
    );
    const { number, accesses } = accessesOf(told, query);
    const ofTable = accesses.filter(
      ({ pg }) => pg?.kind === 'relation' && /^t(?:_[ik])?$/.test(pg.relation ?? ''),
    );
    const count = (hit: boolean | undefined) => ofTable.filter((event) => event.hit === hit).length;
    const [hits, misses, unknown] = [count(true), count(false), count(undefined)];
    assert.equal(ofTable.length, counts.hit + counts.read);
    // A server that is stopped between two events for half a second leaves one of them open.
    assert.ok(unknown <= 2, `${unknown} accesses are neither hit nor read`);
    assert.ok(
      hits <= counts.hit && misses <= counts.read,
      `${hits} hits, ${misses} reads, not ${counts.hit}, ${counts.read}`,
    );
    // What was read is what its calls read.
    const calls = reads(told).filter((call) => call.statement === number);
    const bytes = ['t', 't_i', 't_k'].reduce((sum, table) => sum + bytesOf(ofRelation(calls, table)), 0);
    const inMain = ofTable.filter(({ hit, fork }) => hit === false && fork === 'main').length;
    assert.ok(
      bytes >= inMain * 8192 && bytes <= (inMain + unknown) * 8192,
      `${bytes} bytes of ${inMain} blocks`,
    );
  });
