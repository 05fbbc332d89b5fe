import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBacklog } from '../../../src/attach/strace/backlog.js';
import { openTraceText } from '../../../src/attach/strace/text.js';
import type { Event } from '../../../src/event/types.js';
import type { Dialect } from '../../../src/parse/dialect.js';

/** A dialect that gives each line back. */
function echo(): { dialect: Dialect; read: (events: Event[]) => string[] } {
  return {
    dialect: {
      name: 'strace',
      tally: { lines: 0, unparsed: 0, firstUnparsed: 0 },
      clock: undefined,
      bytes: (block, start, end, out) =>
        out.push({ type: 'unparsed', line: 0, text: block.toString('latin1', start, end) }),
      line: (text, out) => out.push({ type: 'unparsed', line: 0, text }),
      end: () => undefined,
    },
    read: (events) => events.map((event) => (event as { text: string }).text),
  };
}

/** What is read of `chunks` where those of `slow` come while the reader is slow. */
function run(
  before: string,
  slow: readonly string[],
  after: string,
  limit: number,
): { lines: string[]; lost: number } {
  const { dialect, read } = echo();
  const text = openTraceText(dialect);
  const backlog = openBacklog(limit);
  const lines = read(text.write(Buffer.from(before)));
  for (const chunk of slow) backlog.push(Buffer.from(chunk));
  const { kept, lost, midLine } = backlog.take();
  for (const chunk of kept) lines.push(...read(text.write(chunk)));
  if (lost > 0) text.cut(midLine);
  lines.push(...read(text.write(Buffer.from(after))), ...read(text.end()));
  return { lines, lost };
}

test('what fits is kept whole, wherever it is cut', () => {
  assert.deepEqual(run('a1\nb', ['2\nc', '3\n'], 'd4\ne', 100), {
    lines: ['a1', 'b2', 'c3', 'd4', 'e'],
    lost: 0,
  });
});

test('what does not fit is counted by its lines', () => {
  assert.deepEqual(run('a\n', ['b\n', 'c\nd\n', 'e\n'], 'f\n', 3), { lines: ['a', 'b', 'f'], lost: 3 });
});

test('lines cut at both ends are lost whole, never joined', () => {
  // Lost: the rest of `c1`, `d`, and `e1` that goes on in `e2`.
  assert.deepEqual(run('a\n', ['b\nc1', 'c2\nd\ne1'], 'e2\nf\n', 4), { lines: ['a', 'b', 'f'], lost: 3 });
  assert.deepEqual(run('a1', ['a2\nb\n'], 'c\n', 1), { lines: ['c'], lost: 2 });
});

test('after a loss nothing is kept until it was told', () => {
  assert.deepEqual(run('', ['long line\n', 's\n'], 't\n', 4), { lines: ['t'], lost: 2 });
});
