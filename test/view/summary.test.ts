import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { DIMENSIONS } from '../../src/view/summary/rows.js';
import { createSummary, type SummaryOptions } from '../../src/view/summary/summary.js';
import { createTrail, ORDERS, PKEY } from './events.js';
import { assertSame, noJq } from './independent.js';

const FILE = 'fixtures/trace/15.resolved.ndjson';

for (const by of ['relation', 'process', 'call', 'database', 'kind', 'file'] as const) {
  test(`a summary by ${by} is what jq computes`, { skip: noJq() ?? false }, () => {
    assert.ok(assertSame(by, [FILE]) > 1);
  });
}

const PLAIN: SummaryOptions = {
  by: ['relation'],
  format: 'text',
  sort: 'time',
  top: Number.POSITIVE_INFINITY,
  histogram: false,
};

function report(
  events: readonly Event[],
  options: Partial<SummaryOptions> = {},
  width = Number.POSITIVE_INFINITY,
) {
  const summary = createSummary({ ...PLAIN, ...options });
  summary.write(events);
  return summary.report(width);
}

function work(): Event[] {
  const trail = createTrail();
  for (let block = 0; block < 250; block++) trail.read(ORDERS, block);
  trail.read(PKEY, 0);
  trail.call({ call: 'fsync', fd: 3, ret: -1, errno: 'EIO', path: 'evil\u001b[2Jname', dur: 0.25 });
  return trail.events;
}

test('a table for people', () => {
  assert.equal(
    report(work()),
    `252 calls of 1 process in 501ms: 376ms in calls, 125ms outside; read 1.96MB, written 0B

CALLS    READ  WRITTEN  BLOCKS   SEQ  ERRORS   TIME   MEAN    P50    P95    P99    MAX  DONE  RELATION
    1      0B       0B       -     -       1  250ms  250ms  250ms  250ms  250ms  250ms     -  evil\\x1b[2Jname
  250  1.95MB       0B     250  100%       0  125ms  500us  500us  500us  500us  500us   25%  shop: public.orders
    1  8.00kB       0B       1     -       0  500us  500us  500us  500us  500us  500us     -  shop: public.orders_pkey (index)
`,
  );
});

test('nothing that events say of a relation reaches the terminal raw', () => {
  const evil = 'x\u001b[2J\u009b2J';
  const trail = createTrail();
  trail.read({ relation: evil, schema: evil, database: evil, relkind: evil as 'table', rewriteOf: evil }, 0);
  assert.doesNotMatch(report(trail.events, { by: DIMENSIONS }), /(?!\n)\p{C}/u);
});

test('a narrow terminal gets fewer columns, and no line beyond its edge', () => {
  for (const width of [40, 60, 80, 100]) {
    for (const line of report(work(), { by: ['relation', 'process', 'call'] }, width)
      .split('\n')
      .slice(1))
      assert.ok(line.length <= Math.max(width, 50), line);
  }
});

test('sorted by a column, cut, and what was left out is counted', () => {
  const rows = report(work(), { sort: 'calls', top: 1 }).split('\n');
  assert.match(rows[3]!, /orders$/);
  assert.equal(rows[4], '(2 more)');
});

test('a histogram has a bar for each power of two', () => {
  const text = report(work(), { histogram: true, top: 1, by: ['call'], sort: 'calls' });
  assert.match(text, /\npread64\n {2}262us \.\. {2}524us {2}251 {2}#{40}\n/);
});

test('rows for programs say what is not known by null', () => {
  const [total, first] = report(work(), { format: 'json' })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([total.by, total.calls, total.read], ['total', 252, 251 * 8192]);
  assert.deepEqual([first.name, first.blocks, first.done], ['evil\u001b[2Jname', null, null]);
  const csv = report(work(), { format: 'csv' }).split('\r\n');
  assert.ok(csv.every((line) => line === '' || line.split(',').length === csv[0]!.split(',').length));
  assert.ok(!csv.some((line) => line.includes('\u001b')));
});

test('memory grows with objects, not with events', () => {
  const summary = createSummary(PLAIN);
  const { events } = createTrail();
  const trail = work();
  for (let n = 0; n < 40; n++) events.push(...trail);
  summary.write(events);
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 10; n++) summary.write(events);
  assert.ok(process.memoryUsage().heapUsed - before < 40 * 2 ** 20);
  assert.match(summary.report(80), /^110880 calls/);
});

test('SIGUSR1 prints a table, SIGINT the last one, with exit status 0', async () => {
  const child = spawn(process.execPath, ['bin/pgtrace-summary', '--top', '1', '--interval', '0.2'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let tables = 0;
  const seen = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (tables >= count) resolve();
      };
      child.stdout.on('data', look);
      look();
    });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    tables += text.split('CALLS').length - 1;
  });
  child.stdin.write(readFileSync(FILE));
  // With a report of the interval it is clear that the command listens: a signal before would end it.
  await seen(1);
  const before = tables;
  child.kill('SIGUSR1');
  await seen(before + 1);
  child.kill('SIGINT');
  child.stdin.end();
  const [status, signal] = await once(child, 'close');
  assert.deepEqual([status, signal], [0, null]);
  assert.ok(tables >= before + 2);
});

test('a line that SIGINT cuts off is not called one that was not understood', async () => {
  const child = spawn(process.execPath, ['bin/pgtrace-summary', '--interval', '0.2'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  child.stdin.write(`${readFileSync(FILE, 'utf8')}{"type":"sysc`);
  const [report] = await once(child.stdout.setEncoding('utf8'), 'data');
  assert.match(report, /^\d+ calls/);
  child.stdout.resume();
  // Who writes has two seconds to end.
  child.kill('SIGINT');
  const [status] = await once(child, 'close');
  assert.deepEqual([status, told], [0, '']);
});

test('bad options are told, with exit status 2', () => {
  for (const [args, message] of [
    [['--by', 'tables'], /--by: no such table \(expected relation, table, .*, found tables\)/],
    [['--top', '0'], /--top: out of range/],
    [['--interval', 'x'], /--interval: out of range/],
    [['--sort', 'size'], /--sort: bad value/],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, ['bin/pgtrace-summary', ...args, FILE], {
      encoding: 'utf8',
    });
    assert.equal(status, 2, stderr);
    assert.match(stderr, message);
  }
});

test('by process, what each is at stands behind its name, and in a key of its own', () => {
  const trail = createTrail();
  for (let block = 0; block < 250; block++) trail.read(ORDERS, block);
  assert.match(report(trail.events, { by: ['process'] }), /3820 \(scan, public\.orders, ~25%\)\n/);
  const rows = report(trail.events, { by: ['process'], format: 'json' })
    .trim()
    .split('\n');
  const { activity, done } = JSON.parse(rows.at(-1)!);
  assert.deepEqual([activity, done], ['scan, public.orders, ~25%', 0.25]);
});
