/** Probes of servers, where something is in their way. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { FtraceSource } from '../../src/attach/ftrace/source.js';
import { findTracefs } from '../../src/attach/ftrace/tracefs.js';
import { openProc } from '../../src/attach/inventory/procfs.js';
import type { Event } from '../../src/event/types.js';
import { installServer } from '../servers/install.js';
import { startServer } from '../servers/server.js';
import { versionUnderTest } from '../servers/versions.js';
import { go, leftBehind, noUprobes, probesOf, waiting } from './tracefs.js';

interface Seen {
  events: Event[];
  warnings: string[];
  source: FtraceSource;
}

function open(): Seen {
  const events: Event[] = [];
  const warnings: string[] = [];
  const source = new FtraceSource(
    {
      events(batch) {
        for (const event of batch) events.push(event);
        return null;
      },
      warning: (text) => warnings.push(text),
      ended: assert.fail,
    },
    { statements: true, buffers: true, version: (pid) => openProc().version(pid) },
  );
  return { events, warnings, source };
}

const texts = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'statement' && event.text !== undefined ? [event.text] : []));

test('the executable of a running server was deleted', { skip: noUprobes }, async () => {
  const version = versionUnderTest();
  const copy = mkdtempSync(join(tmpdir(), 'pgtrace-deleted-'));
  try {
    cpSync(dirname(await installServer(version)), copy, { recursive: true, verbatimSymlinks: true });
    chmodSync(copy, 0o755);
    const server = await startServer({ version, binDir: join(copy, 'bin') });
    try {
      const client = await server.connect();
      const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
      rmSync(join(copy, 'bin', 'postgres'));
      const { events, warnings, source } = open();
      await source.start([pid]);
      await client.query('SELECT count(*) FROM pg_class');
      await client.end();
      await source.stop();
      assert.deepEqual(texts(events), ['SELECT count(*) FROM pg_class']);
      assert.ok(events.some(({ type }) => type === 'buffer'));
      assert.deepEqual(warnings, []);
    } finally {
      await server.remove();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

test('what is no server is traced all the same, and it is said what is missing', {
  skip: noUprobes,
}, async () => {
  const { events, warnings, source } = open();
  const child = waiting('/bin/cat', '/etc/passwd');
  child.stdout.resume();
  await source.start([child.pid!]);
  await go(child);
  await source.stop();
  assert.ok(events.some((event) => event.type === 'syscall' && event.call === 'read'));
  assert.equal(
    warnings.filter((text) => /no (?:statements|buffers): /.test(text)).length,
    2,
    warnings.join(),
  );
});

test('a probe that somebody else uses is removed when they let it go', { skip: noUprobes }, async () => {
  const server = await startServer({ version: versionUnderTest() });
  const other = join(findTracefs(), 'instances', `probe-user-${process.pid}`);
  try {
    const client = await server.connect();
    const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const { warnings, source } = open();
    await source.start([pid]);
    const [, probe] = /^p:(\S+)/.exec(probesOf(process.pid)[0]!)!;
    mkdirSync(other);
    writeFileSync(join(other, 'events', probe!, 'enable'), '1');
    await source.stop();
    assert.match(warnings.join(), /cannot remove a probe yet/);
    assert.ok(probesOf(process.pid).length > 0);
    rmdirSync(other);
    assert.deepEqual(await leftBehind(process.pid, 9), []);
    await client.end();
  } finally {
    rmSync(other, { recursive: true, force: true });
    await server.remove();
  }
});
