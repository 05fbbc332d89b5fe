/** How soon a table that a traced session makes has its name in the events, live: pgtrace-attach | pgtrace-resolve. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import type { PgRelation } from '../../src/event/pg.js';
import { piping } from '../live/piping.js';
import { impossible, type Via } from '../live/tracing.js';
import { type Server, startServer } from './server.js';
import { leftOut, versionUnderTest } from './versions.js';

const version = versionUnderTest();
const TABLES = 40;
/** How often a table gets another name. */
const RENAMES = 20;
/** Milliseconds that a table is read after it was made: each read opens the file. */
const READ_MS = 250;
/** Milliseconds that a name may take on a machine that is busy; half of the names are to take no longer than QUICK. */
const SLOW = 3000;
const QUICK = 150;

interface Made {
  filenode: number;
  /** Milliseconds since the epoch: the answer to CREATE TABLE. */
  committed: number;
}

interface Traced {
  via: Via;
  server: Server;
  client: pg.Client;
  /** Of the client's backend. */
  pid: number;
}

/** Works on a server whose catalogs nobody writes unasked, by each source. */
function byEach(name: string, work: (traced: Traced) => Promise<void>): void {
  for (const via of ['strace', 'ftrace'] as const)
    test(`${name} via ${via}`, { skip: impossible(via) ?? leftOut() }, async () => {
      const server = await startServer({
        version,
        settings: { checkpoint_timeout: '1h', autovacuum: false },
      });
      try {
        const client = await server.connect();
        const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
        await work({ via, server, client, pid });
      } finally {
        await server.remove();
      }
    });
}

byEach('a table made while its session is traced', madeFresh);
byEach('a table that is renamed while its session is traced', renamedOften);

async function madeFresh({ via, server, client, pid }: Traced): Promise<void> {
  const made: Made[] = [];
  const { events } = await piping(['-p', String(pid), '--via', via], server.dataDir, async () => {
    for (let number = 0; number < TABLES; number++) {
      await client.query(`CREATE TABLE fresh${number} AS SELECT g FROM generate_series(1, 500) g`);
      const committed = Date.now();
      const { rows } = await client.query(
        `SELECT pg_relation_filenode('fresh${number}')::int8::int4 AS filenode, pg_relation_filepath('fresh${number}') AS path`,
      );
      made.push({ filenode: rows[0].filenode, committed });
      while (Date.now() < committed + READ_MS)
        await client.query(`SELECT length(pg_read_binary_file('${rows[0].path}', 0, 8192))`);
    }
  });
  const delays = made.map(({ filenode, committed }, number) => {
    const after = events.flatMap(({ event }) => {
      const pg = event.type === 'syscall' && event.ts !== null ? event.pg : undefined;
      if (pg?.kind !== 'relation' || pg.filenode !== filenode) return [];
      const { ts } = event as { ts: number };
      return ts * 1000 > committed ? [{ at: ts * 1000, pg: pg as PgRelation }] : [];
    });
    assert.ok(after.length > 0, `fresh${number} was not read`);
    const named = after.findIndex(({ pg }) => pg.unresolved === undefined && pg.uncommitted === undefined);
    for (const { pg } of after) if (pg.unresolved === undefined) assert.equal(pg.relation, `fresh${number}`);
    return { first: named === 0, by: named < 0 ? READ_MS : after[named]!.at - committed };
  });
  const sorted = delays.map(({ by }) => by).sort((a, b) => a - b);
  const [median, longest] = [sorted[TABLES / 2]!, sorted.at(-1)!];
  const atOnce = delays.filter(({ first }) => first).length;
  console.log(
    `PostgreSQL ${version} via ${via}: ${atOnce} of ${TABLES} named at the first event after the commit, half within ${median.toFixed(0)} ms of it, all within ${longest.toFixed(0)} ms`,
  );
  assert.ok(median < QUICK && longest < SLOW, JSON.stringify(sorted));
}

async function renamedOften({ via, server, client, pid }: Traced): Promise<void> {
  await client.query('CREATE TABLE name0 AS SELECT g FROM generate_series(1, 500) g');
  const renamed: number[] = [];
  const { events } = await piping(['-p', String(pid), '--via', via], server.dataDir, async () => {
    for (let number = 1; number <= RENAMES; number++) {
      await client.query(`ALTER TABLE name${number - 1} RENAME TO name${number}`);
      renamed.push(Date.now());
      while (Date.now() < renamed.at(-1)! + 3 * READ_MS)
        await client.query(`SELECT count(*) FROM name${number}`); // asks for the file's size
    }
  });
  const told = events.flatMap(({ event }) => {
    const pg = event.type === 'syscall' && event.ts !== null ? event.pg : undefined;
    const number = pg?.kind === 'relation' ? /^name(\d+)$/.exec(pg.relation ?? '')?.[1] : undefined;
    return number === undefined ? [] : [{ at: (event as { ts: number }).ts * 1000, number: Number(number) }];
  });
  // One that comes late has a later name by then.
  const delays = renamed.map((committed, index) => {
    const first = told.find(({ at, number }) => at > committed && number > index);
    assert.ok(first !== undefined, `name${index + 1} was never told`);
    return first.at - committed;
  });
  const sorted = delays.sort((a, b) => a - b);
  const [median, longest] = [sorted[RENAMES / 2]!, sorted.at(-1)!];
  console.log(
    `PostgreSQL ${version} via ${via}: half of ${RENAMES} new names told within ${median.toFixed(0)} ms of the commit, all within ${longest.toFixed(0)} ms`,
  );
  assert.ok(median < 2 * QUICK && longest < SLOW, JSON.stringify(sorted));
}
