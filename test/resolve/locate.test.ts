import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPlaces, learn, locate, mount, type Places, REASON, tidy } from '../../src/resolve/locate.js';

function placesAt(directory: string): Places {
  const places = createPlaces(() => true);
  places.exclusive = true;
  mount(places, directory, '');
  return places;
}

function kindOf(places: Places, path: string): string {
  const { file, reason } = locate(places, path);
  return reason === null ? file.kind : `${file.kind}: ${reason}`;
}

test('paths below the data directory, and relative to it', () => {
  const places = placesAt('/srv/pg');
  for (const path of [
    '/srv/pg/base/5/16384',
    '/srv/pg//base/./5/16384',
    './base/5/16384',
    'base/5/16384 (deleted)',
  ]) {
    assert.deepEqual(locate(places, path), locate(places, 'base/5/16384'), path);
    assert.equal(kindOf(places, path), 'relation', path);
  }
  assert.equal(kindOf(places, '/srv/pg'), 'directory');
  assert.equal(kindOf(places, '/srv/pg/'), 'directory');
  assert.equal(kindOf(places, '/srv/pg/mine.so'), 'library');
  assert.equal(kindOf(places, '/srv/pg/postgresql.conf'), 'config');
  assert.equal(kindOf(places, '/srv/pgx/PG_VERSION'), 'other');
});

test('what is no file of the cluster', () => {
  const places = placesAt('/srv/pg');
  const cases = {
    'socket:[4242]': 'socket',
    'TCP:[127.0.0.1:5432->127.0.0.1:40022]': 'socket',
    'UNIX-STREAM:[1->2]': 'socket',
    'pipe:[77]': 'pipe',
    'anon_inode:[eventpoll]': 'epoll',
    'anon_inode:[eventfd]': 'other',
    '/dev/null': 'other',
    '/dev/shm/PostgreSQL.1804289383': 'dynshmem',
    '/run/postgresql/.s.PGSQL.5432': 'socket',
    '/run/postgresql/.s.PGSQL.5432.lock': 'pid',
    '/usr/lib/x86_64-linux-gnu/libz.so.1': 'library',
    '/usr/lib/postgresql/15/lib/plpgsql.so': 'library',
    '/etc/postgresql/15/main/pg_hba.conf': 'config',
    '/home/joe/global/12': 'other',
    notes: 'other',
  };
  for (const [path, kind] of Object.entries(cases)) assert.equal(kindOf(places, path), kind, path);
});

test('a copy answers for the directory that the trace is of, once, and for no other', () => {
  const asked: string[] = [];
  const places = createPlaces((directory) => asked.push(directory) > 0);
  places.exclusive = true;
  mount(places, '/tmp/copy', '');
  assert.equal(kindOf(places, '/srv/pg/base/5/16384'), 'relation');
  assert.equal(kindOf(places, '/srv/pg/PG_VERSION'), 'version');
  assert.equal(kindOf(places, '/srv/two/base/5/16384'), `relation: ${REASON.foreign}`);
  assert.deepEqual(asked, ['/srv/pg']);
});

test('a directory that is known is not mistaken for another', () => {
  const places = placesAt('/srv/pg');
  assert.equal(kindOf(places, '/srv/pg/base/5/1'), 'relation');
  assert.equal(kindOf(places, '/srv/two/base/5/1'), `relation: ${REASON.foreign}`);
  const refused = createPlaces(() => false);
  assert.equal(kindOf(refused, '/srv/two/base/5/1'), `relation: ${REASON.foreign}`);
});

test('a path that can be read in two ways proves nothing', () => {
  const anew = (path: string) =>
    kindOf(
      createPlaces(() => true),
      path,
    );
  assert.equal(anew('/a/base/pgsql_tmp/base/5/16384'), 'other');
  assert.equal(anew('/a/base/5/16384/pg_xact/0000'), 'xact');
  assert.equal(anew('/base/5/16384'), 'other');
});

test('a tablespace by its link', () => {
  const places = placesAt('/srv/pg');
  mount(places, '/mnt/fast', 'pg_tblspc/16399');
  const { file, reason } = locate(places, '/mnt/fast/PG_15_202209061/5/16400');
  assert.equal(reason, null);
  assert.equal(file.kind === 'relation' && file.tablespace, 16399);
  assert.equal(file.kind === 'relation' && file.first, 'pg_tblspc/16399/PG_15_202209061/5/16400');
});

test('a tablespace by its location: of the only one, else of none', () => {
  const path = '/mnt/x/PG_15_202209061/5/16400';
  const one = placesAt('/srv/pg');
  one.tablespaces = [16399];
  const found = locate(one, path);
  assert.equal(found.file.kind === 'relation' && found.file.tablespace, 16399);
  assert.equal(kindOf(one, '/mnt/y/PG_15_202209061/5/16400'), `relation: ${REASON.tablespace}`);
  const two = placesAt('/srv/pg');
  two.tablespaces = [16399, 16500];
  assert.equal(kindOf(two, path), `relation: ${REASON.tablespace}`);
});

test('an open tells where a link leads', () => {
  const places = placesAt('/srv/pg');
  places.tablespaces = [16399, 16500];
  learn(places, 'pg_tblspc/16500/PG_15_202209061/5/16400', '/mnt/slow/PG_15_202209061/5/16400');
  const { file } = locate(places, '/mnt/slow/PG_15_202209061/5/99');
  assert.equal(file.kind === 'relation' && file.tablespace, 16500);
  learn(places, '/srv/pg/pg_wal/000000010000000000000001', '/wal/000000010000000000000001');
  assert.equal(kindOf(places, '/wal/000000010000000000000009'), 'wal');
  learn(places, 'notes', '/else/notes');
  assert.equal(kindOf(places, '/else/base'), 'other');
});

test('paths are made plain', () => {
  const cases = [
    ['a/b', 'a/b'],
    ['./a//b/.', 'a/b'],
    ['/a/b/', '/a/b'],
    ['/', '/'],
    ['.', ''],
    ['/a (deleted)', '/a'],
    ['a/../b', 'a/../b'],
  ] as const;
  for (const [path, plain] of cases) assert.equal(tidy(path), plain, path);
});

test('hostile paths cost no more than their length', () => {
  const places = createPlaces(() => true);
  const start = performance.now();
  for (const part of ['/base/pgsql_tmp', '/pg_wal', '/./', '//', '/PG_15_202209061'])
    for (const length of [8000, 1_000_000]) locate(places, part.repeat(length / part.length));
  assert.ok(performance.now() - start < 2000, 'took more than two seconds');
});
