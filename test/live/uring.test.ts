/** Reads through io_uring are no system calls: whoever has a ring open is told so. No server of the matrix is built with it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { tracing } from './tracing.js';

/** libuv takes a ring for its files where it is asked to, and may. */
const RING =
  "require('fs').readFile('/etc/hostname', () => console.log('open')); setInterval(() => {}, 1000)";

test('a process that reads through io_uring is told to be seen in part only', async (t) => {
  const child = spawn(process.execPath, ['-e', RING], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, UV_USE_IO_URING: '1' },
  });
  t.after(() => child.kill());
  await once(child.stdout, 'data');
  const links = readdirSync(`/proc/${child.pid}/fd`).map((fd) => readlinkSync(`/proc/${child.pid}/fd/${fd}`));
  if (!links.includes('anon_inode:[io_uring]')) return t.skip('this kernel lets nobody have an io_uring');
  const { stderr } = await tracing(['-p', String(child.pid), '--via', 'sample'], async () => {});
  assert.match(stderr, /reads through io_uring .* are not seen/);
});
