/**
 * Each fixtures/parse/STEM.DIALECT gives the events of STEM.events.ndjson, both ways that a dialect reads lines, and
 * is known to be of its dialect. `node dist/test/parse/fixtures.test.js --record` writes the expected events anew, to
 * be looked at.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { test } from 'node:test';
import { encodeEvents } from '../../src/event/encode.js';
import type { Event } from '../../src/event/types.js';
import { detectDialect, openDialect } from '../../src/parse/detect.js';
import { DIALECT_NAMES, type DialectName } from '../../src/parse/dialect.js';
import { readBlocks, readLines } from '../../src/parse/events.js';
import { blocks, lines } from '../../src/stream/lines.js';

process.env.TZ = 'UTC';

const FOLDER = 'fixtures/parse';
const OPTIONS = { pid: null, date: { first: { year: 2026, month: 11, day: 22 } }, raw: false };
/** The fixtures of strace have what few logs begin with. */
const open = (name: DialectName) => openDialect(name === 'strace' ? name : 'auto', OPTIONS);

function byBlocks(bytes: Buffer, name: DialectName): Event[] {
  const text = blocks({ count: 0 });
  const events = readBlocks(open(name));
  return [...events.write(text.write(bytes)), ...events.write(text.end()), ...events.end()];
}

function byLines(bytes: Buffer, name: DialectName): Event[] {
  const text = lines({ count: 0 });
  const events = readLines(open(name));
  return [...events.write(text.write(bytes)), ...events.write(text.end()), ...events.end()];
}

const references = readFileSync('fixtures/README.md', 'utf8');

for (const file of readdirSync(FOLDER)) {
  const name = DIALECT_NAMES.find((dialect) => extname(file) === `.${dialect}`);
  if (name === undefined) continue;
  const stem = file.slice(0, -name.length - 1);
  const expected = `${FOLDER}/${stem}.events.ndjson`;
  const bytes = readFileSync(`${FOLDER}/${file}`);
  if (process.argv.includes('--record')) writeFileSync(expected, encodeEvents(byBlocks(bytes, name)));
  else {
    test(`${stem}: the events that were expected`, () => {
      const events = readFileSync(expected, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(byBlocks(bytes, name), events);
      assert.deepEqual(byLines(bytes, name), events);
    });
    if (name === 'strace') continue;
    test(`${stem}: known for what it is`, () =>
      assert.equal(detectDialect(bytes.toString().split('\n')), name));
    test(`${stem}: where the format comes from`, () => assert.ok(references.includes(`| ${stem} |`)));
  }
}

test('a trace of strace is none of its relatives', () => {
  for (const file of readdirSync('fixtures/trace').filter((entry) => /\.strace(\.\d+)?$/.test(entry))) {
    const text = readFileSync(`fixtures/trace/${file}`, 'utf8').split('\n');
    assert.equal(detectDialect(text), 'strace', file);
    assert.equal(detectDialect(text.slice(0, 5)), 'strace', file);
  }
});
