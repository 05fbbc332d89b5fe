import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fork } from '../../../src/event/pg.js';
import { ASCII, glyphsFor, UNICODE } from '../../../src/view/top/glyphs.js';
import { textOf } from '../../../src/view/top/lines.js';
import { picture, tableText } from '../../../src/view/top/picture.js';
import type { Model } from '../../../src/view/top/rows.js';
import { initialState, press, type State } from '../../../src/view/top/state.js';
import { widthOf } from '../../../src/view/width.js';
import { modelOf, type Read, read } from './events.js';

const FIRST = initialState('rate', false);

function shownText(model: Model, state: State, glyphs = UNICODE, size = { width: 80, height: 24 }): string[] {
  return picture(model, state, glyphs, size).lines.map((line) => textOf(line).trimEnd());
}

/** The names in the list, from the top. */
function names(model: Model, state: State): string[] {
  return shownText(model, state)
    .slice(3, -1)
    .flatMap((line) => line.slice(2, 26).trim() || []);
}

function scan(relation: string, to: number, more: Partial<Read> = {}): ReturnType<typeof read>[] {
  return Array.from({ length: to }, (_, block) => read({ relation, block, at: block / 100, ...more }));
}

test('a scan that began at the start has its cursor as a bar, percent and time to go', () => {
  const [line] = shownText(modelOf(scan('orders', 500), 5), FIRST).slice(3);
  assert.match(line!, /^> public\.orders +table +3\.91MB +0B +\S+kB +100% ███··· +~50% +~5s$/);
  const [ascii] = shownText(modelOf(scan('orders', 500), 5), FIRST, ASCII).slice(3);
  assert.match(ascii!, /100% ###\.\.\. +~50% +~5s$/);
});

test('what the calls do not tell is marked as not known', () => {
  const blocks = [500, 3, 900, 17, 660, 41];
  const random = blocks.map((block, n) => read({ relation: 'heap', block, at: n }));
  assert.match(shownText(modelOf(random), FIRST)[3]!, / random +\? +\?$/);
  const middle = scan('late', 100).map((event, n) =>
    read({ relation: 'late', block: 500 + n, at: event.ts! - 1_795_324_737 }),
  );
  assert.match(shownText(modelOf(middle), FIRST)[3]!, / >10% +\?$/);
});

test('rows are in the order of each column', () => {
  const events = [
    ...scan('read_most', 9),
    ...scan('written', 3, { call: 'pwrite64' }),
    read({ relation: 'aa', at: 9 }),
  ];
  const model = modelOf(events);
  const by = (sort: State['sort']) => names(model, { ...FIRST, sort });
  assert.deepEqual(by('read'), ['public.read_most', 'public.aa', 'public.written']);
  assert.deepEqual(by('written')[0], 'public.written');
  assert.deepEqual(by('name'), ['public.aa', 'public.read_most', 'public.written']);
});

test('a table takes in its indexes, its TOAST and its partitions, those of partitions too', () => {
  const model = modelOf([
    read({ relation: 'orders_1', parent: 'public.orders' }),
    read({
      relation: 'orders_1_idx',
      relkind: 'index',
      table: 'public.orders_1',
      parent: 'public.orders_idx',
    }),
    read({ relation: 'pg_toast_9', schema: 'pg_toast', relkind: 'toast', table: 'public.orders_1' }),
    read({ relation: 'orders_1_a', parent: 'public.orders_1' }),
    read({ relation: 'other' }),
    read({ relation: 'orders_1', database: 'test', databaseOid: 6 }),
  ]);
  const grouped = { ...FIRST, grouped: true };
  assert.deepEqual(names(model, grouped), [
    'shop: public.orders +3',
    'shop: public.other',
    'test: public.orders_1',
  ]);
  assert.equal(names(model, FIRST).length, 6);
  const detail = press(grouped, 'ENTER', picture(model, grouped, UNICODE, { width: 80, height: 24 }).shown);
  assert.match(shownText(model, detail).join('\n'), /^public\.orders {2}table, database shop$/m);
});

test('a circle of partitions is no endless loop', () => {
  const model = modelOf([
    read({ relation: 'a', parent: 'public.b' }),
    read({ relation: 'b', parent: 'public.a' }),
  ]);
  assert.ok(names(model, { ...FIRST, grouped: true }).length > 0);
});

test('a name that comes later moves its row into the family', () => {
  const index = { relation: 'i', filenode: 9, relkind: 'index' } as const;
  const unnamed = read(index);
  const { relation: _, schema: __, ...pg } = unnamed.pg as unknown as Record<string, unknown>;
  const model = modelOf([{ ...unnamed, pg: pg as never }, read({ relation: 't' })]);
  const grouped = { ...FIRST, grouped: true };
  assert.deepEqual(names(model, grouped).sort(), ['filenode 9', 'public.t']);
  model.aggregates.write([read({ ...index, table: 'public.t' })]);
  assert.deepEqual(names(model, grouped), ['public.t +1']);
});

test('a filter is by name, or by the process that touched it', () => {
  const model = modelOf([read({ relation: 'orders' }), read({ relation: 'lines', pid: 77 })]);
  assert.deepEqual(names(model, { ...FIRST, filter: 'ORD' }), ['public.orders']);
  assert.deepEqual(names(model, { ...FIRST, filter: '77' }), ['public.lines']);
  assert.deepEqual(names(model, { ...FIRST, filter: 'nothing' }), []);
});

test('hostile names neither move the cursor nor break a column', () => {
  const hostile = [
    'a\u001b[2Jb',
    'new\nline',
    '表表表表表表表表表表表表表表',
    'a\u0301\u0301x',
    '\u202eevil',
    'x'.repeat(5000),
  ];
  const model = modelOf(hostile.map((name) => read({ relation: name, fork: name as Fork })));
  for (const glyphs of [UNICODE, ASCII])
    for (const screen of ['list', 'detail'] as const)
      for (const width of [1, 20, 40, 79, 80, 200]) {
        const state = { ...FIRST, screen, opened: 'o0' };
        for (const line of picture(model, state, glyphs, { width, height: 12 }).lines) {
          const text = textOf(line);
          assert.ok(widthOf(text) <= width, `${width}: ${text}`);
          assert.doesNotMatch(text, /[\p{C}\p{Zl}\p{Zp}\p{M}]/u);
          if (glyphs === ASCII) assert.match(text, /^[\x20-\x7e]*$/);
        }
      }
});

test('a picture has as many lines as the screen is high', () => {
  const model = modelOf(scan('orders', 50));
  for (const screen of ['list', 'detail', 'help'] as const)
    for (const height of [1, 2, 3, 4, 10, 50]) {
      const size = { width: 80, height };
      assert.equal(picture(model, { ...FIRST, screen, opened: 'o0' }, UNICODE, size).lines.length, height);
    }
});

test('an empty trace has a picture', () => {
  assert.match(
    shownText(modelOf([]), FIRST).join('\n'),
    /^pgtrace-top: 0 processes\n\? calls\/s {2}\?\/s {2}lost 0$/m,
  );
});

test('without a terminal it is a table of the same columns', () => {
  const text = tableText(modelOf(scan('orders', 5)), FIRST, ASCII, 120, 40);
  const [, , head, row, end] = text.split('\n');
  assert.match(head!, /^ {2}RELATION +KIND +READ +WRITE RATE\/s\* +TIME +DONE +TO GO$/);
  assert.match(row!, /^ {2}public\.orders +table +40\.0kB/);
  assert.equal(end, '');
});

test('the locale says whether Unicode can be shown', () => {
  assert.equal(glyphsFor({ LANG: 'de_DE.UTF-8' }), UNICODE);
  assert.equal(glyphsFor({ LANG: 'de_DE.utf8', LC_ALL: '' }), UNICODE);
  assert.equal(glyphsFor({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }), ASCII);
  assert.equal(glyphsFor({ LANG: 'de_DE.UTF-8', LC_CTYPE: 'POSIX' }), ASCII);
  assert.equal(glyphsFor({}), ASCII);
});
