import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterName, isPostgres, parseTitle, type Title } from '../../../src/attach/inventory/title.js';

const local = { role: 'client backend', user: 'alice', database: 'shop', client: '[local]' };

const titles: readonly (readonly [title: string, cluster: string | undefined, expected: Title])[] = [
  ['postgres: alice shop [local] idle', '', local],
  ['postgres: alice shop [local] idle in transaction (aborted)', '', local],
  // update_process_title off: nothing behind the client.
  ['postgres: alice shop [local] ', '', local],
  ['postgres: main: alice shop [local] SELECT', 'main', local],
  ['postgres: a: b: c: alice shop [local] SELECT', 'a: b: c', local],
  ['postgres: alice shop 10.0.0.7(40512) SELECT waiting', '', { ...local, client: '10.0.0.7(40512)' }],
  ['postgres: alice shop fe80::1%eth0(40512) COPY', '', { ...local, client: 'fe80::1%eth0(40512)' }],
  [
    'postgres: alice shop db.example.org(40512) authentication',
    '',
    { ...local, client: 'db.example.org(40512)' },
  ],
  // Three words are two names, but which of them has the blank?
  ['postgres: alice the shop [local] idle', '', { role: 'client backend', client: '[local]' }],
  ['postgres: [local] shop [local] idle', '', { ...local, user: '[local]' }],
  ['postgres: alice sh\ufffdp [local] idle', '', { role: 'client backend', client: '[local]' }],
  // cluster_name unknown: `main` may be a cluster's name or the beginning of a user's.
  ['postgres: main: alice shop [local] SELECT', undefined, {}],
  ['postgres: alice shop [local] SELECT', undefined, local],
  ['postgres: main: checkpointer ', undefined, { role: 'checkpointer' }],
  ['postgres: checkpointer ', '', { role: 'checkpointer' }],
  ['postgres: checkpointer process   ', '', { role: 'checkpointer' }],
  ['postgres: checkpointer performing end-of-recovery checkpoint', '', { role: 'checkpointer' }],
  ['postgres: background writer ', '', { role: 'background writer' }],
  ['postgres: writer process   ', '', { role: 'background writer' }],
  ['postgres: walwriter ', '', { role: 'walwriter' }],
  ['postgres: wal writer process   ', '', { role: 'walwriter' }],
  ['postgres: walsummarizer ', '', { role: 'walsummarizer' }],
  ['postgres: archiver last was 000000010000000000000001', '', { role: 'archiver' }],
  ['postgres: archiver process   last was 000000010000000000000001', '', { role: 'archiver' }],
  ['postgres: logger ', '', { role: 'logger' }],
  ['postgres: stats collector process   ', '', { role: 'stats collector' }],
  ['postgres: startup recovering 000000010000000000000003', '', { role: 'startup' }],
  ['postgres: startup process   recovering 000000010000000000000003', '', { role: 'startup' }],
  ['postgres: walreceiver streaming 0/3000148', '', { role: 'walreceiver' }],
  ['postgres: wal receiver process   streaming 0/3000148', '', { role: 'walreceiver' }],
  ['postgres: autovacuum launcher ', '', { role: 'autovacuum launcher' }],
  ['postgres: autovacuum launcher process   ', '', { role: 'autovacuum launcher' }],
  ['postgres: autovacuum worker shop', '', { role: 'autovacuum worker', database: 'shop' }],
  ['postgres: autovacuum worker process   the shop', '', { role: 'autovacuum worker', database: 'the shop' }],
  ['postgres: logical replication launcher ', '', { role: 'logical replication launcher' }],
  ['postgres: bgworker: logical replication launcher   ', '', { role: 'logical replication launcher' }],
  [
    'postgres: logical replication apply worker for subscription 16400 ',
    '',
    { role: 'logical replication apply worker' },
  ],
  [
    'postgres: logical replication worker for subscription 16400 sync 16390 ',
    '',
    { role: 'logical replication worker' },
  ],
  ['postgres: parallel worker for PID 4711 ', '', { role: 'parallel worker', leader: 4711 }],
  ['postgres: parallel worker for PID 4711    waiting', '', { role: 'parallel worker', leader: 4711 }],
  ['postgres: bgworker: parallel worker for PID 4711   ', '', { role: 'parallel worker', leader: 4711 }],
  ['postgres: main: parallel worker for PID 4711 ', 'main', { role: 'parallel worker', leader: 4711 }],
  ['postgres: io worker 2', '', { role: 'io worker' }],
  [
    'postgres: walsender repl 10.0.0.9(5000) streaming 0/3000148',
    '',
    { role: 'walsender', client: '10.0.0.9(5000)' },
  ],
  ['postgres: wal sender process repl [local] streaming 0/3', '', { role: 'walsender', client: '[local]' }],
  ['postgres: walsender repl [local] sending backup "a b(1) c"', '', { role: 'walsender' }],
  ['postgres: pg_cron launcher ', '', {}],
  ['/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main', '', { role: 'postmaster' }],
  ['postgres -D data', undefined, { role: 'postmaster' }],
  ['sleep 1000', '', {}],
  ['', '', {}],
];

for (const [title, cluster, expected] of titles) {
  test(`title ${JSON.stringify(title)} in cluster ${JSON.stringify(cluster)}`, () => {
    assert.deepEqual(parseTitle(title, cluster), expected);
  });
}

test('the cluster name is what stands before a process that every server has', () => {
  assert.equal(clusterName(['postgres: a b [local] idle', 'postgres: checkpointer ']), '');
  assert.equal(clusterName(['postgres: one: two: walwriter ']), 'one: two');
  assert.equal(clusterName(['postgres: main: writer process   ']), 'main');
  assert.equal(clusterName(['postgres: main: a b [local] idle']), undefined);
});

test('a process is known as PostgreSQL by its title or its program', () => {
  assert.ok(isPostgres('postgres: walwriter'));
  assert.ok(isPostgres('/opt/pg/bin/postgres -D x'));
  assert.ok(!isPostgres('vim postgres'));
  assert.ok(!isPostgres('/usr/bin/postgres_exporter'));
});
