/**
 * What a kernel's `hist` files look like, for the tests of who reads them: of our own probes, and one that had no room
 * for all. fixtures/ftrace/record-histograms.sh runs it where the kernel has histograms. Prints them, each after its name.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FtraceSource } from '../../../src/attach/ftrace/source.js';
import { findTracefs } from '../../../src/attach/ftrace/tracefs.js';
import { openProc } from '../../../src/attach/inventory/procfs.js';
import { startServer } from '../server.js';

const tracefs = findTracefs();
const recorded = { ...(await ofProbes()), full: ofManyKeys() };
for (const [name, text] of Object.entries(recorded)) process.stdout.write(`== ${name}\n${text}`);

async function ofProbes(): Promise<Record<string, string>> {
  const server = await startServer({ version: 15, settings: { autovacuum: false } });
  const client = await server.connect();
  await client.query('CREATE TABLE t AS SELECT i, i % 100 AS k FROM generate_series(1, 10000) i');
  await client.query('CREATE INDEX ON t (k)');
  await client.query('VACUUM ANALYZE t');
  const { pid } = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0];
  const sink = { events: () => null, warning: console.error, ended: console.error };
  const source = new FtraceSource(sink, { buffers: 'count', version: (of) => openProc().version(of) });
  await source.start([pid]);
  try {
    await client.query(
      'SET enable_seqscan = off; SET enable_indexscan = off; SELECT max(i) FROM t WHERE k < 5',
    );
    const [name] = readdirSync(join(tracefs, 'instances')).filter((one) => one.startsWith('pgtrace-'));
    const events = join(tracefs, 'instances', name!, 'events', name!.replaceAll('-', '_'));
    const hist = (event: string) => readFileSync(join(events, event, 'hist'), 'utf8');
    return { lookup: hist('lookup_0'), prefetch: hist('prefetch_0') };
  } finally {
    await source.stop();
    await client.end();
    await server.remove();
  }
}

/** More than its table holds: reads of so many lengths. */
function ofManyKeys(): string {
  const instance = join(tracefs, 'instances', `record-${process.pid}`);
  const zero = openSync('/dev/zero', 'r');
  mkdirSync(instance);
  try {
    const event = join(instance, 'events/syscalls/sys_enter_read');
    writeFileSync(join(event, 'trigger'), 'hist:keys=common_pid,fd.hex,count.hex:size=128');
    for (let length = 1; length <= 300; length++) readSync(zero, Buffer.alloc(length));
    return readFileSync(join(event, 'hist'), 'utf8');
  } finally {
    rmdirSync(instance);
    closeSync(zero);
  }
}
