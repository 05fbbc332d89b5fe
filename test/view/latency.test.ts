import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf, bucketStart, LATENCY_ERROR, Latency } from '../../src/view/latency.js';
import { Random } from '../random.js';

function filled(durations: readonly number[]): Latency {
  const latency = new Latency();
  for (const seconds of durations) latency.add({ dur: seconds, bucket: bucketOf(seconds) });
  return latency;
}

/** Nearest rank. */
function exact(durations: readonly number[], p: number): number {
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(p * sorted.length)) - 1]!;
}

function randomDurations(seed: number, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => (1 + random.below(1000)) * 10 ** -(random.below(9) + 1));
}

test('percentiles are within the promised error, whatever the range', () => {
  for (const count of [1, 2, 7, 8, 9, 100, 5000]) {
    const durations = randomDurations(count, count);
    const latency = filled(durations);
    for (const p of [0.5, 0.95, 0.99, 1]) {
      const [found, wanted] = [latency.percentile(p)!, exact(durations, p)];
      assert.ok(
        Math.abs(found - wanted) <= wanted * LATENCY_ERROR + 1e-9,
        `p${p} of ${count}: ${found}, ${wanted}`,
      );
    }
    assert.equal(latency.percentile(1), Math.max(...durations));
  }
});

test('merged histograms are the histogram of all', () => {
  const [a, b] = [randomDurations(3, 5), randomDurations(4, 3000)];
  for (const [first, second] of [
    [a, b],
    [b, a],
    [[], a],
    [a, []],
  ] as const) {
    const merged = filled(first);
    merged.addAll(filled(second));
    const all = filled([...first, ...second]);
    for (const p of [0.1, 0.5, 0.9, 0.99, 1]) assert.equal(merged.percentile(p), all.percentile(p));
    assert.equal(merged.count, all.count);
  }
});

test('every duration falls in the bucket that begins at or before it', () => {
  for (const seconds of [...randomDurations(5, 1000), 1e-9, 31e-9, 32e-9, 63e-9, 64e-9, 2.147483648, 4e5]) {
    const bucket = bucketOf(seconds);
    const nanos = Math.round(seconds * 1e9) / 1e9;
    assert.ok(bucketStart(bucket) <= nanos * (1 + 1e-12) && nanos < bucketStart(bucket + 1), `${seconds}`);
  }
});

test('what is no duration is counted, and costs nothing', () => {
  const latency = filled([0, -1, Number.NaN, 1e300, Number.POSITIVE_INFINITY]);
  assert.equal(latency.count, 5);
  assert.equal(latency.percentile(0.5), 0);
  assert.equal(new Latency().percentile(0.5), null);
});
