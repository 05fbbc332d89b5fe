import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClock } from '../../../src/attach/ftrace/clock.js';

test('the trace clock is the realtime clock far below its millisecond', () => {
  const clock = openClock();
  // Taken so densely that some lie within microseconds of a millisecond's edge.
  for (let i = 0; i < 20_000; i++) {
    const before = Date.now();
    const seconds = clock.seconds(clock.now());
    const after = Date.now();
    // A machine's steps apart, the measure is good to some microseconds; a tenth of a millisecond proves the point.
    assert.ok(seconds * 1000 > before - 0.1, `${seconds} at ${before}`);
    assert.ok(seconds * 1000 < after + 1.1, `${seconds} at ${after}`);
  }
});

test('times are told to the microsecond', () => {
  const clock = openClock();
  const first = clock.seconds(1_000_000_000);
  assert.equal(Math.round((clock.seconds(1_000_001_000) - first) * 1e6), 1);
  assert.equal(first, Math.round(first * 1e6) / 1e6);
});
