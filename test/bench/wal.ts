/**
 * How fast WAL is read for what it did to the catalogs, beside cat(1) and pg_waldump on the same segments: small
 * transactions for the most part, one in a hundred makes and drops a table.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatLsn, type Lsn } from '../../src/postgres/wal/lsn.js';
import { WalReader } from '../../src/postgres/wal/reader.js';
import { startServer } from '../servers/server.js';
import { DEBIAN } from '../servers/wal-churn.js';
import { followOver, geometryOf, openLive, walEnd, walFiles } from '../servers/wal-follow.js';

const ROUNDS = 5;
const CATALOGS = new Set([1213, 1259, 1262, 2610, 2615]);
const WORK = `DO $$ BEGIN
  FOR i IN 1..200000 LOOP
    UPDATE accounts SET balance = balance + 1 WHERE id = 1 + (i * 7919) % 50000;
    INSERT INTO history VALUES (i, 1 + i % 50000, now(), 'some words');
    IF i % 100 = 0 THEN EXECUTE format('CREATE TABLE made_%s (id int PRIMARY KEY)', i); END IF;
    IF i % 200 = 0 THEN EXECUTE format('DROP TABLE made_%s', i); END IF;
    COMMIT;
  END LOOP;
END $$`;

const installed = existsSync(join(DEBIAN.binDir, 'pg_waldump'));
const server = await startServer({
  version: DEBIAN.version,
  ...(installed ? { binDir: DEBIAN.binDir } : {}),
  settings: {
    checkpoint_timeout: '1h',
    max_wal_size: '8GB',
    synchronous_commit: false,
    shared_buffers: '128MB',
  },
});
try {
  const client = await server.connect();
  await client.query('CREATE TABLE accounts (id int PRIMARY KEY, balance bigint)');
  await client.query('CREATE TABLE history (n int, id int, at timestamptz, words text)');
  await client.query('INSERT INTO accounts SELECT i, 0 FROM generate_series(1, 50000) i');
  await client.query('CHECKPOINT');
  await client.query(WORK);
  await client.end();
  measure(await walEnd(server));
} finally {
  await server.remove();
}

function measure(end: Lsn): void {
  const live = openLive(server);
  const { control } = live.cluster;
  const redo = Number(control.redo);
  const directory = join(server.dataDir, 'pg_wal');
  const range = ['-p', directory, '-s', formatLsn(redo), '-e', formatLsn(end)];
  const followed = () => followOver(live, server, (_spc, _db, rel) => CATALOGS.has(rel)).follower;
  const all = () => {
    let records = 0;
    const reader = new WalReader(geometryOf(live.cluster), walFiles(server.dataDir), control.timeline, redo);
    reader.read(
      () => true,
      () => {
        records += 1;
      },
    );
    return records;
  };
  const megabytes = (end - redo) / 1e6;
  console.log(`${megabytes.toFixed(0)} MB of WAL, ${all()} records; MB/s, the best of ${ROUNDS}`);
  const rates: [what: string, run: () => unknown][] = [
    ['catalogs followed', followed],
    ['every record checked and decoded', all],
    ['cat', () => execFileSync('sh', ['-c', `cat "${directory}"/0* >/dev/null`])],
  ];
  if (installed)
    rates.push([
      'pg_waldump --stats',
      () => execFileSync(join(DEBIAN.binDir, 'pg_waldump'), [...range, '--stats'], { stdio: 'ignore' }),
    ]);
  for (const [what, run] of rates) console.log(`${rate(run, megabytes).padStart(6)}  ${what}`);
  const redone = [...followed().pages.relations()].reduce((sum, { pages }) => sum + pages.size, 0);
  console.log(`${redone} pages of catalogs redone`);
}

function rate(run: () => unknown, megabytes: number): string {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    run();
    best = Math.min(best, performance.now() - began);
  }
  return (megabytes / (best / 1000)).toFixed(0);
}
