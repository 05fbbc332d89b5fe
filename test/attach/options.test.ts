import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { type AttachOptions, declareAttach, readAttach } from '../../src/attach/options.js';
import { UsageError } from '../../src/cli/diagnostic.js';
import { parseOptions } from '../../src/cli/options.js';

async function read(...argv: string[]): Promise<AttachOptions> {
  const io = {
    argv,
    env: {},
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  };
  const usage = { name: 'test', synopsis: 'test', summary: 'Tests.', examples: [] };
  return readAttach((await parseOptions(io, usage, declareAttach))!);
}

test('what is not said', async () => {
  assert.deepEqual(await read('-p', '7'), {
    pids: [7],
    directory: undefined,
    via: 'auto',
    duration: undefined,
    rate: 100,
    allCalls: false,
    workers: true,
    statements: false,
    buffers: false,
    texts: { length: 1024, redact: false },
  });
});

test('all that can be said', async () => {
  const line = ['-p', '7', '--pid=8', '-D', 'data', '--via', 'sample', '--duration', '1.5', '--rate', '200'];
  const more = ['--statements', '--statement-length', '80', '--redact', '--buffers'];
  assert.deepEqual(await read(...line, '--all-calls', '--no-workers', ...more), {
    pids: [7, 8],
    directory: 'data',
    via: 'sample',
    duration: 1.5,
    rate: 200,
    allCalls: true,
    workers: false,
    statements: true,
    buffers: true,
    texts: { length: 80, redact: true },
  });
});

test('accesses are told, counted, or left out', async () => {
  const buffers = async (...line: string[]) => (await read(...line)).buffers;
  assert.equal(await buffers('--buffers', '-p', '7'), true);
  assert.equal(await buffers('--buffers=count', '-p', '7'), 'count');
  assert.equal(await buffers('-p', '7', '--buffers', 'count'), 'count');
  assert.equal(await buffers('-p', '7', '--no-buffers'), false);
});

for (const line of [
  ['-p', 'x'],
  ['-p', '0'],
  ['-p', '1e3'],
  ['-p', '4194305'],
  ['-p'],
  ['--duration', '0'],
  ['--duration', '-1'],
  ['--duration', 'Infinity'],
  ['--duration', '1', '--duration', '2'],
  ['--rate', '1001'],
  ['--statement-length', '0'],
  ['--statement-length', '1e9'],
  ['--via', 'perf'],
  ['-D', 'a', '-D', 'b'],
  ['--buffers=all'],
  ['--buffers', '7'],
  ['--buffers', '--buffers=count'],
  ['--nonsense'],
]) {
  test(`bad usage: ${line.join(' ')}`, () => assert.rejects(read(...line), UsageError));
}
