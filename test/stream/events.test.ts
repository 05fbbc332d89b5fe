import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { createEventReader } from '../../src/stream/events.js';
import { LONGEST_LINE } from '../../src/stream/lines.js';

const READ: Event = {
  type: 'syscall',
  ts: 1795324737.917464,
  pid: 3820,
  call: 'pread64',
  fd: 15,
  offset: 8060928,
  length: 8192,
  ret: 8192,
  dur: 0.000003,
  pg: {
    kind: 'relation',
    database: 'shop',
    schema: 'public',
    relation: 'ordérs',
    fork: 'main',
    segment: 0,
    block: 984,
    total: 133334,
    databaseOid: 5,
    filenode: 16390,
  },
};
const EXIT: Event = { type: 'exit', ts: null, pid: 3820, status: 0 };
const EVENTS: Event[] = [READ, EXIT, { ...READ, ts: 1795324738.5, offset: 0 }];

/** Absent keys may be there as undefined: what counts is what JSON shows. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function readAll(bytes: Buffer, size: number) {
  const reader = createEventReader(true);
  const events: Event[] = [];
  const lines: string[] = [];
  const take = (batch: { events: Event[]; lines: string[] }) => {
    events.push(...batch.events);
    lines.push(...batch.lines);
  };
  for (let at = 0; at < bytes.length; at += size) take(reader.write(bytes.subarray(at, at + size)));
  take(reader.end());
  return { events: plain(events), lines, counts: reader.counts() };
}

const FORMS: readonly [string, string][] = [
  ['one a line', EVENTS.map((event) => `${JSON.stringify(event)}\n`).join('')],
  ['one a line, no newline at the end', EVENTS.map((event) => JSON.stringify(event)).join('\n')],
  ['one a line, CR LF and empty lines', EVENTS.map((event) => `\r\n${JSON.stringify(event)}\r\n`).join('')],
  [
    'one a line, with blanks',
    EVENTS.map((event) => JSON.stringify(event, null, 1).replaceAll('\n', '')).join('\n'),
  ],
  ['after a byte order mark', `\ufeff${EVENTS.map((event) => JSON.stringify(event)).join('\n')}`],
  ['an array on one line', JSON.stringify(EVENTS)],
  ['an array over lines', JSON.stringify(EVENTS, null, 2)],
  ['as jq prints', EVENTS.map((event) => `${JSON.stringify(event, null, 2)}\n`).join('')],
  ['with tabs', EVENTS.map((event) => `${JSON.stringify(event, null, '\t')}\n`).join('')],
  [
    'with no indentation',
    EVENTS.map((event) => `${JSON.stringify(event, null, 1).replaceAll(/\n */g, '\n')}\n`).join(''),
  ],
  ['one after the other', EVENTS.map((event) => JSON.stringify(event)).join('')],
];

for (const [name, text] of FORMS) {
  test(`reads events ${name}, however the bytes are cut`, () => {
    const bytes = Buffer.from(text);
    for (const size of [1, 7, 100, bytes.length]) {
      const { events, lines, counts } = readAll(bytes, size);
      assert.deepEqual(events, plain(EVENTS));
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        plain(EVENTS),
      );
      assert.deepEqual(counts, { unparsed: 0, cut: 0 });
    }
  });
}

test('what is no event becomes an unparsed one with its line, and the next line is read', () => {
  const bad = [
    'null',
    '3',
    '"x"',
    '[1]',
    '{"type":1}',
    '{"a":1',
    '{"type":"exit"}',
    'exit',
    '{"type":"syscall","ts":null,"pid":1,"call":"x","ret":0,"fd":"7"}',
  ];
  for (const line of bad) {
    const { events, counts } = readAll(
      Buffer.from(`${JSON.stringify(EXIT)}\n${line}\n${JSON.stringify(EXIT)}\n`),
      1000,
    );
    assert.deepEqual(events, [EXIT, { type: 'unparsed', line: 2, text: line }, EXIT]);
    assert.deepEqual(counts, { unparsed: 1, cut: 0 });
  }
});

test('a damaged first line, or trace text instead of events, is told line by line', () => {
  for (const line of ['{"type":"sysc', '[pid  3820] close(3) = 0', 'close(3) = 0']) {
    const { events } = readAll(Buffer.from(`${line}\n${JSON.stringify(EXIT)}\n`), 1000);
    assert.deepEqual(events, [{ type: 'unparsed', line: 1, text: line }, EXIT]);
  }
});

test('reading goes on after a damaged part of pretty-printed events', () => {
  const pretty = JSON.stringify(EXIT, null, 2);
  const { events, counts } = readAll(Buffer.from(`${pretty}\n{\n  "type": oops\n${pretty}\n`), 1000);
  assert.deepEqual(events, [EXIT, { type: 'unparsed', line: 8, text: '"type": oops' }, EXIT]);
  assert.equal(counts.unparsed, 1);
});

test('an input that ends within a value says so', () => {
  const { events } = readAll(Buffer.from('[\n{"type":"exit",\n'), 1000);
  assert.deepEqual(events, [{ type: 'unparsed', line: 3, text: 'the input ends within a JSON value' }]);
});

test('a line without end is cut and counted, not held', () => {
  const reader = createEventReader();
  const exit = Buffer.from(`${JSON.stringify(EXIT)}\n`);
  const chunk = Buffer.alloc(1 << 16, 'x');
  const { events: before } = reader.write(exit);
  for (let sent = 0; sent < 4 * LONGEST_LINE; sent += chunk.length) reader.write(chunk);
  const { events: after } = reader.write(Buffer.concat([Buffer.from('\n'), exit]));
  assert.deepEqual(plain(before), [EXIT]);
  assert.deepEqual(plain(after), [{ type: 'unparsed', line: 2, text: 'x'.repeat(LONGEST_LINE) }, EXIT]);
  assert.deepEqual(reader.counts(), { unparsed: 1, cut: 1 });
});
