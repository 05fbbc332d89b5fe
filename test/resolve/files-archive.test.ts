/** Archives of snapshots, honest and hostile. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import type { ClusterFiles } from '../../src/resolve/files.js';
import { archiveFiles } from '../../src/resolve/files-archive.js';

const DIRECTORY = mkdtempSync(join(tmpdir(), 'pgtrace-archive-'));
after(() => rmSync(DIRECTORY, { recursive: true }));

type Entry = [path: string, content: string, header?: ConstructorParameters<typeof Header>[0]];

function tar(...entries: Entry[]): Buffer {
  const parts: Buffer[] = [];
  for (const [path, content, more] of entries) {
    const block = Buffer.alloc(512);
    const size = Buffer.byteLength(content);
    new Header({ path, size, type: 'File', mode: 0o600, ...(more as object) }).encode(block, 0);
    parts.push(block, Buffer.from(content), Buffer.alloc((512 - (size % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function open(bytes: Uint8Array): ClusterFiles {
  const path = join(DIRECTORY, 'archive');
  writeFileSync(path, bytes);
  return archiveFiles(path);
}

const text = (files: ClusterFiles, path: string): string => new TextDecoder().decode(files.read(path));

const HONEST: Entry[] = [
  ['PG_VERSION', '15\n'],
  ['base/5/1259', 'x'.repeat(1000)],
];

for (const [name, entries] of [
  ['in no folder', HONEST],
  ['in ./', HONEST.map(([path, ...rest]): Entry => [`./${path}`, ...rest])],
  [
    'in a folder',
    [
      ['shop/', '', { type: 'Directory' }],
      ...HONEST.map(([path, ...rest]): Entry => [`shop/${path}`, ...rest]),
    ] as Entry[],
  ],
] as const) {
  for (const packed of [false, true]) {
    test(`an archive with its files ${name}, ${packed ? 'compressed' : 'plain'}`, () => {
      const bytes = tar(...entries);
      const files = open(packed ? gzipSync(bytes) : bytes);
      assert.equal(text(files, 'PG_VERSION'), '15\n');
      assert.equal(files.size('base/5/1259'), 1000);
      assert.deepEqual(files.list('base/5'), ['1259']);
      assert.throws(() => files.read('base/5/1'), { message: /no such file/, code: 'ENOENT' });
    });
  }
}

const REFUSED: readonly [string, Buffer, RegExp][] = [
  ['a path to above', tar(...HONEST, ['../etc/passwd', 'x']), /an entry outside of it, \.\.\/etc\/passwd/],
  ['a path to above, from within', tar(...HONEST, ['base/../../x', 'x']), /an entry outside of it/],
  ['an absolute path', tar(...HONEST, ['/etc/passwd', 'x']), /an entry outside of it/],
  [
    'a link',
    tar(...HONEST, ['pg_tblspc/1', '', { type: 'SymbolicLink', linkpath: '/' }]),
    /is a SymbolicLink/,
  ],
  ['a hard link', tar(...HONEST, ['base/1', '', { type: 'Link', linkpath: '/etc/passwd' }]), /is a Link/],
  ['a device', tar(...HONEST, ['base/1', '', { type: 'CharacterDevice' }]), /is a CharacterDevice/],
  ['a FIFO', tar(...HONEST, ['base/1', '', { type: 'FIFO' }]), /is a FIFO/],
  ['a file twice', tar(...HONEST, ['base/5/1259', 'y']), /base\/5\/1259 is in it twice/],
  ['a file twice, written otherwise', tar(...HONEST, ['./PG_VERSION', '16']), /PG_VERSION is in it twice/],
  [
    'a huge file',
    tar(...HONEST, ['base/1', '', { size: 2 ** 40 }]),
    /too large \(expected at most 1073741824 bytes/,
  ],
  ['no tar', Buffer.from('PG_VERSION'.repeat(1000)), /no archive of a snapshot: /],
  ['nothing', Buffer.alloc(0), /no archive of a snapshot: /],
  ['gzip of no tar', gzipSync(Buffer.from('x'.repeat(5000))), /no archive of a snapshot: /],
];

for (const [name, bytes, message] of REFUSED) {
  test(`an archive that is refused: ${name}`, () => {
    assert.throws(() => open(bytes), { message });
    assert.throws(() => open(bytes[0] === 0x1f ? bytes : gzipSync(bytes)), { message });
  });
}

test('an archive that is cut short is refused, wherever it is cut', () => {
  const plain = tar(...HONEST);
  for (const [bytes, step] of [
    [plain, 64],
    [gzipSync(plain), 1],
  ] as const) {
    // A tar may lack its last block of zeros.
    const enough = bytes === plain ? plain.length - 512 : bytes.length;
    for (let length = 0; length < enough; length += step)
      assert.throws(
        () => open(bytes.subarray(0, length)),
        { message: /archive: / },
        `${length} of ${bytes.length}`,
      );
  }
});

test('a changed byte of a compressed archive is seen', () => {
  const bytes = gzipSync(tar(...HONEST));
  for (let at = 0; at < bytes.length; at++) {
    const broken = Buffer.from(bytes);
    broken[at]! ^= 0x55;
    // gzip's header has the time, and the system that it was made on.
    if (at >= 4 && at < 10) continue;
    assert.throws(() => open(broken), { message: /archive: no archive of a snapshot: / }, `byte ${at}`);
  }
});

test('a bomb is refused before it goes off', () => {
  const header = Buffer.alloc(512);
  new Header({ path: 'base/1', size: 2 ** 32, type: 'File', mode: 0o600 }).encode(header, 0);
  const bomb = gzipSync(Buffer.concat([header, Buffer.alloc(64 << 20)]));
  const before = process.memoryUsage().rss;
  assert.throws(() => open(bomb), { message: /too large/ });
  assert.ok(process.memoryUsage().rss - before < 64 << 20);
});

test('what is no regular file is not read', () => {
  const fifo = join(DIRECTORY, 'fifo');
  execFileSync('mkfifo', [fifo]);
  assert.throws(() => archiveFiles(fifo), { message: /fifo: not a regular file/ });
  assert.throws(() => archiveFiles('/dev/zero'), { message: /zero: not a regular file/ });
});

const LARGE = (16 << 20) + 8192;
const PAGE = 8192;

/** A snapshot with two large files, in which each page has its number, opened and both read to the end. */
function readOnce(folder: string, last: string): { path: string; files: ClusterFiles } {
  const pages = Array.from({ length: LARGE / PAGE }, (_, page) => `${page} `.padEnd(PAGE, 'x')).join('');
  const entries: Entry[] = [
    ['PG_VERSION', '15\n'],
    ['base/5/1259', pages],
    ['base/6/1259', pages],
    ['pgtrace-sizes.ndjson', last],
  ];
  const path = join(DIRECTORY, 'large.tar.gz');
  writeFileSync(path, gzipSync(tar(...entries.map(([name, ...rest]): Entry => [folder + name, ...rest]))));
  const files = archiveFiles(path);
  assert.equal(files.size('base/5/1259'), LARGE);
  for (const database of [5, 6])
    for (let page = 0; page < LARGE / PAGE; page++) assert.equal(pageAt(files, database, page), page);
  return { path, files };
}

