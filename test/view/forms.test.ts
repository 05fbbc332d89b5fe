import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { createTakenReader } from '../../src/stream/events.js';
import { DIMENSIONS } from '../../src/view/summary/rows.js';
import { createSummary, type Summary } from '../../src/view/summary/summary.js';
import { Random } from '../random.js';
import { createTrail, ORDERS, PKEY, pgOf } from './events.js';

const TRACES = readdirSync('fixtures/trace').filter((name) => /^\d+\.resolved\.ndjson$/.test(name));

function newSummary(): Summary {
  // Files and statements are counted of whole events only.
  const by = DIMENSIONS.filter((dimension) => dimension !== 'file' && dimension !== 'statement');
  return createSummary({ by, format: 'json', sort: 'time', top: Number.POSITIVE_INFINITY, histogram: false });
}

/** The reports of the text's events, made one by one, and of what a reader hands on instead. */
function reports(text: string): [string, string] {
  const [events, forms] = [newSummary(), newSummary()];
  const lines = text.split('\n').filter((line) => line !== '');
  events.write(lines.map((line) => JSON.parse(line) as Event));
  let like = 0;
  const reader = createTakenReader({
    take: forms.take,
    takeLike(mould, values) {
      like++;
      forms.takeLike(mould, values);
    },
  });
  reader.write(Buffer.from(text));
  reader.end();
  assert.ok(like > 0);
  return [events.report(80), forms.report(80)];
}

test('calls that are counted by their forms come to the same as events', () => {
  assert.ok(TRACES.length > 5);
  for (const name of TRACES) {
    // Twice: what a line is compared with has been read before.
    const [events, forms] = reports(readFileSync(`fixtures/trace/${name}`, 'utf8').repeat(2));
    assert.equal(forms, events, name);
  }
});

test('they do where numbers are absent, names change, calls fail and processes end', () => {
  const random = new Random(5);
  const trail = createTrail();
  for (let count = 0; count < 5000; count++) {
    const renamed = { ...ORDERS, relation: random.pick(['orders', 'orders_old']) };
    const block = random.below(1000);
    switch (random.below(8)) {
      case 0:
        trail.read(PKEY, block, 1 + random.below(16));
        break;
      case 1:
        trail.write(renamed, block);
        break;
      case 2:
        trail.size(renamed);
        break;
      case 3:
        trail.call({ call: 'openat', flags: 'O_RDWR|O_CREAT', ret: random.pick([7, -1]), pg: pgOf(renamed) });
        break;
      case 4:
        trail.call({ call: 'fallocate', offset: block * 8192, pg: pgOf(renamed) });
        break;
      case 5:
        trail.call({
          pid: random.pick([null, 4000, 4001]),
          ts: random.pick([null, 1000.5]),
          ret: null,
          pg: pgOf(PKEY),
        });
        break;
      case 6:
        trail.call({ pid: 4000, ret: 8192, length: 8192, pg: { ...pgOf(renamed), block } });
        break;
      default:
        if (random.below(20) === 0) trail.add({ type: 'exit', pid: 4000, ts: 1001, status: 0 });
        else trail.read(renamed, count % 1000);
    }
    const last = trail.events.at(-1) as { ret?: unknown; errno?: string; dur?: number };
    if (last.ret === -1) last.errno = 'ENOENT';
    if (random.below(5) === 0) delete last.dur;
  }
  const [events, forms] = reports(trail.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  assert.equal(forms, events);
});
