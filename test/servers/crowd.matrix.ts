/** A thousand backends of one server: each is told, and what one of them reads is seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import { ofRelation, reads } from '../live/blocks.js';
import { impossible, resolved, tracing, type Via } from '../live/tracing.js';
import { startServer } from './server.js';
import { VERSIONS, versionUnderTest } from './versions.js';

const BACKENDS = 1000;
const AT_ONCE = 50;

/** It does not depend on the server's version. */
if (versionUnderTest() === Math.max(...VERSIONS))
  test('a thousand backends', async (t) => {
    const server = await startServer({
      version: versionUnderTest(),
      settings: {
        max_connections: BACKENDS + 50,
        shared_buffers: '16MB',
        autovacuum: 'off',
        io_method: 'sync',
      },
    });
    t.after(() => server.remove());
    const owner = await server.connect();
    await owner.query("CREATE TABLE orders AS SELECT repeat('x', 500) FROM generate_series(1, 60000)");
    const clients: pg.Client[] = [];
    while (clients.length < BACKENDS)
      clients.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => server.connect()))));
    for (const via of ['ftrace', 'sample'] satisfies Via[])
      await t.test(`via ${via}`, { skip: impossible(via) ?? false }, async () => {
        const { events, stderr } = await tracing(['-D', server.dataDir, '--via', via], async () => {
          await clients.at(-1)!.query('SELECT count(*) FROM orders');
          // A thousand samples take their time.
          if (via === 'sample') await owner.query('SELECT pg_sleep(3)');
        });
        assert.equal(
          stderr
            .trim()
            .split('\n')
            .filter((line) => !/closed before|too many here/.test(line)).length,
          1,
          stderr,
        );
        const told = new Set(
          events.flatMap((event) =>
            event.type === 'process' && event.role === 'client backend' ? [event.pid] : [],
          ),
        );
        assert.equal(told.size, BACKENDS + 1);
        assert.deepEqual(
          events.filter(({ type }) => type === 'lost'),
          [],
        );
        if (via === 'ftrace')
          assert.ok(ofRelation(reads(resolved(events, server.dataDir)), 'orders').length > 0);
        else assert.ok(events.some(({ type }) => type === 'sample'));
      });
    await Promise.all(clients.map((client) => client.end()));
  });
