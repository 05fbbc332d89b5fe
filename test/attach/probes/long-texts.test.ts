import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LongTexts } from '../../../src/attach/probes/long-texts.js';

const PID = 7;

function begin() {
  const texts = new LongTexts(5);
  const found: string[] = [];
  let now = 0;
  texts.begun(PID, 16n, (text) => found.push(text.toString()));
  const read = (at: number) => {
    now = at;
    texts.read(
      (pid, address, length) =>
        pid === PID && address === 16n ? Buffer.from('SELECT').subarray(0, length) : null,
      () => now,
    );
  };
  return { texts, found, read };
}

test('a text is what was read while nothing else was reported', () => {
  const { texts, found, read } = begin();
  read(2);
  texts.settle(1);
  assert.deepEqual([found, texts.pending], [[], 1]);
  texts.settle(2);
  assert.deepEqual([found, texts.pending], [['SELEC'], 0]);
});

test('it is known as soon as the next report is seen', () => {
  const { texts, found, read } = begin();
  read(2);
  texts.ended(PID, 3);
  assert.deepEqual([found, texts.pending], [['SELEC'], 0]);
});

test('what was reported before it was read may have taken its place', () => {
  const { texts, found, read } = begin();
  read(2);
  texts.ended(PID, 1);
  texts.settle(9);
  assert.deepEqual([found, texts.pending], [[], 0]);
});

test('a process that ended, or whose records were lost, has none', () => {
  const gone = begin();
  gone.texts.begun(8, 0n, () => assert.fail());
  gone.read(2);
  assert.equal(gone.texts.pending, 1);
  const lossy = begin();
  lossy.read(2);
  lossy.texts.gap();
  lossy.texts.settle(9);
  assert.deepEqual([lossy.found, lossy.texts.pending], [[], 0]);
});

test('a report before it was read at all', () => {
  const { texts, found, read } = begin();
  texts.ended(PID, 1);
  read(2);
  texts.settle(9);
  assert.deepEqual([found, texts.pending], [[], 0]);
});
