import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstBytes, Statements } from '../../../src/attach/statement/statements.js';
import type { Event } from '../../../src/event/types.js';

type Report = [ts: number, state: string, text: string | null, cut?: true];

function told(reports: readonly Report[], options = { length: 1024, redact: false }): Event[] {
  const statements = new Statements(options);
  const events: Event[] = [];
  for (const [ts, state, text, cut] of reports) statements.report(7, ts, state, text, cut ?? false, events);
  return events;
}

const at = (ts: number, state: string) => ({ type: 'statement', ts, pid: 7, state });

test('a statement begins and ends', () => {
  assert.deepEqual(
    told([
      [1, 'running', 'SELECT 1'],
      [1.25, 'idle', null],
      [2, 'running', 'SELECT 1'],
      [2.5, 'idle in transaction', null],
    ]),
    [
      { ...at(1, 'running'), number: 1, text: 'SELECT 1' },
      { ...at(1.25, 'idle'), number: 1, dur: 0.25 },
      { ...at(2, 'running'), number: 2, text: 'SELECT 1' },
      { ...at(2.5, 'idle in transaction'), number: 2, dur: 0.5 },
    ],
  );
});

test('Parse, Bind and Execute of one text are one statement', () => {
  const events = told([
    [1, 'running', 'SELECT $1'],
    [2, 'running', 'SELECT $1'],
    [3, 'running', null],
    [4, 'idle', null],
  ]);
  assert.deepEqual(events, [
    { ...at(1, 'running'), number: 1, text: 'SELECT $1' },
    { ...at(4, 'idle'), number: 1, dur: 3 },
  ]);
});

test('another text ends the one before', () => {
  const events = told([
    [1, 'running', 'a'],
    [2, 'running', 'b'],
    [3, 'idle', null],
  ]);
  assert.deepEqual(events, [
    { ...at(1, 'running'), number: 1, text: 'a' },
    { ...at(2, 'running'), number: 1, dur: 1 },
    { ...at(2, 'running'), number: 2, text: 'b' },
    { ...at(3, 'idle'), number: 2, dur: 1 },
  ]);
});

test('the end of what began before the trace has no number, and is told once', () => {
  assert.deepEqual(
    told([
      [1, 'idle', null],
      [2, 'idle', null],
    ]),
    [at(1, 'idle')],
  );
});

test('a text is redacted, then cut between characters', () => {
  const options = { length: 12, redact: true };
  const [event] = told([[1, 'running', "SELECT 'secret', é, ü"]], options);
  assert.deepEqual(event, { ...at(1, 'running'), number: 1, text: 'SELECT ?, é', cut: true });
});

test('a text that the kernel could not read is cut to nothing', () => {
  const [event] = told([[1, 'running', null, true]]);
  assert.deepEqual(event, { ...at(1, 'running'), number: 1, cut: true });
});

test('characters stay whole', () => {
  assert.equal(firstBytes('aé€😀', 2), 'a');
  assert.equal(firstBytes('aé€😀', 3), 'aé');
  assert.equal(firstBytes('aé€😀', 9), 'aé€');
  assert.equal(firstBytes('aé€😀', 10), 'aé€😀');
});
