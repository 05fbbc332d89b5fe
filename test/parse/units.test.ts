/** The small parts of the strace dialect. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { CALLS } from '../../src/parse/calls.js';
import { DIALECTS } from '../../src/parse/dialects.js';
import { mergeByTime } from '../../src/parse/merge.js';
import { Clock } from '../../src/parse/strace/clock.js';
import { read, readInt, readSeconds } from '../../src/parse/strace/number.js';
import { unquote } from '../../src/parse/strace/unquote.js';
import { Random } from '../random.js';

process.env.TZ = 'UTC';

test('escapes', () => {
  const cases: [string, string][] = [
    ['plain', 'plain'],
    ['\\n\\t\\r\\v\\f', '\n\t\r\v\f'],
    ['\\"\\\\', '"\\'],
    ['\\0', '\0'],
    ['\\1\\0029', '\x01\x029'],
    ['\\303\\251', 'é'],
    ['\\xc3\\xa9', 'é'],
    ['é\\251', 'é\ufffd'],
    ['\\76\\74', '><'],
    ['\\', '\\'],
    ['\\xzz', 'xzz'],
  ];
  for (const [escaped, text] of cases) assert.equal(unquote(escaped), text, escaped);
});

test('integers', () => {
  const cases: [string, unknown, number][] = [
    ['0', 0, 1],
    ['8192,', 8192, 4],
    ['-1)', -1, 2],
    ['0x1f', 31, 4],
    ['-0x1f', -31, 5],
    ['0x', 0, -1],
    ['9007199254740991', 9007199254740991, 16],
    ['9007199254740993', '9007199254740993', 16],
    ['-9007199254740993', '-9007199254740993', 17],
    ['0xffffffffffffffff', '18446744073709551615', 18],
    ['0x7ffd488eb928', 0x7ffd488eb928, 14],
    ['', 0, -1],
    ['x', 0, -1],
    ['-', 0, -1],
  ];
  for (const [text, value, after] of cases) {
    assert.equal(readInt(text, 0, text.length), after, text);
    if (after !== -1) assert.equal(read.value, value, text);
  }
});

test('a decimal of seconds is the nearest double', () => {
  const random = new Random(3);
  for (let count = 0; count < 10_000; count++) {
    const text = `${random.below(2e9)}.${String(random.below(1e6)).padStart(6, '0')}`;
    assert.equal(readSeconds(text, 0, text.length), Number(text), text);
  }
  assert.equal(readSeconds('1.5', 0, 3), 1.5);
  assert.equal(readSeconds('12', 0, 2), 12);
  assert.equal(readSeconds('0.000066334', 0, 11), 0.000066334);
});

test('midnight in a trace without dates', () => {
  const first = new Clock({ first: { year: 2026, month: 11, day: 22 } });
  const day = Date.UTC(2026, 10, 22) / 1000;
  assert.equal(first.timeOfDay(86399.5), day + 86399.5);
  assert.equal(first.timeOfDay(0.25), day + 86400.25);
  assert.equal(first.timeOfDay(86399.75), day + 86399.75);
  assert.equal(first.timeOfDay(3600), day + 86400 + 3600);
  assert.equal(first.kind, 'realtime');

  const lastWritten = new Date(Date.UTC(2026, 10, 22, 1, 0, 0));
  assert.equal(new Clock({ lastWritten }).timeOfDay(3600), day + 3600);
  assert.equal(new Clock({ lastWritten }).timeOfDay(7200), day - 86400 + 7200);

  const unknown = new Clock(null);
  assert.equal(unknown.timeOfDay(86399), 86399);
  assert.equal(unknown.timeOfDay(1), 86401);
  assert.equal(unknown.kind, 'relative');
});

test('every call of the table is in it once', () => {
  const names = [...CALLS.keys()];
  assert.ok(names.length > 100);
  for (const name of names) assert.match(name, /^[a-z0-9_]+$/);
});

async function* batches(...times: (number | null)[][]): AsyncGenerator<Event[]> {
  for (const batch of times) yield batch.map((ts) => ({ type: 'exit', ts, pid: 1, status: 0 }));
}

async function merged(traces: AsyncIterable<Event[]>[]): Promise<(number | null)[]> {
  const times: (number | null)[] = [];
  for await (const events of mergeByTime(traces, () => [])) {
    for (const event of events) if ('ts' in event) times.push(event.ts);
  }
  return times;
}

test('traces merge by time, an event without one behind its predecessor', async () => {
  const got = await merged([
    batches([1, null, 4], [7]),
    batches([2, 3], [], [5, 6]),
    batches(),
    batches([], [8]),
  ]);
  assert.deepEqual(got, [1, null, 2, 3, 4, 5, 6, 7, 8]);
});

test('of equal times the first trace comes first', async () => {
  const source = async function* (pid: number): AsyncGenerator<Event[]> {
    yield [1, 1, 2].map((ts) => ({ type: 'exit', ts, pid, status: 0 }));
  };
  const pids: (number | null)[] = [];
  for await (const events of mergeByTime([source(1), source(2)], () => [])) {
    for (const event of events) if (event.type === 'exit') pids.push(event.pid);
  }
  assert.deepEqual(pids, [1, 1, 2, 2, 1, 2]);
});

const options = { pid: null, date: null, raw: false };

test("a struct stat tells a regular file's size", () => {
  const cases: [string, number | undefined][] = [
    ['fstat(3</a>, {st_mode=S_IFREG|0600, st_size=8192, ...}) = 0', 8192],
    ['fstat(3, {st_mode=S_IFREG|S_ISUID|0755, st_size=0, ...}) = 0 <0.000010>', 0],
    ['newfstatat(3</a>, "", {st_mode=S_IFREG|0600, st_size=8192, ...}, AT_EMPTY_PATH) = 0', 8192],
    ['stat("/a, {st_size=1}", {st_dev=0xfe00, st_mode=0100600, st_nlink=1, st_size=3}) = 0', 3],
    ['lstat("/a", {st_mode=0100600 /* S_IFREG|0600 */, st_size=3, ...}) = 0', 3],
    ['fstat(3</a>, {st_mode=S_IFDIR|0700, st_size=4096, ...}) = 0', undefined],
    ['fstat(3<pipe:[1]>, {st_mode=010600, st_size=0, ...}) = 0', undefined],
    ['fstat(3</a>, {st_mode=S_IFREG|0600, st_size=9007199254740993, ...}) = 0', undefined],
    ['fstat(3</a>, {st_mode=S_IFREG|0600, ...}) = 0', undefined],
    ['fstat(3</a>, 0x7ffd488eb928) = -1 EBADF (Bad file descriptor)', undefined],
    ['fstat(3</a>, {st_mode=S_IFREG|0600, st_size=8192, ...} <unfinished ...>) = ?', undefined],
    ['close(3</a>) = 0', undefined],
  ];
  const dialect = DIALECTS.strace(options);
  for (const [line, size] of cases) {
    const events: Event[] = [];
    dialect.line(line, events);
    const [event] = events;
    assert.ok(event?.type === 'syscall' && event.args === undefined, line);
    assert.equal(event.size, size, line);
  }
});

