/** pgtrace is its three parts in a pipe: the same text, whatever the trace and the selection. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { test } from 'node:test';

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

function run(command: string, args: readonly string[], input: { file: string } | { text: string }): Outcome {
  const stdin = 'file' in input ? openSync(input.file, 'r') : ('pipe' as const);
  const text = 'text' in input ? { input: input.text } : {};
  return spawnSync(process.execPath, [`bin/${command}`, ...args], {
    stdio: [stdin, 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { PATH: process.env.PATH, TZ: 'UTC' },
    ...text,
  });
}

const cases: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['15-plain', []],
  ['15-tt', ['-d']],
  ['18', ['-n']],
];

for (const [name, flags] of cases) {
  test(`${name} ${flags.join(' ')}: one process prints what three in a pipe do`, () => {
    const trace = { file: `fixtures/trace/${name}.strace` };
    const directory = ['-D', `fixtures/pgdata/${name.replace(/-.*/, '')}`];
    const events = run('pgtrace-parse', [], trace);
    const told = run('pgtrace-resolve', directory, { text: events.stdout });
    const expected = run('pgtrace-format', flags, { text: told.stdout });
    const found = run('pgtrace', [...directory, ...flags], trace);
    assert.equal(found.status, 0, found.stderr);
    assert.ok(expected.stdout.length > 1000);
    // The trace event names the tool that made it.
    assert.equal(found.stdout.replace(/\bpgtrace (?=\d+\.\d+\.\d+)/, 'pgtrace-parse '), expected.stdout);
  });
}

test('pg_trace is pgtrace', () => {
  const input = { file: 'fixtures/trace/15-plain.strace' };
  const args = ['-n', '-D', 'fixtures/pgdata/15'];
  assert.deepEqual(run('pg_trace', args, input).stdout, run('pgtrace', args, input).stdout);
});

test('bad usage is told with status 2', () => {
  const { status, stderr } = run('pgtrace', ['-n', '-d'], { text: '' });
  assert.equal(status, 2);
  assert.match(stderr, /^pgtrace: -d, -n.* exclude each other \(expected one, found -d and -n\)/);
});

test('-D with --duration or --via is live, whatever standard input is', () => {
  for (const option of ['--duration=1', '--via=strace']) {
    const { status, stderr } = run('pgtrace', ['-D', 'fixtures/pgdata/15', option], { text: '' });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /postmaster\.pid/);
  }
});

test('no such process is told with status 1', () => {
  const { status, stderr } = run('pgtrace', ['-p', String(2 ** 22)], { text: '' });
  assert.equal(status, 1);
  assert.match(stderr, /^pgtrace: no process 4194304 .*\nhint: /);
});
