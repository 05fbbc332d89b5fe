/** The fast way and the general rules give the same events, of whatever line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEvents } from '../../src/event/encode.js';
import type { Event } from '../../src/event/types.js';
import { DIALECTS } from '../../src/parse/dialects.js';
import { Random } from '../random.js';

process.env.TZ = 'UTC';

const PREFIXES = [
  '3820  1795324737.917464 ',
  '3821  1795324738.000000 ',
  '7 1795324737.917464 ',
  '1795324737.917464 ',
  '3820  12:05:37.917464 ',
  '3820  12:05:37 ',
  '3820  1795324737.917464123 ',
  '3820  179532473.917464 ',
  '38201234 1795324737.917464 ',
  '3820 ',
  '',
];
const FDS = ['3', '15', '1023', '1024', '-1', '0x3', '03', '4294967295', '99999999999', 'AT_FDCWD', 'x'];
const ANNOTATIONS = [
  '',
  '',
  '</var/lib/postgresql/15/main/base/5/16384>',
  '</var/lib/postgresql/15/main/base/5/16384>(deleted)',
  '</a>',
  '</a>b>',
  '</a>,b>',
  '<socket:[1]>',
  '</dev/null<char 1:3>>',
  '</caf\\303\\251>',
  '</café>',
  '<',
];
const BUFFERS = [
  '""',
  '"abc"...',
  '"\\"\\\\"...',
  '"\\\\\\""',
  '"a, b) = 3"',
  '0x7ffe',
  'NULL',
  '[{a="b", c=1}]',
  '[{events=EPOLLIN, data={u32=1, u64=(2)}}, ...]',
  '[}{]',
  '"open',
  'a b',
  '"x" /* 3 */',
];
const NUMBERS = [
  '0',
  '8192',
  '08',
  '0x2000',
  '-1',
  'NULL',
  '9007199254740993',
  '999999999999999',
  '18446744073709551615',
  'x',
  '',
];
const WORDS = [
  'SEEK_SET',
  'SEEK_END',
  '0',
  '1',
  '7',
  '0x2',
  'A|B',
  '0x2 /* SEEK_END */',
  'MSG_???',
  '"a"',
  '',
];
const RESULTS = [
  ' = 0',
  ' = 8192',
  '                 = 8192',
  ' = 022',
  ' = 0x10',
  ' = -1 EAGAIN (Resource temporarily unavailable)',
  ' = -1 EAGAIN (Resource temporarily unavailable) (INJECTED)',
  ' = -1 EAGAIN',
  ' = -2 ENOENT (No)',
  ' = -1',
  ' = ?',
  ' = ? ERESTARTSYS (To be restarted)',
  ' = 3</a>',
  ' = 1 (Timeout)',
  ' = 9007199254740993',
  ' = 999999999999999',
  ' =',
  ' = x',
  '',
];
const DURATIONS = [
  '',
  ' <0.000003>',
  ' <12.000003>',
  ' <0.000003123>',
  ' <12>',
  ' <x>',
  ' <0.00a003>',
  ' <123456789.000001>',
  ' <unavailable>',
];
const ENDINGS = ['', '', '', '', '\r', ' <unfinished ...>', ' <detached ...>', 'x'];

function randomLine(random: Random): string {
  const fd = random.pick(FDS) + random.pick(ANNOTATIONS);
  const buffer = random.pick(BUFFERS);
  const number = () => random.pick(NUMBERS);
  const word = random.pick(WORDS);
  const call = random.pick([
    `pread64(${fd}, ${buffer}, ${number()}, ${number()})`,
    `pwrite64(${fd}, ${buffer}, ${number()}, ${number()}, ${number()})`,
    `read(${fd}, ${buffer}, ${number()})`,
    `read(${fd}, ${buffer})`,
    `write(${fd},${buffer}, ${number()})`,
    `lseek(${fd}, ${number()}, ${word})`,
    `recvfrom(${fd}, ${buffer}, ${number()}, ${word}, NULL, NULL)`,
    `fsync(${fd})`,
    `close()`,
    `close(${fd}`,
    `futex(${buffer}, ${word})`,
    `<... read resumed>${buffer}, ${number()})`,
  ]);
  const head = random.pick(PREFIXES);
  return head + call + random.pick(RESULTS) + random.pick(DURATIONS) + random.pick(ENDINGS);
}

/** Lines that the fast way can read more often than not, so that it is tried with what it remembers. */
function plainLine(random: Random): string {
  const fd = `${3 + random.below(4)}${random.pick(ANNOTATIONS.slice(0, 7))}`;
  const head = random.pick(PREFIXES.slice(0, 3));
  const tail = random.pick(RESULTS.slice(0, 7)) + random.pick(DURATIONS.slice(0, 4));
  return `${head}pread64(${fd}, ${random.pick(BUFFERS.slice(0, 7))}, 8192, ${random.below(1e9)})${tail}`;
}

const options = { pid: null, date: { first: { year: 2026, month: 11, day: 22 } }, raw: false };

test('bytes and text of random lines give the same events', () => {
  const random = new Random(20261122);
  const bytes = DIALECTS.strace(options);
  const text = DIALECTS.strace(options);
  for (let count = 0; count < 60_000; count++) {
    const line = random.below(2) === 0 ? plainLine(random) : randomLine(random);
    const fast: Event[] = [];
    const general: Event[] = [];
    const block = Buffer.from(`before\n${line}\nafter`);
    bytes.bytes(block, 7, block.length - 6, fast);
    text.line(line, general);
    assert.deepEqual(fast, general, line);
  }
  assert.deepEqual(bytes.tally, text.tally);
});

test('an encoded event is what JSON.stringify gives, to the last digit', () => {
  const random = new Random(7);
  const dialect = DIALECTS.strace({ ...options, raw: true });
  const events: Event[] = [];
  for (let count = 0; count < 20_000; count++) dialect.line(randomLine(random), events);
  dialect.end(events);
  const lines = encodeEvents(events).trimEnd().split('\n');
  assert.equal(lines.length, events.length);
  for (const [index, line] of lines.entries()) assert.deepEqual(JSON.parse(line), events[index], line);
});
