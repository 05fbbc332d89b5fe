import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockSet } from '../../src/view/blockset.js';
import { Random } from '../random.js';

test('a set of blocks is what a plain set is, whatever is added in what order', () => {
  const random = new Random(1);
  for (let round = 0; round < 20; round++) {
    const set = new BlockSet();
    const plain = new Set<number>();
    for (let step = 0; step < 200; step++) {
      const first = random.below(20_000);
      const blocks = random.below(10) === 0 ? random.below(6000) : random.below(20);
      set.add(first, blocks);
      for (let block = first; block < first + blocks; block++) plain.add(block);
    }
    assert.equal(set.count, plain.size);
    const [from, to] = [random.below(10_000), 10_000 + random.below(20_000)];
    assert.equal(set.countIn(from, to), [...plain].filter((block) => block >= from && block < to).length);
  }
});

test('blocks here and there, in two sets that become one', () => {
  const random = new Random(2);
  for (let round = 0; round < 60; round++) {
    const sets = [new BlockSet(), new BlockSet()] as const;
    const plain = new Set<number>();
    // Some, or so many that a bitmap takes less than a table of them.
    for (let step = random.below(round % 3 === 0 ? 4000 : 60); step >= 0; step--) {
      const block = random.below(10_000);
      sets[step % 2]!.add(block, 1);
      plain.add(block);
    }
    sets[0].addAll(sets[1]);
    assert.equal(sets[0].count, plain.size);
    const to = random.below(12_000);
    assert.equal(sets[0].countIn(0, to), [...plain].filter((block) => block < to).length);
  }
});

test('two sets together hold what either does', () => {
  const [a, b] = [new BlockSet(), new BlockSet()];
  a.add(0, 5000);
  a.add(9000, 1);
  b.add(4000, 5000);
  b.add(100_000, 32);
  a.addAll(b);
  assert.equal(a.count, 9001 + 32);
  assert.equal(a.countIn(0, 9001), 9001);
});

test('density tells which parts were touched', () => {
  const set = new BlockSet();
  set.add(0, 250);
  set.add(500, 125);
  assert.deepEqual(set.density(4, 1000), [1, 0, 0.5, 0]);
  assert.deepEqual(set.density(4, 2), [1, 1, 1, 1]);
});

test('a sequential scan of 1 TB takes kilobytes', () => {
  const set = new BlockSet();
  const before = process.memoryUsage().heapUsed;
  for (let block = 0; block < 2 ** 27; block += 1024) set.add(block, 1024);
  assert.equal(set.count, 2 ** 27);
  const parts = JSON.stringify((set as unknown as { parts: unknown }).parts).length;
  assert.ok(parts < 128 * 1024, `${parts} bytes as JSON`);
  assert.ok(process.memoryUsage().heapUsed - before < 64 * 2 ** 20);
});

test('blocks that no fork can have are left out', () => {
  const set = new BlockSet();
  set.add(2 ** 60, 1);
  set.add(-5, 3);
  set.add(Number.NaN, 3);
  set.add(0xfffffffe, 2 ** 40);
  assert.equal(set.count, 1);
});

test('how dense the parts of a fork are is told at once, whatever size it is said to have', () => {
  const set = new BlockSet();
  set.add(1, 1);
  set.add(100, 1);
  const cells = set.density(4, 1e18);
  assert.deepEqual(cells.slice(1), [0, 0, 0]);
  assert.ok(cells[0]! > 0);
});
