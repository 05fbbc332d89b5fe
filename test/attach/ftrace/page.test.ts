import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pages } from '../../../src/attach/ftrace/page.js';
import {
  discarded,
  LAYOUTS,
  longRecord,
  page,
  record,
  restOfPage,
  streamOf,
  timeExtend,
  timeStamp,
} from './pages.js';

/** Time and first word of every record, and what was missed before it. */
function readAll(pages: Pages): [time: number, word: number, missed: number][] {
  const found: [number, number, number][] = [];
  while (pages.peek()) {
    found.push([pages.time, pages.i32[pages.record >> 2]!, pages.missed]);
    pages.missed = 0;
    pages.take();
  }
  return found;
}

const CASES: [name: string, pages: Buffer[], expected: [number, number, number][]][] = [
  ['an empty page', [page(5n, [])], []],
  [
    'records whose header has their length',
    [page(100n, [record(0, [7, 0]), record(3, [8])])],
    [
      [100, 7, 0],
      [103, 8, 0],
    ],
  ],
  [
    'a record whose length is a word of its own',
    [page(100n, [longRecord(1, [7, ...Array(40).fill(0)]), record(1, [8])])],
    [
      [101, 7, 0],
      [102, 8, 0],
    ],
  ],
  [
    'the largest delta of a record, and time extends beyond it',
    [
      page(0n, [
        record(2 ** 27 - 1, [1]),
        timeExtend(2 ** 27),
        record(0, [2]),
        timeExtend(9e15),
        record(1, [3]),
      ]),
    ],
    [
      [2 ** 27 - 1, 1, 0],
      [2 ** 28 - 1, 2, 0],
      [2 ** 28 - 1 + 9e15 + 1, 3, 0],
    ],
  ],
  [
    'an absolute time stamp',
    [page(0n, [record(5, [1]), timeStamp(6e15 + 3), record(2, [2])])],
    [
      [5, 1, 0],
      [6e15 + 5, 2, 0],
    ],
  ],
  [
    'a discarded event between records',
    [page(10n, [record(1, [1]), discarded(4, 6), record(1, [2])])],
    [
      [11, 1, 0],
      [16, 2, 0],
    ],
  ],
  [
    'padding to the end of the page, then the next page with a time of its own',
    [page(10n, [record(1, [1]), restOfPage, record(1, [99])]), page(500n, [record(0, [2])])],
    [
      [11, 1, 0],
      [500, 2, 0],
    ],
  ],
  [
    'counted and uncounted losses before a page',
    [
      page(1n, [record(0, [1])]),
      page(2n, [record(0, [2]), record(1, [3])], 42),
      page(9n, [record(0, [4])], -1),
    ],
    [
      [1, 1, 0],
      [2, 2, 42],
      [3, 3, 0],
      [9, 4, -1],
    ],
  ],
  [
    'a loss before a page without records is told with the next',
    [page(1n, [], 3), page(2n, [record(0, [1])], 4)],
    [[2, 1, 7]],
  ],
  [
    'a record that says it leaves its page ends the page',
    [page(1n, [record(0, [1]), [0, 99999, 5]]), page(7n, [record(0, [2])])],
    [
      [1, 1, 0],
      [7, 2, 0],
    ],
  ],
  [
    'lengths that lead nowhere end the page',
    [page(1n, [[1 << 5, -4], record(0, [9])]), page(2n, [[(1 << 5) | 29, -4]]), page(7n, [record(0, [2])])],
    [[7, 2, 0]],
  ],
];

for (const [name, pages, expected] of CASES)
  test(`ring-buffer page: ${name}`, () => {
    assert.deepEqual(readAll(streamOf(Buffer.concat(pages))), expected);
  });

test('times stay exact in a double when the clock has passed 2^53 ns', () => {
  const origin = 2n ** 58n + 12345n;
  const bytes = page(origin + 1n, [record(1, [1]), timeStamp(0), record(0, [2])]);
  // The stamp's own words: 59 bits, more than a double takes apart.
  const stamp = origin + 1_000_003n;
  bytes.writeUInt32LE(Number(((stamp % 2n ** 27n) << 5n) | 31n), 16 + 8);
  bytes.writeUInt32LE(Number(stamp >> 27n), 16 + 12);
  const pages = streamOf(bytes, 0, { ...LAYOUTS, origin });
  assert.deepEqual(readAll(pages), [
    [2, 1, 0],
    [1_000_003, 2, 0],
  ]);
});

test('pages may be filled in while a record is being looked at', () => {
  const size = LAYOUTS.page.size;
  const pages = streamOf(
    Buffer.concat([page(1n, [record(0, [1]), record(1, [2])]), page(5n, [record(0, [3])])]),
  );
  const seen: number[] = [];
  for (let round = 0; round < 20; round++) {
    assert.equal(pages.peek(), true);
    const at = pages.room(3);
    page(BigInt(10 + round), [record(0, [100 + round])]).copy(pages.bytes, at);
    pages.filled(at + size);
    seen.push(pages.i32[pages.record >> 2]!);
    pages.take();
  }
  assert.deepEqual(seen, [1, 2, 3, ...Array.from({ length: 17 }, (_, i) => 100 + i)]);
});

test('a page of noise ends', () => {
  let state = 1;
  const random = () => {
    // Numerical Recipes' generator: the same noise in every run.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  const bytes = Buffer.alloc(LAYOUTS.page.size);
  for (let round = 0; round < 500; round++) {
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(random(), at);
    for (const [time] of readAll(streamOf(bytes))) assert.ok(Number.isFinite(time));
  }
});
