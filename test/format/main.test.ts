import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { attempt } from '../../src/cli/run.js';
import type { Event } from '../../src/event/types.js';
import { main } from '../../src/format/main.js';

const TRACE: Event = { type: 'trace', schema: 1, source: 'strace', tool: 'test' };
const READ: Event = {
  type: 'syscall',
  ts: 1795324737.917464,
  pid: 3820,
  call: 'pread64',
  fd: 15,
  path: '=cmd|"x"',
  offset: 8192,
  length: 8192,
  ret: -1,
  errno: 'EIO',
  pg: {
    kind: 'relation',
    database: 'shop',
    schema: 'public',
    relation: 'or,der\ns',
    fork: 'main',
    segment: 0,
    block: 1,
    databaseOid: 5,
    filenode: 7,
  },
};
const CLOSE: Event = { type: 'syscall', ts: 1795324737.917465, pid: 3820, call: 'close', fd: 15, ret: 0 };
const INPUT = [TRACE, READ, CLOSE].map((event) => `${JSON.stringify(event)}\n`).join('');

async function run(argv: string[], input: string, terminal: Record<string, unknown> = {}, env = {}) {
  const written = { stdout: '', stderr: '' };
  const collect = (name: keyof typeof written) =>
    new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        written[name] += String(chunk);
        done();
      },
    });
  const status = await attempt('pgtrace-format', main, {
    argv,
    env,
    stdin: Readable.from([Buffer.from(input)]),
    stdout: Object.assign(collect('stdout'), terminal),
    stderr: collect('stderr'),
  });
  return { status, ...written };
}

const READ_TEXT = '05:18:57.917464 [3820] pread64(15<shop: public."or,der\\x0as" main 1>, 8192) = -1 EIO\n';
const CLOSE_TEXT = '05:18:57.917465 [3820] close(15) = 0\n';

test('prints all events but those that only -d asks for, or only what was understood', async () => {
  assert.deepEqual(await run(['--utc'], INPUT), { status: 0, stdout: READ_TEXT + CLOSE_TEXT, stderr: '' });
  assert.equal((await run(['--utc', '-n'], INPUT)).stdout, READ_TEXT);
  assert.match((await run(['--utc', '-d'], INPUT)).stdout, /^\*\*\* strace trace by test \*\*\*\n/);
});

test('CSV has one header, quotes what needs it, and no formula', async () => {
  const { stdout } = await run(['--format', 'csv', '-d'], INPUT);
  const [header, trace, read, close, rest] = stdout.split('\r\n');
  assert.equal(rest, '');
  assert.equal(header?.split(',').length, close?.split(',').length);
  assert.equal(trace?.split(',')[3], 'trace');
  assert.equal(
    read,
    `2026-11-22T05:18:57.917464Z,1795324737.917464,3820,syscall,pread64,15,"'=cmd|""x""",,8192,8192,,,-1,EIO,,` +
      'relation,shop,public,"or,der\\x0as",,,main,0,1,,,,7,,,,,,,,,',
  );
  assert.equal((await run(['--format', 'csv'], '')).stdout, `${header}\r\n`);
});

test('JSON is the events as they came, with nothing unprintable in them', async () => {
  assert.equal((await run(['--format', 'json', '-n'], INPUT)).stdout, `${JSON.stringify(READ)}\n`);
  const odd = { type: 'exit', ts: null, pid: 1, status: 0, raw: 'a\u202e\u009b😀\u{e0041}' };
  const { stdout } = await run(['--format', 'json'], `${JSON.stringify(odd)}\n`);
  assert.match(stdout, /a\\u202e\\u009b😀\\udb40\\udc41/);
  assert.deepEqual(JSON.parse(stdout), odd);
  const { stdout: tabs } = await run(
    ['--format', 'json'],
    '{"type":\t"exit","ts":null,"pid":1,"status":0}\n',
  );
  assert.equal(tabs, '{"type":"exit","ts":null,"pid":1,"status":0}\n');
});

const COLOURED: readonly [string, string[], Record<string, unknown>, Record<string, string>, boolean][] = [
  ['a terminal', [], { isTTY: true }, {}, true],
  ['a pipe', [], {}, {}, false],
  ['a terminal with NO_COLOR', [], { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a terminal with an empty NO_COLOR', [], { isTTY: true }, { NO_COLOR: '' }, true],
  ['a dumb terminal', [], { isTTY: true }, { TERM: 'dumb' }, false],
  ['a terminal with --color never', ['--color', 'never'], { isTTY: true }, {}, false],
  ['a pipe with --color always', ['--color', 'always'], {}, { NO_COLOR: '1' }, true],
];

for (const [name, argv, terminal, env, expected] of COLOURED) {
  test(`${expected ? 'colours' : 'no colours'} on ${name}`, async () => {
    assert.equal((await run(argv, INPUT, terminal, env)).stdout.includes('\x1b['), expected);
  });
}

test('what is no event is printed as such and counted', async () => {
  const { status, stdout, stderr } = await run([], 'close(3) = 0\n');
  assert.equal(stdout, '??? line 1: close(3) = 0\n');
  assert.match(stderr, /^pgtrace-format: lines that were no events: 1 .*\nhint: /);
  assert.equal(status, 0);
});

test('reads the files it is given, one after the other, under one header', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-format-'));
  try {
    const file = join(directory, 'events');
    writeFileSync(file, JSON.stringify([READ, CLOSE], null, 2));
    assert.equal((await run(['--utc', file, file], '')).stdout, (READ_TEXT + CLOSE_TEXT).repeat(2));
    assert.equal((await run(['--format', 'csv', file, file], '')).stdout.split('time,').length, 2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('says what is wrong with its options and its files', async () => {
  assert.match((await run(['-n', '-d'], '')).stderr, /-n and -d exclude each other/);
  assert.equal((await run(['-n', '-d'], '')).status, 2);
  assert.equal((await run(['--format', 'xml'], '')).status, 2);
  const missing = await run(['/nonexistent'], '');
  assert.match(missing.stderr, /^pgtrace-format: cannot read \/nonexistent \(no such file\)/);
  assert.equal(missing.status, 1);
});
