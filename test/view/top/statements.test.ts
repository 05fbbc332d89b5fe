import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../src/event/types.js';
import { createStatements } from '../../../src/view/statements.js';
import { ASCII } from '../../../src/view/top/glyphs.js';
import { textOf } from '../../../src/view/top/lines.js';
import { picture } from '../../../src/view/top/picture.js';
import type { Model } from '../../../src/view/top/rows.js';
import { initialState, press, type State } from '../../../src/view/top/state.js';
import { modelOf, read } from './events.js';

const SIZE = { width: 120, height: 24 };
const LONG = `SELECT ${'x'.repeat(200)}\n  FROM t`;

function model(): Model {
  const base = { pid: 3820, state: 'running' } as const;
  const { ts } = read({ relation: 't' }) as { ts: number };
  const calls = [0, 1, 2].map((block) => ({ ...read({ relation: 't', block, at: block }), statement: 1 }));
  const buffer = { ...base, ts, tablespace: 1663, databaseOid: 5, filenode: 9, fork: 'main', block: 0 };
  const events: Event[] = [
    { ...base, type: 'statement', ts, number: 1, text: LONG },
    ...calls,
    ...[true, true, true, false].map((hit): Event => ({ ...buffer, type: 'buffer', hit, statement: 1 })),
    { ...base, type: 'statement', ts: ts + 4, number: 1, state: 'idle', dur: 4 },
    { ...base, type: 'statement', ts: ts + 4, number: 2, text: 'CHECKPOINT' },
    { ...read({ relation: 't', at: 5, call: 'pwrite64' }), statement: 2 },
  ];
  const statements = createStatements();
  events.forEach(statements.take);
  return { ...modelOf(calls), statements };
}

function shown(made: Model, state: State): string[] {
  return picture(made, state, ASCII, SIZE).lines.map((line) => textOf(line).trimEnd());
}

test('a row a statement: runs, calls, bytes, hits, its time in calls and its time', () => {
  const lines = shown(model(), initialState('read', false, 'statement'));
  assert.match(lines[2]!, /STATEMENT +RUNS +CALLS +READ\* +WRITE +RATE\/s +TIME +HIT +CALLING +ELAPSED$/);
  assert.match(lines[3]!, /^> SELECT x+~ +1 +3 24\.0kB +0B .* 75% +3\.00ms +4\.00s$/);
  assert.match(lines[4]!, /^ {2}CHECKPOINT +1 +1 +0B 8\.00kB .* 1\.00ms +0$/);
});

test('statements are sorted and filtered as relations are, and opened with their whole text', () => {
  const made = model();
  const state = initialState('written', false, 'statement');
  assert.match(shown(made, state)[3]!, /CHECKPOINT/);
  const filtered = shown(made, { ...state, filter: 'select' });
  assert.ok(!filtered.some((line) => line.includes('CHECKPOINT')));
  const opened = press(
    { ...state, filter: 'select' },
    'ENTER',
    picture(made, { ...state, filter: 'select' }, ASCII, SIZE).shown,
  );
  const detail = shown(made, opened).join('\n');
  assert.match(detail, /x\s+FROM t/);
  assert.match(detail, /1 runs in 4\.00s, 3 calls in 3\.00ms/);
  assert.match(detail, /75% of 4 buffers/);
});

test('b goes from relations to statements and back, also where there are none', () => {
  const made = modelOf([read({ relation: 't' })]);
  const state = initialState('rate', false);
  const statements = press(state, 'b', picture(made, state, ASCII, SIZE).shown);
  assert.deepEqual(shown(made, statements).slice(3, 5), ['', '']);
  assert.match(
    shown(made, press(statements, 'b', picture(made, statements, ASCII, SIZE).shown))[3]!,
    /public\.t/,
  );
});

test('a statement that runs long keeps its calls, however many others begin and end meanwhile', () => {
  const { take, stats } = createStatements();
  const base = { type: 'statement', ts: 1, state: 'running' } as const;
  take({ ...base, pid: 1, number: 1, text: 'SELECT long' });
  for (let number = 2; number < 10_000; number++) {
    take({ ...base, pid: 2, number, text: 'SELECT short' });
    take({ ...base, pid: 2, number, dur: 1 });
  }
  take({ ...read({ relation: 't', block: 0 }), statement: 1 });
  take({ ...base, pid: 1, number: 1, state: 'idle', dur: 9 });
  take({ ...read({ relation: 't', block: 0 }), statement: 1 });
  assert.equal(stats.get('SELECT long')?.tally.calls, 2);
  assert.equal(stats.get('SELECT long')?.elapsed, 9);
  assert.equal(stats.get('SELECT short')?.elapsed, 9998);
});
