import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { after, test } from 'node:test';
import type { Main } from '../../src/cli/io.js';
import { attempt } from '../../src/cli/run.js';
import { main as resolveMain } from '../../src/resolve/main.js';
import { openDirectory } from '../../src/resolve/view.js';
import { main } from '../../src/snapshot/main.js';
import { open as openEvent } from '../resolve/events.js';
import { madeCluster, SHOP, table } from '../resolve/made-cluster.js';

const ROOT = mkdtempSync(join(tmpdir(), 'pgtrace-snapshot-'));
after(() => rmSync(ROOT, { recursive: true }));

/** A data directory with a table of 3 blocks and a tablespace elsewhere. */
function makeDataDirectory(name: string): string {
  const directory = join(ROOT, name);
  const files = madeCluster({ relations: [[table(20001, 'orders')]] });
  files.set(`base/${SHOP}/20001`, new Uint8Array(3 * 8192).fill(77));
  files.set(`base/${SHOP}/20001_fsm`, new Uint8Array(8192));
  for (const [path, bytes] of files) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
  const elsewhere = join(ROOT, `${name}-space`, 'PG_15_202209061', String(SHOP));
  mkdirSync(elsewhere, { recursive: true });
  writeFileSync(join(elsewhere, '20002'), new Uint8Array(8192));
  mkdirSync(join(directory, 'pg_tblspc'));
  symlinkSync(join(ROOT, `${name}-space`), join(directory, 'pg_tblspc/16999'));
  mkdirSync(join(directory, 'pg_wal'));
  return directory;
}

interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

async function run(command: Main, argv: string[], input = '', terminal = false): Promise<Outcome> {
  const outcome = { status: 0, stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk, _encoding, done) {
        outcome[name] += String(chunk);
        done();
      },
    });
  const stderr = Object.assign(collect('stderr'), { isTTY: terminal });
  const stdin = Readable.from([Buffer.from(input)]);
  const io = { argv, env: {}, stdin, stdout: collect('stdout'), stderr };
  outcome.status = await attempt('pgtrace-snapshot', command, io);
  return outcome;
}

const DATA = makeDataDirectory('main');
const SILENT = { status: 0, stdout: '', stderr: '' };

function take(out: string, ...more: string[]): Promise<Outcome> {
  return run(main, ['-D', DATA, '--no-wal', '-o', out, ...more]);
}

for (const name of ['directory', 'archive.tar.gz', 'archive.tgz']) {
  test(`a snapshot as ${name}: names, sizes, links, and who may read it`, async () => {
    const place = join(mkdtempSync(join(ROOT, 'out-')), name);
    assert.deepEqual(await take(place), SILENT);
    assert.deepEqual(readdirSync(dirname(place)), [name]);
    const { view, mounts, tablespaces } = openDirectory(place, true);
    assert.equal((view.names.relation(1663, SHOP, 20001) as { name: string }).name, 'orders');
    assert.equal(view.damage(), null);
    assert.equal(view.files.size(`base/${SHOP}/20001`), 3 * 8192);
    assert.equal(view.files.size(`base/${SHOP}/20001_fsm`), 8192);
    assert.equal(view.files.size(`pg_tblspc/16999/PG_15_202209061/${SHOP}/20002`), 8192);
    assert.throws(() => view.files.read(`base/${SHOP}/20001`));
    assert.deepEqual(tablespaces, [16999]);
    assert.ok(mounts.some(({ prefix, below }) => prefix === DATA && below === ''));
    assert.ok(mounts.some(({ prefix, below }) => prefix === `${DATA}-space` && below === 'pg_tblspc/16999'));
    for (const path of [place, ...entriesOf(place)]) assert.equal(statSync(path).mode & 0o077, 0, path);
  });
}

function entriesOf(place: string): string[] {
  if (!statSync(place).isDirectory()) return [];
  return readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => join(place, name));
}

test('an archive unpacks into one folder of its name', async () => {
  const place = join(ROOT, 'shop.tar.gz');
  assert.deepEqual(await take(place), SILENT);
  const listing = execFileSync('tar', ['-tzf', place], { encoding: 'utf8' }).trim().split('\n');
  assert.ok(listing.length > 5);
  assert.deepEqual(
    listing.filter((path) => !path.startsWith('shop/')),
    [],
  );
});

