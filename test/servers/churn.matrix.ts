/** Names while everything changes and nothing is written but WAL: each held against what the server says right then. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { PgRelation } from '../../src/event/pg.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { createAsker } from './churn-asker.js';
import { startChurnServer, startSessions } from './churn-cluster.js';
import type { ChurnSession } from './churn-session.js';
import { Truth } from './churn-truth.js';
import { expectedRelations, relationFiles } from './relations.js';
import type { Server } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();

const STEPS = 60;
/** Before the data directory is copied, and before the server is killed. */
const STEPS_BEFORE = 15;

interface Churn {
  server: Server;
  truth: Truth;
  sessions: ChurnSession[];
}

async function startAll(): Promise<Churn> {
  const server = await startChurnServer(version, ['--data-checksums']);
  const truth = new Truth(createAsker(server.dataDir));
  const sessions = await startSessions(server, () => truth);
  return { server, truth, sessions };
}

test('names of what sessions create, drop, rewrite, rename, move, and roll back', async () => {
  const { server, truth, sessions } = await startAll();
  try {
    await Promise.all(sessions.map((session) => run(session, STEPS)));
    const { counts } = truth;
    console.log(
      `PostgreSQL ${version}: ${JSON.stringify(counts)}, none wrong; ${sessions.map(({ refused }) => refused)} statements refused`,
    );
    for (const count of Object.values(counts)) assert.ok(count > 0, JSON.stringify(counts));
  } finally {
    await server.remove();
  }
});

/** ResetUnloggedRelations() of src/backend/storage/file/reinit.c, where recovery has made the file that it copies to. */
const NOT_RECOVERED = /FATAL: +could not create file .*: File exists/;

test('a data directory that was copied while it changed, and one of a server that was killed', async (t) => {
  const { server, truth, sessions } = await startAll();
  try {
    truth.learn(await expectedRelations(server));
    await Promise.all(sessions.map((session) => run(session, STEPS_BEFORE)));
    const copied = `${server.dataDir}.copy`;
    const copying = promisify(execFile)('cp', ['-a', server.dataDir, copied]);
    let over = false;
    const churning = Promise.all(
      sessions.map((session) => run(session, Number.POSITIVE_INFINITY, () => over)),
    );
    // Files vanish while they are copied.
    await copying.catch(() => undefined);
    over = true;
    await churning;
    const copy = truth.checkImage(askAll(copied));

    const killed = sessions.map((session) => run(session, Number.POSITIVE_INFINITY).catch(() => undefined));
    await sleep(700);
    await server.crash();
    await Promise.all(killed);
    const told = askAll(server.dataDir);
    try {
      await server.start();
    } catch (error) {
      if (!NOT_RECOVERED.test(String(error))) throw error;
      t.diagnostic('the server itself cannot recover: what it would say of the killed one is not known');
      return;
    }
    const recovered = await expectedRelations(server);
    truth.checkKilled(told, recovered);
    console.log(
      `PostgreSQL ${version}: copied ${JSON.stringify(copy)}, killed ${recovered.size} of ${told.size} files, none wrong`,
    );
  } finally {
    await server.remove();
  }
});

async function run(session: ChurnSession, steps: number, isOver = () => false): Promise<void> {
  for (let count = 0; count < steps && !isOver(); count++) await session.step();
}

/** What a reader who comes now says of every relation's file. */
function askAll(directory: string): Map<string, PgRelation> {
  const cluster = openCluster(directoryFiles(directory));
  const paths = [...relationFiles(cluster)].map(({ main }) => main);
  const trouble: string[] = [];
  const told = createAsker(directory, (message) => trouble.push(message)).ask(new Set(paths));
  assert.deepEqual(trouble, []);
  return told;
}
