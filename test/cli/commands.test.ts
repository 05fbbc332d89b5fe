/** What every command in bin/ owes its user on the command line: exit statuses, and diagnostics with hints. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const COMMANDS = readdirSync('bin');
const FILTERS = COMMANDS.filter((name) => /parse|resolve|format|summary/.test(name));

function call(command: string, args: readonly string[], stdout: 'pipe' | number = 'pipe') {
  const { PGDATA, ...env } = process.env;
  const run = spawnSync(process.execPath, [`bin/${command}`, ...args], {
    env,
    stdio: ['ignore', stdout, 'pipe'],
    encoding: 'utf8',
  });
  return { status: run.status, stdout: run.stdout ?? '', stderr: run.stderr };
}

function refused(command: string, args: readonly string[], status: number, message: RegExp): void {
  const run = call(command, args);
  const line = `${command} ${args.join(' ')}`;
  assert.equal(run.status, status, `${line}: ${run.stderr}`);
  assert.match(run.stderr, message, line);
  assert.match(run.stderr, new RegExp(`^${command}: \\P{Cc}+\\nhint: \\P{Cc}+\\n$`, 'u'), line);
  assert.equal(run.stdout, '', line);
}

test('an unknown option is bad usage', () => {
  for (const command of COMMANDS) refused(command, ['--nonsense'], 2, /: unknown option --nonsense\n/);
});

test('an option without its value, or with a bad one, is bad usage', () => {
  refused('pgtrace', ['--via'], 2, /: --via: no value/);
  refused(
    'pgtrace-attach',
    ['--via', 'magic'],
    2,
    /: --via: bad value \(expected one of .*"sample", found "magic"\)/,
  );
  refused('pgtrace-attach', ['-p', '0'], 2, /: -p: bad process id/);
  refused('pgtrace-resolve', ['-D'], 2, /: -D: no value/);
  refused('pgtrace-format', ['--format', 'xml'], 2, /: --format: bad value .*found "xml"/);
});

test('a file where none belongs is bad usage', () => {
  refused('pgtrace', ['trace.log'], 2, /surplus argument trace\.log/);
  refused('pgtrace-attach', ['3820'], 2, /surplus argument 3820/);
});

test('a file that cannot be read is a failure', () => {
  for (const command of FILTERS) {
    refused(command, ['no/such/file'], 1, /: cannot read no\/such\/file \(no such file\)\n/);
    refused(command, ['src'], 1, /: cannot read src \(expected a file, found a directory\)\n/);
  }
});

test('a full disk is a failure, and no crash', (context) => {
  if (!existsSync('/dev/full')) {
    context.skip('this system has no /dev/full');
    return;
  }
  const full = openSync('/dev/full', 'w');
  for (const [command, file] of [
    ['pgtrace-parse', 'fixtures/trace/15.strace'],
    ['pgtrace-format', 'fixtures/trace/15.resolved.ndjson'],
    ['pgtrace-summary', 'fixtures/trace/15.resolved.ndjson'],
  ] as const) {
    const { status, stderr } = call(command, [file], full);
    assert.equal(status, 1, command);
    assert.match(
      stderr,
      new RegExp(`^${command}: cannot write standard output \\(ENOSPC.*\\)\\nhint: .*\\n$`),
    );
  }
  closeSync(full);
});
