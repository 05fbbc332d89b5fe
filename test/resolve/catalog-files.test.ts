import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClusterFiles } from '../../src/resolve/files.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { memoryFiles } from '../../src/resolve/files-memory.js';
import { openSnapshot } from '../../src/resolve/files-snapshot.js';

function inDirectory(use: (root: string, outside: string) => void): void {
  const base = mkdtempSync(join(tmpdir(), 'pgtrace-files-'));
  try {
    for (const directory of ['main/base/5', 'main/pg_tblspc', 'outside/ts/5']) {
      mkdirSync(join(base, directory), { recursive: true });
    }
    writeFileSync(join(base, 'main/base/5/1259'), 'abcdef');
    writeFileSync(join(base, 'outside/secret'), 'secret');
    writeFileSync(join(base, 'outside/ts/5/16384'), 'in the tablespace');
    use(join(base, 'main'), join(base, 'outside'));
  } finally {
    rmSync(base, { recursive: true });
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function refuses(files: ClusterFiles, path: string, reason: RegExp): void {
  assert.throws(() => files.read(path), { message: reason });
  assert.throws(() => files.readAt(path, 0, 1), { message: reason });
  assert.equal(files.size(path), null);
}

test('reads, sizes and lists', () =>
  inDirectory((root) => {
    const files = directoryFiles(root);
    assert.equal(text(files.read('base/5/1259')), 'abcdef');
    assert.equal(text(files.readAt('base/5/1259', 2, 2)), 'cd');
    assert.equal(text(files.readAt('base/5/1259', 4, 100)), 'ef');
    assert.equal(files.readAt('base/5/1259', 100, 1).length, 0);
    assert.equal(files.size('base/5/1259'), 6);
    assert.equal(files.size('base/5'), null);
    assert.deepEqual(files.list('base'), ['5']);
    assert.deepEqual(files.list('nowhere'), []);
    refuses(files, 'base/5/1', /^base\/5\/1: no such file or directory$/);
    refuses(files, 'base/5', /not a regular file/);
  }));

test('a FIFO or a device neither blocks nor is read', () =>
  inDirectory((root) => {
    execFileSync('mkfifo', [join(root, 'PG_VERSION')]);
    refuses(directoryFiles(root), 'PG_VERSION', /not a regular file/);
    symlinkSync('/dev/zero', join(root, 'base/5/16384'));
    refuses(directoryFiles(root), 'base/5/16384', /a link where none belongs/);
  }));

test("only a tablespace's link is followed", () =>
  inDirectory((root, outside) => {
    symlinkSync(join(outside, 'ts'), join(root, 'pg_tblspc/16385'));
    symlinkSync('../../outside/ts', join(root, 'pg_tblspc/16386'));
    symlinkSync(outside, join(root, 'base/6'));
    symlinkSync(join(outside, 'secret'), join(root, 'base/5/2'));
    symlinkSync(outside, join(root, 'pg_tblspc/other'));
    symlinkSync(outside, join(outside, 'ts/6'));
    const files = directoryFiles(root);
    assert.equal(files.link('pg_tblspc/16385'), join(outside, 'ts'));
    assert.equal(files.link('base'), null);
    for (const oid of [16385, 16386]) {
      assert.equal(text(files.read(`pg_tblspc/${oid}/5/16384`)), 'in the tablespace');
      assert.deepEqual(files.list(`pg_tblspc/${oid}`), ['5', '6']);
    }
    for (const path of ['base/6/secret', 'pg_tblspc/other/secret', 'pg_tblspc/16385/6/secret']) {
      refuses(files, path, /not a directory/);
      assert.deepEqual(files.list(path.replace('/secret', '')), []);
    }
    refuses(files, 'base/5/2', /a link where none belongs/);
    refuses(files, 'base/../../outside/secret', /not a path of a cluster/);
    refuses(files, '../outside/secret', /not a path of a cluster/);
  }));

test('a directory that is none', () =>
  inDirectory((root) => {
    assert.throws(() => directoryFiles(join(root, 'nowhere')), {
      message: /nowhere: no such file or directory$/,
    });
    assert.throws(() => directoryFiles(join(root, 'base/5/1259')), { message: /1259: not a directory$/ });
  }));

test("a snapshot's list stands in for the files and links that it left out", () => {
  const snapshot = (list: string) =>
    openSnapshot(
      memoryFiles(
        new Map([
          ['base/5/1259', new Uint8Array(10)],
          ['pgtrace-sizes.ndjson', new TextEncoder().encode(list)],
        ]),
      ),
    );
  const opened = snapshot(
    '{"path":"base/5/16384","size":8192}\n{"path":"pg_tblspc/16385","link":"/mnt/fast"}\n{"home":"/var/lib/main"}\n',
  );
  assert.deepEqual(opened?.homes, ['/var/lib/main']);
  const { files } = opened;
  assert.deepEqual(files.list('pg_tblspc'), ['16385']);
  assert.equal(files.size('base/5/16384'), 8192);
  assert.equal(files.size('base/5/1259'), 10);
  assert.equal(files.size('base/5/1'), null);
  assert.equal(files.link('pg_tblspc/16385'), '/mnt/fast');
  // Written otherwise, as by hand, and a tablespace that is a directory in pg_tblspc.
  const byHand = snapshot(
    '{"size":1, "path":"base/5/\\u0031"}\r\n\n{"path":"pg_tblspc/16390/PG_15_202209061/5/1","size":5}',
  );
  assert.equal(byHand?.files.size('base/5/1'), 1);
  assert.equal(byHand.files.size('pg_tblspc/16390/PG_15_202209061/5/1'), 5);
  assert.deepEqual(byHand.files.list('pg_tblspc'), ['16390']);
  for (const line of ['{', '{"path":5,"size":1}', '{"path":"a","size":-1}', '{"path":"a"}', 'null']) {
    assert.throws(() => snapshot(`{"path":"b","size":0}\n${line}`), { message: /line 2 is no / }, line);
  }
});