function pageAt(files: ClusterFiles, database: number, page: number): number {
  const bytes = files.readAt(`base/${database}/1259`, page * PAGE, PAGE);
  assert.equal(bytes.length, PAGE);
  return Number.parseInt(new TextDecoder().decode(bytes.subarray(0, 8)), 10);
}

for (const folder of ['', './', 'shop/'])
  test(`a large catalog can be read again, of an archive with its files in "${folder}"`, () => {
    const { path, files } = readOnce(folder, '');
    for (const page of [0, 2000, 1]) assert.equal(pageAt(files, 5, page), page);
    assert.equal(pageAt(files, 6, 7), 7);
    // What was read again stays.
    rmSync(path);
    for (const database of [5, 6])
      for (const page of [2048, 0, 5]) assert.equal(pageAt(files, database, page), page);
    assert.equal(text(files, 'PG_VERSION'), '15\n');
  });

test('a large catalog is not read again of another archive', () => {
  const { path, files } = readOnce('', '');
  writeFileSync(path, readFileSync(path));
  assert.throws(() => pageAt(files, 5, 0), { message: `${path}: changed since it was opened` });
  rmSync(path);
  assert.throws(() => pageAt(files, 5, 0), { message: /no such file/, code: 'ENOENT' });
});

test('the list of sizes stays, however large it is', () => {
  const { path, files } = readOnce('shop/', '\n'.repeat(LARGE));
  rmSync(path);
  for (const at of [LARGE - 1, 0]) assert.deepEqual([...files.readAt('pgtrace-sizes.ndjson', at, 1)], [0x0a]);
});
