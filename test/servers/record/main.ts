/**
 * Records the fixtures: `fixtures/pgdata/<version>/` and `fixtures/trace/<case>.strace`, from real servers.
 * Arguments are versions; without any, all. Called by fixtures/record.sh, as root.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Server, startServer } from '../server.js';
import { wantedVersions } from '../versions.js';
import { askServer, formatExpected } from './expected.js';
import { takeSnapshot } from './snapshot.js';
import { startStrace } from './strace.js';
import { STYLES, STYLES_VERSION, type Style } from './styles.js';
import { makeShop, work, workBriefly } from './workload.js';

/** Where the recorded clusters live: paths in a trace should say nothing of who recorded it. */
const PLACE = '/var/lib/pgtrace-fixture';
/** Below the package's directory, where record.sh runs this. */
const FIXTURES = 'fixtures';
const TRACES = join(FIXTURES, 'trace');
const DATABASES = ['shop', 'postgres'];

/** Real I/O, but none that another run would not show: nothing starts on its own while the trace runs. */
const SETTINGS = {
  fsync: true,
  autovacuum: false,
  bgwriter_delay: '10s',
  wal_writer_delay: '10s',
  max_parallel_workers_per_gather: 0,
  checkpoint_timeout: '1h',
  max_wal_size: '1GB',
};

for (const version of wantedVersions(process.argv.slice(2).join(','))) await record(version);

async function record(version: number): Promise<void> {
  console.log(`PostgreSQL ${version}`);
  mkdirSync(PLACE, { recursive: true });
  mkdirSync(TRACES, { recursive: true });
  const directory = join(PLACE, String(version));
  // Checksums in every other version, so that both shapes of a cluster are there.
  const initdbArgs = version % 2 === 0 ? ['--data-checksums'] : [];
  const server = await startServer({ version, settings: SETTINGS, initdbArgs, directory });
  try {
    await makeShop(server);
    if (version === STYLES_VERSION) for (const style of STYLES) await recordStyle(server, style);
    await server.restart();
    const strace = await startStrace(
      server.pids(),
      ['-ttt', '-T', '-y', '-s', '8'],
      stem(`${version}`),
      false,
    );
    const session = await work(server);
    await strace.stop();
    await keepSnapshot(server, version);
    await session.end();
  } finally {
    await server.remove();
  }
}

async function keepSnapshot(server: Server, version: number): Promise<void> {
  const target = join(FIXTURES, 'pgdata', String(version));
  rmSync(target, { recursive: true, force: true });
  const pending = await server.connect('shop');
  await pending.query('BEGIN');
  await pending.query('CREATE TABLE not_yet (v int)');
  const { rows } = await pending.query(
    `SELECT d.oid::int AS "databaseOid", 'public' AS schema, relname AS relation, c.oid::int,
       pg_relation_filepath(c.oid) AS path
     FROM pg_class c, pg_database d WHERE relname = 'not_yet' AND datname = current_database()`,
  );
  // Asked before the checkpoint: a query may set hint bits, which the checkpoint then writes.
  const expected = await askServer(server, DATABASES);
  await pending.query('CHECKPOINT');
  await takeSnapshot(server, DATABASES, target);
  await pending.end();
  writeFileSync(join(target, 'expected.json'), formatExpected({ ...expected, uncommitted: rows }));
}

async function recordStyle(server: Server, style: Style): Promise<void> {
  await server.restart();
  await warmUp(server);
  const name = `${server.version}-${style.name}`;
  for (const file of readdirSync(TRACES)) if (file.startsWith(`${name}.`)) rmSync(join(TRACES, file));
  const pids = server.pids();
  if (style.lsof) {
    const listing = execFileSync('lsof', ['-nP', '-F', '-p', pids.join(',')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    writeFileSync(join(TRACES, `${name}.lsof`), listing);
  }
  const strace = await startStrace(pids, style.options, stem(name), style.toStderr === true);
  await workBriefly(server);
  await strace.stop();
  if (style.args !== undefined)
    writeFileSync(join(TRACES, `${name}.args.json`), `${JSON.stringify(style.args(new Date()), null, 2)}\n`);
}

/** A first session reads the catalogs and writes pg_internal.init: once is enough to have it on record. */
async function warmUp(server: Server): Promise<void> {
  const client = await server.connect('shop');
  await client.end();
}

function stem(name: string): string {
  return join(TRACES, `${name}.strace`);
}
