/** pgtrace on a backend that answers a large query, on a server of its own that goes away afterwards. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { attempt } from '../../src/cli/run.js';
import { main } from '../../src/pgtrace/main.js';
import { type Server, startServer } from '../servers/server.js';

const VERSION = 17;
/** How long to go on with the query where the source sees only moments of it. */
const SAMPLED_MS = 5000;
/** Lines to show of what touches one relation or kind of file, so that no scan hides the rest. */
const LINES_EACH = 4;
/** What a line's object is up to its blocks: `shop: public.orders main`, `temp`, `wal`. */
const OBJECT = /<((?:[^<>:]+: .*? (?:main|fsm|vm|init))|[a-z_]+)\b[^<>]*>/;

/** @throws where the server cannot be installed or started. */
export async function showLive(): Promise<void> {
  console.log(`Starting a PostgreSQL ${VERSION} on a private socket, with two tables ...`);
  const server = await startServer({
    version: VERSION,
    settings: { work_mem: '1MB', jit: false, max_parallel_workers_per_gather: 0 },
  });
  try {
    await fill(server);
    await trace(server);
  } finally {
    await server.remove();
  }
}

async function fill(server: Server): Promise<void> {
  const client = await server.connect();
  await client.query('CREATE DATABASE shop');
  await client.end();
  const shop = await server.connect('shop');
  await shop.query(`
    CREATE TABLE customers (id int PRIMARY KEY, name text);
    INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 20000) i;
    CREATE TABLE orders (id int PRIMARY KEY, customer int, amount numeric, note text);
    INSERT INTO orders SELECT i, i % 20000, i % 97, repeat(md5(i::text), 4) FROM generate_series(1, 300000) i;
    CHECKPOINT`);
  await shop.end();
}

const QUERY = `
  SELECT c.name, count(*), sum(o.amount), max(o.note)
  FROM orders o JOIN customers c ON c.id = o.customer
  GROUP BY c.name, o.note ORDER BY o.note DESC LIMIT 1`;

/** Looks up orders in no order, so that every read waits for the disk where the kernel has forgotten the file. */
const LOOK_UPS = `
  SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off;
  SELECT sum(o.amount) FROM (SELECT (i * 7919 % 300000) + 1 AS id FROM generate_series(1, 5000) i) r JOIN orders o USING (id);
  RESET ALL`;

async function trace(server: Server): Promise<void> {
  const client = await server.connect('shop');
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = rows[0]!.pid;
  console.log(
    `\n$ pgtrace -n -p ${pid}      # while it joins, sorts and sums up ${server.dataDir}'s orders\n`,
  );
  const shown = showing();
  const told = telling();
  const io = {
    argv: ['-p', String(pid), '--rate', '500'],
    env: process.env,
    stdin: process.stdin,
    stdout: shown.output,
    stderr: told.output,
  };
  // It ends with the backend.
  const traced = attempt('pgtrace', main, io);
  const source = await Promise.race([told.source, traced.then(() => null)]);
  const began = Date.now();
  do {
    await client.query(QUERY);
    if (source === 'sample') forgetFiles(server);
    await client.query(LOOK_UPS);
  } while (source === 'sample' && Date.now() - began < SAMPLED_MS);
  await client.query('UPDATE orders SET amount = amount + 1 WHERE id % 1000 = 0');
  await client.end();
  const status = await traced;
  if (status !== 0) throw new Error(`pgtrace ended with status ${status}`);
  console.log(`\n${shown.summary()}`);
}

/** A moment shows a read only while it waits for the disk: lets the kernel forget what it has of the files. */
function forgetFiles({ dataDir }: Server): void {
  spawnSync('sync');
  const base = join(dataDir, 'base');
  for (const file of readdirSync(base, { recursive: true, encoding: 'utf8' }))
    spawnSync('dd', [`if=${join(base, file)}`, 'iflag=nocache', 'count=0', 'status=none']);
}

interface Told {
  output: Writable;
  /** The source of the events, when it is known. */
  source: Promise<string>;
}

function telling(): Told {
  let found: (source: string) => void;
  const source = new Promise<string>((resolve) => {
    found = resolve;
  });
  const output = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      process.stderr.write(text);
      const name = /tracing via (\w+)/.exec(text)?.[1];
      if (name !== undefined) found(name);
      done();
    },
  });
  return { output, source };
}

/** Prints the first lines of each object, and counts all. */
function showing(): { output: Writable; summary(): string } {
  const counts = new Map<string, number>();
  let rest = '';
  const take = (line: string): void => {
    if (line.includes('=== ')) return;
    const object = OBJECT.exec(line)?.[1] ?? (line.includes('in no call') ? 'the processor' : undefined);
    if (object === undefined) return;
    const count = (counts.get(object) ?? 0) + 1;
    counts.set(object, count);
    if (object.includes('pg_catalog.')) return;
    if (count <= LINES_EACH) console.log(line);
    else if (count === LINES_EACH + 1) console.log(`                ... and so on with ${object}`);
  };
  const output = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      lines.forEach(take);
      done();
    },
  });
  return {
    output,
    summary() {
      const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 6);
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
      return `${all} lines: ${most.map(([object, count]) => `${count} on ${object}`).join(', ')} ...`;
    },
  };
}
