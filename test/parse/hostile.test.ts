/** No line takes a dialect long, or makes it fail: what is cut, mixed up or made to mislead becomes `unparsed` at worst. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { detectDialect } from '../../src/parse/detect.js';
import { DIALECT_NAMES } from '../../src/parse/dialect.js';
import { DIALECTS } from '../../src/parse/dialects.js';
import { Random } from '../random.js';

const LONG = 5_000;
const PIECES = [
  ' ',
  '\t',
  'a ',
  '1 ',
  '-1 ',
  '("',
  '<',
  ', x: ',
  '1.000001 ',
  'CALL  ',
  ') = ',
  '0x',
  '"',
  '[1] ',
  '(',
  'a-1 [001] 1.1: ',
  '1: ',
];
const HEADS = [
  '',
  '   501 postgres CALL  read(',
  'read(3, "',
  '  1.000 ( 0.010 ms): read(',
  ' a-1 [001] 1.000001: sys_read(',
  '501/1:\t\t',
  'SIGNAL ',
];

const lines = readdirSync('fixtures/parse')
  .filter((file) => !file.endsWith('.ndjson'))
  .flatMap((file) => readFileSync(`fixtures/parse/${file}`, 'utf8').split('\n'));

for (const name of DIALECT_NAMES) {
  test(`${name}: long lines`, () => {
    for (const head of HEADS) {
      for (const piece of PIECES) {
        const dialect = DIALECTS[name]({ pid: null, date: null, raw: false, head: [] });
        const line = head + piece.repeat(LONG / piece.length);
        const started = performance.now();
        dialect.line(line, []);
        const spent = performance.now() - started;
        assert.ok(spent < 1000, `${spent.toFixed(0)} ms for ${JSON.stringify(head + piece)} …`);
      }
    }
  });

  test(`${name}: lines of all dialects, cut and mixed`, () => {
    const random = new Random(42);
    const dialect = DIALECTS[name]({ pid: null, date: null, raw: true, head: [] });
    const events: Event[] = [];
    for (let count = 0; count < 3000; count++) {
      const one = random.pick(lines);
      const other = random.pick(lines);
      dialect.line(
        one.slice(0, random.below(one.length + 1)) + other.slice(random.below(other.length + 1)),
        events,
      );
    }
    dialect.end(events);
    assert.equal(dialect.tally.lines, 3000);
    assert.equal(dialect.tally.unparsed, events.filter(({ type }) => type === 'unparsed').length);
  });
}

test('telling the dialect of long lines', () => {
  for (const head of HEADS) {
    for (const piece of PIECES) {
      const started = performance.now();
      detectDialect([head + piece.repeat(LONG / piece.length)]);
      assert.ok(performance.now() - started < 1000, JSON.stringify(head + piece));
    }
  }
});
