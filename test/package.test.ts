/** What `npm install -g` of the package puts on a machine: every command, every manual page. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  bin: Record<string, string>;
  man: string[];
};

test('every command is installed under its own name, and may be run', () => {
  const commands = readdirSync('bin').sort();
  assert.deepEqual(Object.keys(manifest.bin).sort(), commands);
  for (const command of commands) {
    assert.equal(manifest.bin[command], `bin/${command}`);
    assert.equal(statSync(`bin/${command}`).mode & 0o111, 0o111, command);
  }
});

test('every manual page is registered', () => {
  const pages = readdirSync('man').map((page) => `man/${page}`);
  assert.deepEqual([...manifest.man].sort(), pages.sort());
});

test('every command but the second name of pgtrace has a manual page', () => {
  for (const command of readdirSync('bin').filter((name) => name !== 'pg_trace'))
    assert.ok(manifest.man.includes(`man/${command}.1`), command);
});
