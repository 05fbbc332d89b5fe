/** Sampling a real backend: what it is blocked in, and how far its counters are. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import type { SampleEvent } from '../../src/event/types.js';
import { type Server, startServer } from '../servers/server.js';
import { tracing } from './tracing.js';

let server: Server;
let client: pg.Client;
let pid: number;

before(async () => {
  server = await startServer({ version: 15, settings: { autovacuum: 'off' } });
  client = await server.connect();
  pid = Number((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
});
after(() => server?.remove());

async function sample(work: () => Promise<void>, rate: number): Promise<SampleEvent[]> {
  const { events } = await tracing(['-p', String(pid), '--via', 'sample', '--rate', String(rate)], work);
  return events.filter((event): event is SampleEvent => event.type === 'sample');
}

test('a waiting backend is seen in its call, told once a second while nothing changes', async () => {
  const samples = await sample(() => client.query('SELECT pg_sleep(1.5)').then(() => undefined), 50);
  const waiting = samples.filter(({ call, state }) => call === 'epoll_wait' && state === 'S');
  assert.ok(waiting.length >= 2, `${waiting.length} samples in the call`);
  assert.ok(samples.length < 25, `${samples.length} samples of a backend that sleeps`);
  for (const { fd, path } of waiting) {
    assert.equal(typeof fd, 'number');
    assert.equal(path, 'anon_inode:[eventpoll]');
  }
});

test('counters grow by what the backend writes', async () => {
  let size = 0;
  const samples = await sample(async () => {
    await client.query("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 60000)) TO '/dev/null'");
    await client.query(
      "CREATE TABLE filled AS SELECT repeat('x', 500) AS note FROM generate_series(1, 60000)",
    );
    const { rows } = await client.query("SELECT pg_relation_size('filled') AS size");
    size = Number(rows[0].size);
    await client.query('SELECT pg_sleep(0.2)');
  }, 100);
  const written = samples.at(-1)!.wchar! - samples[0]!.wchar!;
  assert.ok(written > size, `${written} bytes written, of them ${size} of the table`);
  const calls = samples.at(-1)!.syscw! - samples[0]!.syscw!;
  assert.ok(calls >= size / 8192, `${calls} calls`);
});
