/** As churn.matrix.ts, with the sessions traced for real: what the events are told is held to what the server said then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PgRelation } from '../../src/event/pg.js';
import type { Event } from '../../src/event/types.js';
import { piping } from '../live/piping.js';
import { impossible, type Via } from '../live/tracing.js';
import { startChurnServer, startSessions } from './churn-cluster.js';
import { History, type Verdict } from './churn-history.js';
import { expectedRelations } from './relations.js';
import type { Server } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();

const STEPS = 40;
/** Names that are compared at the least. */
const ENOUGH = 2000;
/** Milliseconds that a name may be behind on a machine that is busy, and one in how many may be. */
const PATIENCE = 500;
const SELDOM = 1000;
/** Milliseconds that the server may take to write what it has rolled back to the WAL's file, and somewhat more. */
const WRITTEN = 2000;

for (const via of ['strace', 'ftrace'] as const)
  test(`sessions that are traced via ${via}`, { skip: impossible(via) ?? false }, () => traced(via));

async function traced(via: Via): Promise<void> {
  const server = await startChurnServer(version);
  try {
    const history = new History();
    history.learn(await expectedRelations(server));
    const sessions = await startSessions(server, () => history.session());
    const pids = await Promise.all(
      sessions.map(async ({ client }) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid),
    );
    const asked = pids.flatMap((pid) => ['-p', String(pid)]);
    const { events, stderr } = await piping([...asked, '--via', via], server.dataDir, async () => {
      await Promise.all(
        sessions.map(async (session) => {
          for (let count = 0; count < STEPS; count++) await session.step();
        }),
      );
    });
    const path = await pathsOf(server);
    const counts: Record<Verdict, number> = {
      right: 0,
      ahead: 0,
      behind: 0,
      unended: 0,
      passing: 0,
      unknown: 0,
      late: 0,
      wrong: 0,
    };
    const longest = { ahead: 0, behind: 0, unended: 0 };
    const faults: string[] = [];
    for (const { event, arrived } of events) {
      for (const pg of relationsIn(event)) {
        const at = { from: (event as { ts: number }).ts * 1000, to: arrived };
        const { verdict, by } = history.judge(path(pg), pg, at);
        counts[verdict]++;
        if (verdict in longest)
          longest[verdict as keyof typeof longest] = Math.max(longest[verdict as keyof typeof longest], by);
        if (verdict === 'wrong' || verdict === 'late')
          faults.push(
            `${verdict}: ${JSON.stringify(event)}, arrived ${arrived}, known: ${history.tell(path(pg))}`,
          );
      }
    }
    const named = counts.right + counts.ahead + counts.behind + counts.unended + counts.passing;
    console.log(
      `PostgreSQL ${version} via ${via}: ${named} names of events, ${JSON.stringify(counts)}, longest in ms ${JSON.stringify(longest)}; ${stderr}`,
    );
    assert.deepEqual(faults.slice(0, 5), []);
    assert.ok(named > ENOUGH, `${named} names`);
    assert.ok(longest.behind < PATIENCE && longest.unended < WRITTEN, JSON.stringify(longest));
    assert.ok(counts.behind < named / SELDOM, JSON.stringify(counts));
  } finally {
    await server.remove();
  }
}

/** The `pg` and `pg2` of an event that are relations. */
function relationsIn(event: Event): PgRelation[] {
  if (event.type !== 'syscall' || event.ts === null) return [];
  return [event.pg, event.pg2].filter((pg): pg is PgRelation => pg?.kind === 'relation');
}

/** Gives back what makes the path of a `pg`'s main fork. */
async function pathsOf(server: Server): Promise<(pg: PgRelation) => string> {
  const client = await server.connect();
  const { rows } = await client.query<{ name: string; path: string }>(
    `SELECT spcname AS name, CASE spcname WHEN 'pg_default' THEN 'base' WHEN 'pg_global' THEN 'global'
       ELSE 'pg_tblspc/' || oid || '/PG_${version}_' || (SELECT catalog_version_no FROM pg_control_system()) END AS path
       FROM pg_tablespace`,
  );
  await client.end();
  const directories = new Map(rows.map(({ name, path }) => [name, path]));
  return ({ tablespace = '', databaseOid, backend, filenode }) => {
    const directory = directories.get(tablespace)!;
    const database = tablespace === 'pg_global' ? '' : `/${databaseOid}`;
    return `${directory}${database}/${backend === undefined ? '' : `t${backend}_`}${filenode}`;
  };
}
