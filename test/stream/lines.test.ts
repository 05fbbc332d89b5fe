import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocks, lines, wholeLines } from '../../src/stream/lines.js';
import { Random } from '../random.js';

const LONGEST = 16;

function chunksOf(text: string, random: Random): Buffer[] {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + 1 + random.below(7);
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return chunks;
}

test('however the bytes are cut into chunks, the lines are the same', () => {
  const random = new Random(1);
  const text = 'one\n\ntwo é\u{1f418} three\r\nfour';
  for (let count = 0; count < 200; count++) {
    const chunks = chunksOf(text, random);
    const cuts = { count: 0 };
    const whole = blocks(cuts);
    const got = [...chunks.flatMap((chunk) => whole.write(chunk)), ...whole.end()];
    assert.equal(Buffer.concat(got).toString(), `${text}\n`);
    for (const block of got) assert.equal(block.at(-1), 10, 'a block ends with a line');
    const single = lines(cuts);
    assert.deepEqual([...chunks.flatMap((chunk) => single.write(chunk)), ...single.end()], text.split('\n'));
    const joined = wholeLines(cuts);
    const pieces = [...chunks.map((chunk) => joined.write(chunk)), joined.end()];
    assert.equal(Buffer.concat(pieces).toString(), `${text}\n`);
    assert.equal(cuts.count, 0);
  }
});

test('a line that is too long is cut, counted, and the next one is whole', () => {
  const cases: [string[], string[], number][] = [
    [['a'.repeat(10), 'a'.repeat(10), 'b\nnext\n'], ['a'.repeat(LONGEST), 'next'], 1],
    [['a'.repeat(15), 'b\n'], [`${'a'.repeat(15)}b`], 1],
    [['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(100)], ['a'.repeat(LONGEST)], 1],
    [
      ['x\n', 'a'.repeat(20), '\n', 'b'.repeat(20), '\ny'],
      ['x', 'a'.repeat(LONGEST), 'b'.repeat(LONGEST), 'y'],
      2,
    ],
    [['a'.repeat(16), '\n'], ['a'.repeat(LONGEST)], 1],
  ];
  for (const [chunks, expected, count] of cases) {
    const cuts = { count: 0 };
    const stage = lines(cuts, LONGEST);
    const got = [...chunks.flatMap((chunk) => stage.write(Buffer.from(chunk))), ...stage.end()];
    assert.deepEqual(got, expected);
    assert.equal(cuts.count, count);
  }
});

test('a line without end does not grow what is held', () => {
  const cuts = { count: 0 };
  const stage = blocks(cuts, LONGEST);
  for (let count = 0; count < 1000; count++) assert.deepEqual(stage.write(Buffer.alloc(1000, 'x')), []);
  assert.deepEqual(stage.end(), [Buffer.from(`${'x'.repeat(LONGEST)}\n`)]);
  assert.equal(cuts.count, 1);
});
