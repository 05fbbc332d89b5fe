import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { attempt } from '../../src/cli/run.js';
import type { Event } from '../../src/event/types.js';
import { main } from '../../src/resolve/main.js';
import type { Expected } from '../servers/record/expected.js';
import { open, read, syscall } from './events.js';

/** Snapshots of real clusters. */
const SNAPSHOT = 'fixtures/pgdata/15';
/** Of pg_class in one of its databases, as the server said. */
const PATH = pathOf('pg_class');

interface Outcome {
  status: number;
  lines: Record<string, unknown>[];
  stderr: string;
}

async function resolve(
  argv: string[],
  input: string | readonly Event[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const text =
    typeof input === 'string' ? input : input.map((event) => `${JSON.stringify(event)}\n`).join('');
  const stdout = collector();
  const stderr = collector();
  const io = { argv, env, stdin: Readable.from([Buffer.from(text)]), stdout, stderr };
  const status = await attempt('pgtrace-resolve', main, io);
  const lines = stdout
    .text()
    .split('\n')
    .filter((line) => line !== '');
  return { status, lines: lines.map((line) => JSON.parse(line)), stderr: stderr.text() };
}

function collector(): Writable & { text(): string } {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return Object.assign(sink, { text: () => Buffer.concat(chunks).toString() });
}

function pathOf(relation: string): string {
  const { relations } = JSON.parse(readFileSync(join(SNAPSHOT, 'expected.json'), 'utf8')) as Expected;
  return relations.find((fork) => fork.relation === relation && fork.fork === 'main')!.path;
}

/** What the outcome's line says, as plain keys. */
function pgOf({ lines, stderr }: Outcome, line: number): Record<string, unknown> {
  const pg = lines[line]?.pg;
  assert.ok(typeof pg === 'object' && pg !== null, stderr);
  return pg as Record<string, unknown>;
}

const PG_CLASS = [open(PATH, 3), syscall('pread64', { fd: 3, length: 8192, offset: 0, ret: 8192 })];

test('names come from -D, else from $PGDATA', async () => {
  for (const outcome of [
    await resolve(['-D', SNAPSHOT], PG_CLASS),
    await resolve([], PG_CLASS, { PGDATA: SNAPSHOT }),
  ]) {
    assert.equal(outcome.status, 0, outcome.stderr);
    const { relation, block } = pgOf(outcome, 1);
    assert.deepEqual([relation, block], ['pg_class', 0]);
  }
});

test('else from the directory that the events show', async () => {
  const directory = join(process.cwd(), SNAPSHOT);
  const byPath = await resolve([], [open(`${directory}/${PATH}`, 3)]);
  assert.equal(pgOf(byPath, 0).relation, 'pg_class', byPath.stderr);
  const started: Event = { type: 'process', ts: 1, pid: 10, cwd: directory, version: '15' };
  const byProcess = await resolve([], [started, ...PG_CLASS]);
  assert.equal(pgOf(byProcess, 1).relation, 'pg_class', byProcess.stderr);
});

test('without any, files are told by their paths alone', async () => {
  const outcome = await resolve([], [open('/none/here/base/5/16384', 3)]);
  const { stderr } = outcome;
  assert.equal(outcome.status, 0);
  assert.equal(pgOf(outcome, 0).unresolved, 'no data directory');
  assert.match(stderr, /names are unknown: \/none\/here: no such file/);
  assert.match(stderr, /1 event unresolved: no data directory/);
});

test('a directory that is given must be one', async () => {
  const missing = await resolve(['-D', '/none/here'], '');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^pgtrace-resolve: \/none\/here: no such file or directory\nhint: /);
  const other = await resolve(['-D', 'src'], '');
  assert.equal(other.status, 1);
  assert.match(other.stderr, /^pgtrace-resolve: src: PG_VERSION: no such file or directory\nhint: /);
  assert.equal((await resolve(['-D', 'package.json'], '')).status, 1);
});

test('bad usage is 2, a file that cannot be read is 1', async () => {
  assert.equal((await resolve(['--nonsense'], '')).status, 2);
  assert.equal((await resolve(['-D', 'a', '-D', 'b'], '')).status, 2);
  for (const argv of [['/none/events'], ['src'], ['--lsof', '/none/lsof'], ['--lsof', 'package.json']]) {
    const { status, stderr } = await resolve(['-D', SNAPSHOT, ...argv], '');
    assert.equal(status, 1, argv.join(' '));
    assert.doesNotMatch(stderr, /defect/);
  }
});

test('what is no event is passed on, marked and counted', async () => {
  const { status, lines, stderr } = await resolve(
    ['-D', SNAPSHOT],
    'hello\n{"type":"later","x":[1]}\n\n{bad\n',
  );
  assert.equal(status, 0);
  assert.deepEqual(lines, [
    { type: 'unparsed', line: 1, text: 'hello' },
    { type: 'later', x: [1] },
    { type: 'unparsed', line: 4, text: '{bad' },
  ]);
  assert.match(stderr, /2 lines not understood/);
});

test('--lsof tells what was open', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-'));
  try {
    const listing = join(directory, 'lsof.txt');
    writeFileSync(listing, `p10\nfcwd\nn/srv/pg\nf15\ntREG\no0t8192\nn/srv/pg/${PATH}\n`);
    const pread = syscall('pread64', { fd: 15, length: 8192, offset: 8192, ret: 8192 });
    const outcome = await resolve(['-D', SNAPSHOT, '--lsof', listing], [read(15, 8192), pread]);
    const unknown = pgOf(outcome, 0);
    const known = pgOf(outcome, 1);
    assert.deepEqual([unknown.relation, unknown.block], ['pg_class', undefined]);
    assert.deepEqual([known.relation, known.block], ['pg_class', 1]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('several files are one trace', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-'));
  try {
    const files = PG_CLASS.map((event, index) => {
      const file = join(directory, `${index}.ndjson`);
      writeFileSync(file, JSON.stringify(event));
      return file;
    });
    assert.equal(pgOf(await resolve(['-D', SNAPSHOT, ...files], ''), 1).relation, 'pg_class');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
