/** Files that are opened and closed faster than anybody could look: each has its path. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SyscallEvent } from '../../src/event/types.js';
import { startServer } from '../servers/server.js';
import { versionUnderTest } from '../servers/versions.js';
import { calls } from './blocks.js';
import { noUprobes } from './tracefs.js';
import { tracing } from './tracing.js';

const TABLES = 300;

test('every file that a backend opens has its path', { skip: noUprobes }, async () => {
  const server = await startServer({
    version: versionUnderTest(),
    // The least that is allowed: most tables are closed again when the next is opened.
    settings: { max_files_per_process: 64, autovacuum: false },
  });
  try {
    const client = await server.connect();
    const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    await client.query(
      `DO $$ BEGIN FOR i IN 1..${TABLES} LOOP EXECUTE format('CREATE TABLE t%s AS SELECT 1 AS i', i); END LOOP; END $$`,
    );
    const { rows } = await client.query(
      "SELECT pg_relation_filepath(oid) AS path FROM pg_class WHERE relname ~ '^t[0-9]+$'",
    );
    const paths = new Set<string>(rows.map(({ path }) => path));
    assert.equal(paths.size, TABLES);
    const { events } = await tracing(['--via', 'ftrace', '-p', String(pid)], async () => {
      await client.query(
        `DO $$ DECLARE n bigint; BEGIN FOR i IN 1..${TABLES} LOOP EXECUTE format('SELECT count(*) FROM t%s', i) INTO n; END LOOP; END $$`,
      );
      // By fopen(3) and opendir(3).
      await client.query(
        `DO $$ BEGIN FOR i IN 1..${TABLES} LOOP PERFORM pg_read_file('PG_VERSION'); PERFORM pg_ls_dir('global'); END LOOP; END $$`,
      );
    });
    await client.end();
    const opened: SyscallEvent[] = calls(events).filter(
      ({ call, ret }) => call === 'openat' && Number(ret) >= 0,
    );
    assert.deepEqual(
      opened.filter(({ path, retpath }) => path === undefined && retpath === undefined),
      [],
    );
    for (const own of ['PG_VERSION', 'global'])
      assert.equal(opened.filter(({ path }) => path === own).length, TABLES, own);
    const seen = new Set(opened.map(({ path }) => path));
    assert.deepEqual(
      [...paths].filter((path) => !seen.has(path)),
      [],
    );
  } finally {
    await server.remove();
  }
});
