/** One version, in a few seconds: scenarios.ts has the assertions, test/servers/live.matrix.ts the other versions. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { liveScenarios, workerScenario } from './scenarios.js';

liveScenarios(15, 'strace');
workerScenario('strace');

test('where strace is not installed, it is said what to do', () => {
  const args = ['bin/pgtrace-attach', '-p', String(process.pid), '--via', 'strace'];
  const run = spawnSync(process.execPath, args, { env: { PATH: '/nowhere' }, encoding: 'utf8' });
  assert.equal(run.status, 1, run.stderr);
  assert.match(
    run.stderr,
    /: strace is not installed \(expected it in PATH\)\nhint: install the package strace/,
  );
  assert.equal(run.stdout, '');
});
