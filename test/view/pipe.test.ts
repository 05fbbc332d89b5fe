import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { pipeOf, readPipe } from '../../src/view/pipe.js';

/** A pipe whose writer is a child that runs `script` with its standard output there. */
function pipeFrom(script: string): { fd: number; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-pipe-'));
  const path = join(directory, 'pipe');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const child = spawn('sh', ['-c', `exec > '${path}'; ${script}`], { stdio: 'ignore' });
  return {
    fd,
    remove() {
      child.kill();
      rmSync(directory, { recursive: true });
    },
  };
}

const never = new AbortController().signal;

test('all that is written to a pipe comes, in its order, in one buffer', async () => {
  const { fd, remove } = pipeFrom('sleep 0.1; seq 1 100000');
  const buffers = new Set<ArrayBufferLike>();
  let text = '';
  const ending = await readPipe(
    fd,
    (bytes) => {
      buffers.add(bytes.buffer);
      text += bytes.toString('latin1');
    },
    never,
  );
  remove();
  assert.equal(ending, 'end');
  assert.equal(text, Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join(''));
  assert.equal(buffers.size, 1);
});

test('an abort ends the reading of a pipe that is still written to', async () => {
  const { fd, remove } = pipeFrom('echo first; exec sleep 60');
  const stop = new AbortController();
  const ending = await readPipe(fd, () => stop.abort(), stop.signal);
  remove();
  assert.equal(ending, 'interrupted');
});

test('what the reader throws is what the reading fails with', async () => {
  const { fd, remove } = pipeFrom('echo first; exec sleep 60');
  const fail = () => {
    throw new RangeError('no');
  };
  await assert.rejects(readPipe(fd, fail, never), new RangeError('no'));
  remove();
});

test('only a pipe of the system is one', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-pipe-'));
  writeFileSync(join(directory, 'file'), '');
  const fd = openSync(join(directory, 'file'), 'r');
  assert.equal(pipeOf(Object.assign(new PassThrough(), { fd })), null);
  assert.equal(pipeOf(new PassThrough()), null);
  rmSync(directory, { recursive: true });
});
