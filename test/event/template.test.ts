import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEvent } from '../../src/event/decode.js';
import { cast } from '../../src/event/mould.js';
import { createTemplateReader, type TemplateReader } from '../../src/event/template.js';
import type { Event } from '../../src/event/types.js';

/** mulberry32: the same numbers in every run, so that a failure comes again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '8192',
  '1795324737.917464',
  '1795324737.917464123',
  '0.000003',
  '3e-06',
  '1E+2',
  '9007199254740993',
  '123456789012345678901',
  '0.1',
  '1.500000',
  '1e400',
  '5e-324',
  '0.30000000000000004',
];
const BAD_NUMBERS = ['01', '1.', '.5', '+1', '-', '1e', '0x1', 'NaN', '1 ', '1..2', '--1', ''];
const NAMES = [
  'orders',
  'o"q',
  'back\\slash',
  'ünïcode',
  'new\nline',
  'block',
  'x","block":1,"y":"',
  'emoji 😀',
  '',
];
const CALLS = ['pread64', 'pwrite64', 'close', 'epoll_wait'];

type Pick = <T>(from: readonly T[]) => T;

/** The shape of a line as the encoder writes it, `#` for each number. */
function shape(random: (below: number) => number): string {
  const pick: Pick = (from) => from[random(from.length)]!;
  const number = () => '#';
  const maybe = (text: string) => (random(3) > 0 ? `,${text}` : '');
  let text = `{"type":"syscall","ts":${number()},"pid":#,"call":"${pick(CALLS)}"`;
  text += maybe(`"fd":${random(4)}`) + maybe(`"path":${JSON.stringify(`/d/${pick(NAMES)}`)}`);
  text += maybe(`"offset":${number()}`) + maybe(`"length":${number()}`) + maybe('"flags":"O_RDWR"');
  text += maybe(`"args":${JSON.stringify([pick(NAMES), pick(NAMES)].slice(random(3)))}`);
  text += `,"ret":${pick(['null', '"18446744073709551615"', number()])}${maybe(`"dur":${number()}`)}`;
  return `${text}${random(3) > 0 ? `,"pg":${pgText(pick, number)}` : ''}}`;
}

function pgText(pick: Pick, number: () => string): string {
  const name = JSON.stringify(pick(NAMES));
  return pick([
    `{"kind":"relation","schema":"public","relation":${name},"fork":"main","segment":0,"block":${number()},"blocks":1,"total":${number()},"databaseOid":5,"filenode":7}`,
    `{"kind":"relation","schema":"public","relation":${name},"fork":"main","segment":0,"databaseOid":5,"filenode":7}`,
    `{"kind":"wal","timeline":1,"segment":"000000010000000000000045","lsn":"0/45A3C000"}`,
    `{"kind":"wal","timeline":1,"segment":"000000010000000000000045","lsn":${name}}`,
    `{"kind":"xact","file":"0000","block":1,"first":${number()},"last":${number()}}`,
    `{"kind":"other","file":${name}}`,
  ]);
}

/** The line as it is, or with something in it changed, taken out or doubled. */
function damage(text: string, random: (below: number) => number): string {
  const at = random(text.length);
  switch (random(16)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + '{}[]",:\\ \t0e-x'[random(14)] + text.slice(at);
    case 2:
      return text.slice(0, at);
    case 3:
      return text.replace(/:-?\d[\d.eE+-]*/, `:${BAD_NUMBERS[random(BAD_NUMBERS.length)]}`);
    case 4:
      return text.replace(/}$/, ',"fd":9}');
    case 5:
      return text.replace(/}}$/, ',"block":99}}');
    case 6:
      return text.replace(/}$/, ',"__proto__":{"a":1}}');
    case 7:
      return text.replace(/}$/, ',"later":"x"}');
    default:
      return text;
  }
}

function parse(text: string): Event | null {
  try {
    return decodeEvent(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A value with what is undefined in it left out, -0 and Infinity kept as JSON could not. */
function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(defined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, defined(item)]));
}

function eventOf(reader: TemplateReader, text: string): Event | null {
  const bytes = Buffer.from(text);
  const mould = reader.read(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  return mould === null ? null : cast(mould, reader.values);
}

test('what the fast way reads is what JSON.parse reads', () => {
  const random = randomFrom(20261122);
  let read = 0;
  for (let round = 0; round < 120; round++) {
    const reader = createTemplateReader();
    const shapes = Array.from({ length: 12 }, () => shape(random));
    for (let count = 0; count < 200; count++) {
      const whole = shapes[random(shapes.length)]!.replace(/#/g, () => NUMBERS[random(NUMBERS.length)]!);
      const text = Buffer.from(damage(whole, random)).toString();
      const event = eventOf(reader, `${text}\n{"type":"exit"}\n`);
      const expected = parse(text);
      if (event === null) {
        if (expected !== null) reader.learn(`${text}\n`, expected);
        continue;
      }
      read++;
      assert.deepEqual(defined(event), defined(expected), text);
      assert.equal(reader.end(), Buffer.byteLength(text) + 1, text);
    }
  }
  assert.ok(read > 8000, `the fast way read ${read} of 24000 lines`);
});

test('parts that do not change are shared, those that do are not', () => {
  const reader = createTemplateReader();
  const text = (block: number) =>
    `{"type":"syscall","ts":1,"pid":1,"call":"pread64","fd":3,"path":"/d","ret":8,"pg":{"kind":"temp","file":"t","block":${block}}}\n`;
  const read = (block: number) => eventOf(reader, text(block)) as Event & { pg: object };
  reader.learn(text(1), JSON.parse(text(1)));
  const [first, second] = [read(2), read(3)];
  assert.deepEqual(first.pg, { kind: 'temp', file: 't', block: 2 });
  assert.deepEqual(second.pg, { kind: 'temp', file: 't', block: 3 });
});