test('pgtrace-resolve reads an archive as it is', async () => {
  const place = join(ROOT, 'resolve.tar.gz');
  assert.deepEqual(await take(place), SILENT);
  const event = `${JSON.stringify(openEvent(`${DATA}/base/${SHOP}/20001`, 5))}\n`;
  const { status, stdout, stderr } = await run(resolveMain, ['-D', place], event);
  assert.deepEqual([status, stderr], [0, '']);
  const { pg } = JSON.parse(stdout);
  assert.deepEqual([pg.database, pg.schema, pg.relation, pg.total], ['shop', 'public', 'orders', 3]);
});

test('on a terminal it tells how far it is, and leaves nothing of that', async () => {
  const { status, stderr } = await run(
    main,
    ['-D', DATA, '--no-wal', '-o', join(ROOT, 'progress')],
    '',
    true,
  );
  assert.equal(status, 0);
  assert.match(stderr, /^\rpgtrace-snapshot: catalogs of 1 of 2 databases\x1b\[K/);
  assert.ok(stderr.endsWith('\r\x1b[K'));
});

test('an interrupt leaves nothing behind', async () => {
  const parent = mkdtempSync(join(ROOT, 'out-'));
  const stderr = new Writable({
    write(_chunk, _encoding, done) {
      process.emit('SIGINT');
      done();
    },
  });
  const argv = ['-D', DATA, '--no-wal', '-o', join(parent, 'x.tar.gz')];
  const [stdin, stdout] = [Readable.from([]), new Writable()];
  const io = { argv, env: {}, stdin, stdout, stderr: Object.assign(stderr, { isTTY: true }) };
  assert.equal(await attempt('pgtrace-snapshot', main, io), 130);
  assert.deepEqual(readdirSync(parent), []);
});

test('WAL that should be there and is not is told', async () => {
  const { status, stderr } = await run(main, ['-D', DATA, '-o', join(ROOT, 'no-wal')]);
  assert.equal(status, 0);
  assert.match(stderr, /^pgtrace-snapshot: the WAL from 0\/0 on is not there\n$/);
});

mkdirSync(join(ROOT, 'taken'));
writeFileSync(join(ROOT, 'taken.tar.gz'), 'precious');
mkdirSync(join(ROOT, 'empty'));

const REFUSED: readonly [string, string[], number, RegExp][] = [
  ['no -o', ['-D', DATA], 2, /no name for the snapshot \(expected -o OUT\)/],
  ['no -D', ['-o', join(ROOT, 'x')], 2, /no data directory \(expected -D DIR or \$PGDATA\)/],
  ['-o twice', ['-D', DATA, '-o', 'a', '-o', 'b'], 2, /-o was given twice/],
  ['a surplus argument', ['-D', DATA, '-o', join(ROOT, 'x'), 'y'], 2, /surplus argument y/],
  ['a directory that is there', ['-D', DATA, '-o', join(ROOT, 'taken')], 2, /taken exists already/],
  ['a file that is there', ['-D', DATA, '-o', join(ROOT, 'taken.tar.gz')], 2, /taken.tar.gz exists already/],
  [
    'a place in the data directory',
    ['-D', DATA, '-o', join(DATA, 'base/x')],
    2,
    /in the data directory itself/,
  ],
  ['no name', ['-D', DATA, '-o', join(ROOT, '.tar.gz')], 2, /names no file/],
  ['a place that is not', ['-D', DATA, '-o', join(ROOT, 'no/where')], 1, /no such directory/],
  [
    'a data directory that is none',
    ['-D', join(ROOT, 'empty'), '-o', join(ROOT, 'x')],
    1,
    /PG_VERSION: no such/,
  ],
  ['a snapshot', ['-D', 'fixtures/pgdata/15', '-o', join(ROOT, 'x')], 1, /is a snapshot already/],
];

for (const [name, argv, status, message] of REFUSED) {
  test(`refused: ${name}`, async () => {
    const outcome = await run(main, argv);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.status, status);
    assert.equal(existsSync(join(ROOT, 'x')), false);
    assert.equal(readFileSync(join(ROOT, 'taken.tar.gz'), 'utf8'), 'precious');
  });
}

test('what cannot be read leaves nothing behind', async () => {
  const broken = makeDataDirectory('broken');
  writeFileSync(join(broken, 'global/1262'), new Uint8Array(8192));
  const parent = mkdtempSync(join(ROOT, 'out-'));
  const { status, stderr } = await run(main, ['-D', broken, '--no-wal', '-o', join(parent, 'x.tar.gz')]);
  assert.equal(status, 1);
  assert.match(stderr, /pg_database has no row for template1/);
  assert.deepEqual(readdirSync(parent), []);
});
