import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge } from '../../../src/attach/ftrace/merge.js';
import type { Pages } from '../../../src/attach/ftrace/page.js';
import { page, record, streamOf } from './pages.js';

/** What a merge hands on, as words: `time` of a record, `-count` of a loss on a CPU. */
function collector(): {
  seen: string[];
  record(pages: Pages): void;
  missed(pages: Pages, count: number): void;
} {
  const seen: string[] = [];
  return {
    seen,
    record: (pages) => seen.push(`${pages.cpu}@${pages.time}`),
    missed: (pages, count) => seen.push(`${pages.cpu}-${count}`),
  };
}

const at = (cpu: number, ...times: number[]) => {
  const deltas = times.map((time, i) => time - (times[i - 1] ?? times[0]!));
  return streamOf(
    page(
      BigInt(times[0]!),
      deltas.map((delta) => record(delta, [0])),
    ),
    cpu,
  );
};

test('records of several CPUs come in time order', () => {
  const sink = collector();
  const reached = merge([at(0, 1, 4, 5), at(1, 2, 3, 9), at(2, 6)], 100, sink);
  assert.deepEqual(sink.seen, ['0@1', '1@2', '1@3', '0@4', '0@5', '2@6', '1@9']);
  assert.equal(reached, 100);
});

test('records after the horizon wait for the next call', () => {
  const sink = collector();
  const streams = [at(0, 1, 4, 7), at(1, 2, 8)];
  assert.equal(merge(streams, 4, sink), 4);
  assert.deepEqual(sink.seen, ['0@1', '1@2', '0@4']);
  merge(streams, 8, sink);
  assert.deepEqual(sink.seen.slice(3), ['0@7', '1@8']);
});

test('nothing passes the end of a CPU that has more to read', () => {
  const sink = collector();
  const short = at(0, 1, 2);
  short.drained = false;
  assert.equal(merge([short, at(1, 1, 3)], 100, sink), 2);
  assert.deepEqual(sink.seen, ['0@1', '1@1', '0@2']);
});

test('a loss is told when the gap begins', () => {
  const sink = collector();
  const bytes = Buffer.concat([page(1n, [record(0, [0])]), page(50n, [record(0, [0])], 7)]);
  merge([streamOf(bytes, 0), at(1, 2, 3)], 100, sink);
  assert.deepEqual(sink.seen, ['0@1', '0-7', '1@2', '1@3', '0@50']);
});
