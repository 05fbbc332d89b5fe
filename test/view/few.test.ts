import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FewMap, FewSet } from '../../src/view/few.js';
import { Random } from '../random.js';

test('few things are what a plain map and a plain set have, in their order', () => {
  const random = new Random(3);
  for (let round = 0; round < 200; round++) {
    const [map, plainMap] = [new FewMap<string, number>(), new Map<string, number>()];
    const [set, plainSet] = [new FewSet<string>(), new Set<string>()];
    for (let step = 0; step < 12; step++) {
      const key = 'abc'.slice(random.below(3)).slice(0, 1);
      if (random.below(3) === 0) {
        assert.equal(map.delete(key), plainMap.delete(key));
        assert.equal(set.delete(key), plainSet.delete(key));
      } else {
        map.set(key, step);
        plainMap.set(key, step);
        set.add(key);
        plainSet.add(key);
      }
      assert.deepEqual([...map], [...plainMap]);
      assert.deepEqual([[...map.keys()], [...map.values()]], [[...plainMap.keys()], [...plainMap.values()]]);
      assert.deepEqual([...set], [...plainSet]);
      assert.equal(map.size, plainMap.size);
      for (const other of 'abcd') {
        assert.equal(map.get(other), plainMap.get(other));
        assert.equal(set.has(other), plainSet.has(other));
      }
    }
  }
});
