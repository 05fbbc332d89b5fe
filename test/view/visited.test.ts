import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { createEventVisitor } from '../../src/stream/events.js';
import { DIMENSIONS } from '../../src/view/summary/rows.js';
import { createSummary } from '../../src/view/summary/summary.js';

const TRACES = readdirSync('fixtures/trace').filter((name) => /^\d+\.resolved\.ndjson$/.test(name));

function newSummary() {
  return createSummary({
    by: DIMENSIONS,
    format: 'json',
    sort: 'time',
    top: Number.POSITIVE_INFINITY,
    histogram: false,
  });
}

/** A view that kept an event, or what of it changes, would have what a later one says. */
test('views count the same of events that are written over one another as of those that stay', () => {
  assert.ok(TRACES.length > 5);
  for (const name of TRACES) {
    // Twice: what a line is compared with has been read before.
    const text = readFileSync(`fixtures/trace/${name}`, 'utf8').repeat(2);
    const [kept, visited] = [newSummary(), newSummary()];
    const lines = text.split('\n').filter((line) => line !== '');
    kept.write(lines.map((line) => JSON.parse(line) as Event));
    const visitor = createEventVisitor(visited.take);
    visitor.write(Buffer.from(text));
    visitor.end();
    assert.equal(visited.report(80), kept.report(80), name);
  }
});
