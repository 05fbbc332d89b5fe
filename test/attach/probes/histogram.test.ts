/** What kernels wrote (fixtures/ftrace/record-histograms.sh), and what they may write. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Histogram, parseHistogram } from '../../../src/attach/probes/histogram.js';

function recorded(name: string): { text: string; histogram: Histogram } {
  const text = readFileSync(`fixtures/ftrace/histogram/${name}.txt`, 'utf8');
  return { text, histogram: parseHistogram(text) };
}

for (const name of ['lookup', 'prefetch', 'full'])
  test(`a recorded histogram adds up to what the kernel says: ${name}`, () => {
    const { text, histogram } = recorded(name);
    const total = (key: string) => Number(new RegExp(`^ +${key}: (\\d+)$`, 'm').exec(text)![1]);
    const { entries, dropped } = histogram;
    assert.equal(entries.length, total('Entries'));
    assert.equal(dropped, total('Dropped'));
    assert.equal(
      entries.reduce((sum, { hits }) => sum + hits, 0),
      total('Hits'),
    );
    assert.equal(new Set(entries.map(({ keys }) => keys.join(' '))).size, entries.length);
    for (const { keys } of entries) assert.match(keys.join(' '), /^\d+ [0-9a-f]+ [0-9a-f]+$/);
  });

test('one that was full says so', () => assert.ok(recorded('full').histogram.dropped > 0));

const CASES: readonly [string, string, Histogram][] = [
  ['nothing', '', { entries: [], dropped: 0 }],
  [
    'nothing yet',
    '# event histogram\n#\n# trigger info: hist:keys=a:vals=hitcount:sort=hitcount:size=128 [active]\n#\n\n\nTotals:\n    Hits: 0\n    Entries: 0\n    Dropped: 0\n',
    { entries: [], dropped: 0 },
  ],
  [
    'numbers beyond 32 bits',
    '{ common_pid:    4194304, space: ffffffffffffffff } hitcount: 9007199254740991\n',
    { entries: [{ keys: ['4194304', 'ffffffffffffffff'], hits: 9007199254740991 }], dropped: 0 },
  ],
  [
    'more values behind the count',
    '{ common_pid:          1 } hitcount:          2  bytes:        4\n    Dropped: 7\n',
    { entries: [{ keys: ['1'], hits: 2 }], dropped: 7 },
  ],
  ['a line that was cut', '{ common_pid:          1 } hitc', { entries: [], dropped: 0 }],
];

for (const [name, text, expected] of CASES)
  test(`a histogram: ${name}`, () => assert.deepEqual(parseHistogram(text), expected));
