import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../src/event/types.js';
import { createFamilies } from '../../../src/view/families.js';
import { ASCII } from '../../../src/view/top/glyphs.js';
import { textOf } from '../../../src/view/top/lines.js';
import { createListing } from '../../../src/view/top/listing.js';
import { picture } from '../../../src/view/top/picture.js';
import { listRows, type Model } from '../../../src/view/top/rows.js';
import { initialState, SORTS } from '../../../src/view/top/state.js';
import { createTrail, PID } from '../events.js';
import { modelOf } from './events.js';

/** A number below `count` that looks random and is the same each time (Park and Miller's). */
function createRandom(): (count: number) => number {
  let state = 42;
  return (count) => {
    state = (state * 48271) % 0x7fffffff;
    return state % count;
  };
}

/**
 * Some of two thousand relations are read at a time, few of them much; one in three is a partition, one an index,
 * and what the partitions are of is renamed now and then.
 */
function touches(random: (count: number) => number, from: number): Event[] {
  const trail = createTrail();
  for (let n = 0; n < 60; n++) {
    const id = random(2000);
    trail.read(
      {
        relation: `r${id}${id % 3 === 2 && random(20) === 0 ? '_renamed' : ''}`,
        filenode: 20_000 + id,
        relkind: id % 3 === 1 ? 'index' : 'table',
        ...(id % 3 === 0 && { parent: `public.r${id + 2}` }),
        ...(id % 3 === 1 && { table: `public.r${id - 1}` }),
      },
      random(100),
      1 + random(4) * random(4),
    );
  }
  return trail.events.map((event) => ({ ...event, ts: from + (event as { ts: number }).ts - 1000 }) as Event);
}

/** The same model to somebody who looks at it for the first time. */
function afresh(model: Model): Model {
  const { objects, ...rest } = model.aggregates;
  const aggregates = { ...rest, objects, takeTouched: () => null };
  return { ...model, aggregates, families: createFamilies(), listing: createListing() };
}

test('what is grouped part by part comes to what is grouped at once, and says how far it is', () => {
  const random = createRandom();
  const model = modelOf([]);
  for (let n = 0; n < 200; n++) model.aggregates.write(touches(random, 1000 + n * 0.1));
  const slow: Model = { ...model, families: createFamilies(), listing: createListing(0.001) };
  const state = initialState('read', true);
  const drawn = (of: Model) => picture(of, state, ASCII, { width: 120, height: 40 });
  const marks: string[] = [];
  let last = drawn(slow);
  for (; last.partial; last = drawn(slow)) {
    marks.push(/\[grouping (\d+%)\]/.exec(textOf(last.lines[0]!))?.[1] ?? 'none');
    model.aggregates.write(touches(random, 1020 + marks.length));
  }
  assert.ok(marks.length > 2, `${marks.length} pictures`);
  assert.ok(!marks.includes('none'), marks.join(' '));
  assert.deepEqual(last.lines.map(textOf), drawn(afresh(slow)).lines.map(textOf));
});

test('a filter lets through what a process touched before it was said what that is', () => {
  const trail = createTrail();
  trail.read({ relation: 'orders', filenode: 20_000, relkind: 'table' }, 0);
  const model = modelOf(trail.events as never);
  const names = () =>
    listRows(model, { ...initialState('read', false), filter: 'autovacuum' }, 9).rows.map(({ name }) => name);
  assert.deepEqual(names(), []);
  model.aggregates.write([{ type: 'process', ts: 1001, pid: PID, role: 'autovacuum worker' }]);
  assert.deepEqual(names(), ['public.orders']);
});

for (const grouped of [false, true])
  for (const sort of SORTS)
    test(`picture after picture lists what one alone would, ${grouped ? 'grouped, ' : ''}by ${sort}`, () => {
      const random = createRandom();
      const model: { -readonly [K in keyof Model]: Model[K] } = modelOf([]);
      for (let picture = 0; picture < 80; picture++) {
        const from = 1000 + picture * (picture % 20 === 0 ? 30 : 0.2);
        model.aggregates.write(touches(random, from));
        model.now = model.aggregates.lastTs()! + picture * 0.01;
        const state = { ...initialState(sort, grouped), offset: random(5) };
        const names = (of: Model) =>
          listRows(of, state, 25).rows.map(({ name, read, rate }) => `${name} ${read} ${rate?.toFixed(3)}`);
        assert.deepEqual(names(model), names(afresh(model)));
      }
    });