test('hundreds of processes, each with a call under way', () => {
  const dialect = DIALECTS.strace(options);
  const events: Event[] = [];
  const pids = Array.from({ length: 500 }, (_, index) => 1000 + index);
  for (const pid of pids) dialect.line(`${pid} pread64(3</f${pid}>,  <unfinished ...>`, events);
  for (const pid of pids.reverse()) {
    dialect.line(`${pid} <... pread64 resumed>"x"..., 8192, ${pid * 8192}) = 8192`, events);
  }
  assert.equal(events.length, 500);
  for (const event of events) {
    assert.ok(event.type === 'syscall' && event.pid !== null);
    assert.equal(event.path, `/f${event.pid}`);
    assert.equal(event.offset, event.pid * 8192);
  }
});

test('hostile lines end soon, and none is lost', () => {
  const heads = ['', 'close(', 'close(3<', 'read(3, "', 'openat2(3, "", ', '3820 ', '[pid ', '<... ', '--- '];
  const fills = ['<', '< ', '"<', '\\', '"\\', '(', ',', '/*', ' ', '\0', '0', '{flags=', '\x1b[', '>', '->'];
  const dialect = DIALECTS.strace(options);
  let count = 0;
  for (const head of heads) {
    for (const text of fills) {
      const line = head + text.repeat((256 << 10) / text.length);
      const bytes = Buffer.from(line);
      const events: Event[] = [];
      const began = process.cpuUsage();
      dialect.line(line, events);
      dialect.bytes(bytes, 0, bytes.length, events);
      const seconds = process.cpuUsage(began).user / 1e6;
      assert.ok(seconds < 1, `two lines of ${head}${text} took ${seconds} s`);
      count += 2;
    }
  }
  assert.equal(dialect.tally.lines, count);
  assert.equal(dialect.tally.unparsed, count - 2, 'all are shown but `3820` and blanks, which say nothing');
});

test('what waits for its end is bounded', () => {
  const dialect = DIALECTS.strace(options);
  const events: Event[] = [];
  const argument = 'x'.repeat((1 << 20) - 100);
  for (let pid = 1; pid <= 40; pid++) dialect.line(`${pid} futex("${argument}",  <unfinished ...>`, events);
  assert.equal(events.length, 24, 'of 40 MiB 16 wait');
  dialect.end(events);
  assert.equal(events.length, 40);
  assert.ok(events.every((event) => event.type === 'syscall' && event.unfinished === true));
});
