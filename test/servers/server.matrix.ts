/** The harness itself: what the other matrix tests take for granted. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();

test('a server is of the version asked for, private, and survives a crash and a restart', async () => {
  const server = await startServer({ version, initdbArgs: ['--data-checksums'] });
  try {
    const first = await server.connect();
    const { rows } = await first.query('SHOW server_version_num');
    assert.equal(Math.floor(Number(rows[0].server_version_num) / 10000), version);
    assert.deepEqual((await first.query('SHOW listen_addresses')).rows, [{ listen_addresses: '' }]);
    assert.deepEqual((await first.query('SHOW data_checksums')).rows, [{ data_checksums: 'on' }]);
    assert.equal(statSync(server.dataDir).mode & 0o077, 0);
    await first.query('CREATE TABLE kept (v int); INSERT INTO kept VALUES (1)');

    await server.crash();
    assert.throws(() => server.pid(), /is not running/);
    await server.start();
    assert.match(server.log(), /not properly shut down/);
    await server.restart();

    const later = await server.connect();
    assert.deepEqual((await later.query('SELECT v FROM kept')).rows, [{ v: 1 }]);
    await server.stop('immediate');
  } finally {
    await server.remove();
  }
  assert.equal(existsSync(server.dataDir), false);
});

test('a server ends with the process that started it', async () => {
  const module = JSON.stringify(join(import.meta.dirname, 'server.js'));
  const script = `import { startServer } from ${module};
    const server = await startServer({ version: ${version} });
    console.log(JSON.stringify({ pid: server.pid(), dataDir: server.dataDir }));
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const started = JSON.parse(await text(child.stdout)) as { pid: number; dataDir: string };
  const deadline = Date.now() + 20_000;
  while ((runs(started.pid) || existsSync(started.dataDir)) && Date.now() < deadline) await sleep(20);
  assert.equal(runs(started.pid), false);
  assert.equal(existsSync(started.dataDir), false);
});

/** Not a zombie: whose parent is gone waits for init to collect it, which may take long in a container. */
function runs(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) !== '';
  } catch {
    return false;
  }
}
