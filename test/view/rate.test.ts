import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rate } from '../../src/view/rate.js';

test('a steady rate is what it is, from a tenth of a second on', () => {
  const rate = new Rate();
  for (let n = 0; n < 100; n++) rate.add(10, { ts: 1000 + n * 0.01 });
  for (const now of [1001, 1001.001]) assert.ok(Math.abs(rate.perSecond(now)! - 1000) < 5);
});

test('one amount of a moment ago is no more than if it had taken a tenth of a second', () => {
  const rate = new Rate();
  rate.add(8192, { ts: 1000 });
  assert.equal(rate.perSecond(1000), null);
  const soon = rate.perSecond(1000.000003)!;
  assert.ok(soon > 80_000 && soon < 85_000, `${soon}`);
});

test('a rate falls once nothing is added', () => {
  const rate = new Rate();
  rate.add(8192, { ts: 1000 });
  const seen = [0.001, 0.05, 0.1, 0.2, 1, 5, 60].map((after) => rate.perSecond(1000 + after)!);
  assert.deepEqual(
    [...seen].sort((a, b) => b - a),
    seen,
  );
  assert.ok(seen.at(-1)! < 1);
});

test('a rate that takes over another is as if it had been given all', () => {
  const [all, one, other] = [new Rate(), new Rate(), new Rate()];
  for (let n = 0; n < 40; n++) {
    const at = { ts: 1000 + n * 0.1 };
    all.add(n, at);
    (n % 3 === 0 ? one : other).add(n, at);
  }
  const empty = new Rate();
  empty.absorb(one);
  empty.absorb(new Rate());
  empty.absorb(other);
  for (const now of [1004, 1010]) assert.ok(Math.abs(empty.perSecond(now)! / all.perSecond(now)! - 1) < 0.01);
  assert.equal(empty.first(), 1000);
});
