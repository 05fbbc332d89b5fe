/** The readers of /proc, on processes of our own. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openInventory } from '../../../src/attach/inventory/describe.js';
import { openProc } from '../../../src/attach/inventory/procfs.js';

const proc = openProc();
const directory = mkdtempSync(join(tmpdir(), 'pgtrace-proc-'));
after(() => rmSync(directory, { recursive: true }));

const skip = proc.mounted ? false : 'there is no /proc';

test('what a process has open, with position and flags', { skip }, () => {
  const path = join(directory, 'named (deleted)');
  writeFileSync(path, 'x'.repeat(100));
  const fd = openSync(path, 'r+');
  try {
    readSync(fd, Buffer.alloc(40), 0, 40, null);
    const find = () => {
      const files = openInventory(proc).files(process.pid);
      return files === 'denied' ? undefined : files.find((file) => file.fd === fd);
    };
    const found = find();
    assert.equal(found?.path, path);
    assert.equal(found?.offset, 40);
    assert.match(found?.flags ?? '', /^O_RDWR\b/);
    assert.equal(found?.deleted, undefined);
    unlinkSync(path);
    assert.equal(find()?.deleted, true);
    assert.equal(find()?.path, path);
  } finally {
    closeSync(fd);
  }
});

test('children come and go, and an end leaves nothing to read', { skip }, async () => {
  assert.deepEqual(proc.children(2 ** 22), []);
  const child = spawn('sleep', ['60']);
  assert.ok(proc.children(process.pid).includes(child.pid!));
  assert.equal(proc.children(process.pid), proc.children(process.pid));
  assert.equal(proc.title(child.pid!), 'sleep 60');
  assert.equal(proc.stat(child.pid!)?.parent, process.pid);
  child.kill();
  await once(child, 'exit');
  assert.ok(!proc.children(process.pid).includes(child.pid!));
  assert.equal(openInventory(proc).process(child.pid!), null);
  assert.deepEqual(openInventory(proc).files(child.pid!), []);
});

const versions: readonly (readonly [
  what: string,
  make: (path: string) => void,
  expected: string | undefined,
])[] = [
  ['a version', (path) => writeFileSync(path, '15\n'), '15'],
  ['an old version', (path) => writeFileSync(path, '9.6\n'), '9.6'],
  ['no version', (path) => writeFileSync(path, 'fifteen\n'), undefined],
  ['nothing', () => undefined, undefined],
  ['a FIFO', (path) => spawnSync('mkfifo', [path]), undefined],
  ['a link', (path) => symlinkSync('/dev/zero', path), undefined],
];

for (const [what, make, expected] of versions) {
  test(`PG_VERSION that is ${what}`, { skip }, async () => {
    const path = join(directory, 'PG_VERSION');
    make(path);
    const child = spawn('sleep', ['60'], { cwd: directory });
    try {
      const event = openInventory(proc).process(child.pid!);
      assert.equal(event?.version, expected);
      assert.equal(event?.cwd, directory);
      assert.equal(event?.role, undefined);
      assert.ok(proc.worksIn(child.pid!, `${directory}/.`));
    } finally {
      child.kill();
      await once(child, 'exit');
      rmSync(path, { force: true });
    }
  });
}
