/**
 * Each fixtures/parse/STEM.strace gives the events of STEM.events.ndjson, both ways that a dialect reads lines.
 * `node dist/test/parse/fixtures.test.js --record` writes the expected events anew, to be looked at.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeEvents } from '../../src/event/encode.js';
import type { Event } from '../../src/event/types.js';
import { DIALECTS } from '../../src/parse/dialect.js';
import { readBlocks, readLines } from '../../src/parse/events.js';
import { blocks, lines } from '../../src/stream/lines.js';

process.env.TZ = 'UTC';

const FOLDER = 'fixtures/parse';
const dialect = () =>
  DIALECTS.strace({ pid: null, date: { first: { year: 2026, month: 11, day: 22 } }, raw: false });

function byBlocks(bytes: Buffer): Event[] {
  const text = blocks({ count: 0 });
  const events = readBlocks(dialect());
  return [...events.write(text.write(bytes)), ...events.write(text.end()), ...events.end()];
}

function byLines(bytes: Buffer): Event[] {
  const text = lines({ count: 0 });
  const events = readLines(dialect());
  return [...events.write(text.write(bytes)), ...events.write(text.end()), ...events.end()];
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.strace'))) {
  const stem = file.slice(0, -'.strace'.length);
  const expected = `${FOLDER}/${stem}.events.ndjson`;
  const bytes = readFileSync(`${FOLDER}/${file}`);
  if (process.argv.includes('--record')) writeFileSync(expected, encodeEvents(byBlocks(bytes)));
  else {
    test(`${stem}: the events that were expected`, () => {
      const events = readFileSync(expected, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(byBlocks(bytes), events);
      assert.deepEqual(byLines(bytes), events);
    });
  }
}
