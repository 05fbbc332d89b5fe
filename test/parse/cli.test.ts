/** pgtrace-parse as its user meets it. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const COMMAND = 'bin/pgtrace-parse';
const folder = mkdtempSync(join(tmpdir(), 'pgtrace-parse-'));
after(() => rmSync(folder, { recursive: true }));

function save(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function parse(args: readonly string[], input = '') {
  const run = spawnSync(process.execPath, [COMMAND, ...args], {
    input,
    maxBuffer: 8 << 20,
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  const events = run.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  return { status: run.status, stderr: run.stderr, stdout: run.stdout, events };
}

const LINE = '3820  1795324737.917464 close(3</a>) = 0 <0.000003>\n';

test('standard input, a file, and - give the same', () => {
  const file = save('one.log', LINE);
  const { status, stderr, events } = parse([], LINE);
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(events.length, 2);
  assert.match(events[0].tool, /^pgtrace-parse \d/);
  const { tool: _, ...trace } = events[0];
  assert.deepEqual(trace, { type: 'trace', schema: 1, source: 'strace', clock: 'realtime' });
  assert.deepEqual(parse([file]).events, events);
  assert.deepEqual(parse(['-'], LINE).events, events);
});

test('the trace event tells the clock, wherever the first time stands', () => {
  const cases: [string, string][] = [
    [`strace: Process 3820 attached\n${LINE}`, 'realtime'],
    ['12:00:00 close(3) = 0\n', 'relative'],
    ['     0.000000 close(3) = 0\n', 'relative'],
    ['close(3) = 0\n', 'none'],
    ['', 'none'],
    ['nothing\n', 'none'],
  ];
  for (const [text, clock] of cases) assert.equal(parse([], text).events[0].clock, clock, text);
});

test('the date of times without one: --date, or when the file was written', () => {
  const text = '23:59:59 close(3) = 0\n00:00:01 close(4) = 0\n';
  const midnight = Date.UTC(2026, 10, 22) / 1000;
  const expected = [midnight - 1, midnight + 1];
  const times = (args: string[], input = '') =>
    parse(args, input)
      .events.slice(1)
      .map((event) => event.ts);
  assert.deepEqual(times(['--date', '2026-11-21'], text), expected);
  const file = save('midnight.log', text);
  utimesSync(file, midnight + 2, midnight + 2);
  assert.deepEqual(times([file]), expected);
});

test('several files merge by time; their processes are in their names', () => {
  const one = save('ff.log.3820', '1795324737.000001 close(3) = 0\n1795324737.000004 close(4) = 0\n');
  const two = save(
    'ff.log.3821',
    '1795324737.000002 close(3) = 0\nnonsense\n1795324737.000003 close(4) = 0\n',
  );
  const { status, stderr, events } = parse([one, two]);
  assert.equal(status, 0);
  assert.deepEqual(
    events.slice(1).map((event) => event.pid ?? event.text),
    [3820, 3821, 'nonsense', 3821, 3820],
  );
  assert.equal(events[3].file, two);
  assert.equal(stderr, `pgtrace-parse: ${two}: 1 line not understood (first: line 2)\n`);
});

test('--raw adds the line', () => {
  const [, event] = parse(['--raw'], LINE).events;
  assert.equal(event.raw, LINE.trimEnd());
});

test('what is not understood is counted; --strict fails at it', () => {
  const text = `${LINE}nonsense\n${LINE}more \x1b]0;title\x07\n`;
  const lenient = parse([], text);
  assert.equal(lenient.status, 0);
  assert.equal(lenient.stderr, 'pgtrace-parse: 2 lines not understood (first: line 2)\n');
  assert.deepEqual(lenient.events[2], { type: 'unparsed', line: 2, text: 'nonsense' });
  const strict = parse(['--strict'], text);
  assert.equal(strict.status, 1);
  assert.match(strict.stderr, /line 2 is not understood \(expected what strace prints\)/);
  assert.equal(strict.events.length, 5, 'what was read is written');
});

test('a line without end is cut and counted', () => {
  const { status, stderr, events } = parse([], `${LINE}read(3, "${'x'.repeat(3 << 20)}", 1) = 1\n${LINE}`);
  assert.equal(status, 0);
  assert.match(stderr, /1 line was longer than 1048576 bytes and cut there/);
  assert.equal(events[2].type, 'unparsed');
  assert.equal(events[3].call, 'close');
});

test('bad usage and unreadable files', () => {
  const cases: [string[], number, RegExp][] = [
    [['--nonsense'], 2, /hint: pgtrace-parse --help/],
    [['--date', 'yesterday'], 2, /expected YYYY-MM-DD, found "yesterday"/],
    [['--date', '2026-02-30'], 2, /--date is no day/],
    [['--dialect', 'nonsense'], 2, /nonsense/],
    [[join(folder, 'nowhere')], 1, /cannot read .*nowhere \(no such file\)/],
    [[folder], 1, /expected a file, found a directory/],
  ];
  for (const [args, status, message] of cases) {
    const run = parse(args);
    assert.equal(run.status, status, args.join(' '));
    assert.match(run.stderr, message);
    assert.equal(run.stdout, '');
  }
});

test('a reader that goes away is success, and silent', () => {
  const file = save('long.log', LINE.repeat(200_000));
  const run = spawnSync('sh', ['-c', `"$0" ${COMMAND} "$1" | head -n 1; echo done`, process.execPath, file], {
    encoding: 'utf8',
  });
  assert.equal(run.stderr, '');
  assert.match(run.stdout, /^\{"type":"trace".*\ndone\n$/);
});

test('SIGINT writes what was read and ends with success', async () => {
  const child = spawn(process.execPath, [COMMAND], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.write(`${LINE}3820  1795324737.917465 read(3</a>,  <unfinished ...>\n`);
  child.stdout.setEncoding('utf8');
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  while (!output.includes('"close"')) await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [status] = await once(child, 'close');
  assert.equal(status, 0);
  assert.equal(output.trimEnd().split('\n').length, 3);
  assert.match(output, /"call":"read".*"unfinished":true/);
});
