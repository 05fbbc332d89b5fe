/** A session that changes its own schemas at random, and tells a witness what the server says after each step. */
import type { Client } from 'pg';
import type { Random } from '../random.js';
import type { Relations, Span, Witness } from './churn-witness.js';
import { relationsOf } from './relations.js';
import type { Server } from './server.js';

export interface ChurnSession {
  readonly client: Client;
  /** Statements that the server refused: two sessions that wait for each other. */
  refused: number;
  committed: Relations;
  /** One step: a statement, or a transaction of some. */
  step(): Promise<void>;
}

interface Options {
  server: Server;
  witness: Witness;
  database: string;
  number: number;
  random: Random;
  /** Commits something, so that all WAL up to here is in its file. */
  flush: () => Promise<void>;
}

/** Statements for the table `t`, `u` being a fresh name; each leaves the table where it was, or gone. */
const STATEMENTS: readonly { sql: string; since?: number; alone?: true }[] = [
  { sql: 'CREATE TABLE $u (id serial PRIMARY KEY, k int, v text)' },
  { sql: 'CREATE TABLE $u (id int GENERATED ALWAYS AS IDENTITY, k int, v text) TABLESPACE fast' },
  { sql: 'CREATE UNLOGGED TABLE $u (id int, k int, v text)' },
  { sql: 'CREATE TEMP TABLE $n (id int PRIMARY KEY, k int, v text)' },
  { sql: `CREATE TABLE $u AS SELECT g AS id, g AS k, 'x' || g AS v FROM generate_series(1, 200) g` },
  { sql: 'CREATE TABLE $u (LIKE $t INCLUDING ALL)' },
  { sql: 'CREATE TABLE $u () INHERITS ($t)' },
  {
    sql: 'CREATE TABLE $u (id int, k int, v text) PARTITION BY RANGE (k); CREATE TABLE $u_p PARTITION OF $u FOR VALUES FROM (0) TO (10)',
  },
  {
    sql: 'CREATE TABLE $u (id int, k int, v text) PARTITION BY LIST (k); CREATE TABLE $u_p (id int, k int, v text); ALTER TABLE $u ATTACH PARTITION $u_p FOR VALUES IN (1)',
  },
  { sql: 'CREATE INDEX ON $t (k)' },
  { sql: 'CREATE INDEX ON $t (v) TABLESPACE fast' },
  { sql: 'CREATE INDEX CONCURRENTLY ON $t (k, id)', alone: true },
  { sql: 'CREATE MATERIALIZED VIEW $u AS SELECT k, count(*) FROM $t GROUP BY k' },
  { sql: 'CREATE MATERIALIZED VIEW $u AS SELECT 1 AS one; REFRESH MATERIALIZED VIEW $u' },
  { sql: 'CREATE SEQUENCE $u OWNED BY $t.id' },
  { sql: 'ALTER TABLE $t RENAME TO $n' },
  { sql: 'ALTER TABLE $t SET SCHEMA $other' },
  { sql: 'ALTER TABLE $t SET TABLESPACE fast' },
  { sql: 'ALTER TABLE $t SET TABLESPACE pg_default' },
  { sql: 'ALTER TABLE $t ALTER COLUMN k TYPE bigint; ALTER TABLE $t ALTER COLUMN k TYPE int' },
  { sql: 'ALTER TABLE $t ADD COLUMN $n text DEFAULT clock_timestamp()::text' },
  { sql: 'ALTER TABLE $t SET UNLOGGED' },
  { sql: 'TRUNCATE $t' },
  { sql: 'TRUNCATE $t RESTART IDENTITY CASCADE' },
  { sql: 'DROP TABLE $t CASCADE' },
  { sql: 'REINDEX TABLE $t' },
  { sql: 'REINDEX TABLE CONCURRENTLY $t', since: 12, alone: true },
  { sql: 'VACUUM FULL $t', alone: true },
  { sql: 'VACUUM $t', alone: true },
  { sql: `INSERT INTO $t (k, v) SELECT g, repeat('v', g) FROM generate_series(1, 50) g` },
  { sql: 'GRANT SELECT ON $t TO PUBLIC' },
  { sql: 'ANALYZE $t' },
];

export async function startChurn(options: Options): Promise<ChurnSession> {
  const { server, witness, database, number, random, flush } = options;
  const schemas = [`churn_${number}`, `Odd "${number}" schema`];
  const [client, locker] = [await server.connect(database), await server.connect(database)];
  // A row that is locked cannot be deleted.
  await client.query(`SET lock_timeout = '200ms'`);
  for (const schema of schemas) await client.query(`CREATE SCHEMA ${quoted(schema)}`);
  let made = 0;
  let locking = false;

  const look = (): Promise<Relations> => relationsOf(client, database, schemas);
  const session: ChurnSession = { client, refused: 0, committed: new Map(), step };
  const first = `${quoted(schemas[0]!)}.first`;
  await settle(await send(`CREATE TABLE ${first} (id serial PRIMARY KEY, k int, v text)`));
  return session;

  async function settle(span: Span): Promise<void> {
    const before = session.committed;
    session.committed = await look();
    witness.checkCommitted(before, session.committed, span);
  }

  /** @throws where the server refuses it. */
  async function send(sql: string): Promise<Span> {
    const from = Date.now();
    await client.query(sql);
    return { from, to: Date.now() };
  }

  async function step(): Promise<void> {
    await lock();
    const kind = random.below(10);
    if (kind < 6) {
      const refused = await attempt(statement(false), settle);
      if (refused === null) return;
      // What it had done in transactions of its own stays.
      await settle(refused);
      // It was undone after the session was told, and before it was answered again.
      witness.refuse({ from: refused.from, to: Date.now() });
      return;
    }
    await client.query('BEGIN');
    const all = new Map(session.committed);
    const lookInside = async (span: Span): Promise<void> => {
      await flush();
      const seen = await look();
      for (const [path, relation] of seen) if (!all.has(path)) all.set(path, relation);
      witness.checkOpen(session.committed, seen, span);
    };
    const count = 1 + random.below(4);
    for (let index = 0; index < count; index++) {
      await client.query(`SAVEPOINT s${index}`);
      const refused = await attempt(statement(true), lookInside);
      if (refused !== null || random.below(4) === 0) {
        const back = await send(`ROLLBACK TO s${index}`);
        if (refused !== null) witness.refuse({ from: refused.from, to: back.to });
        await lookInside(back);
      } else if (random.below(2) === 0) await client.query(`RELEASE s${index}`);
    }
    if (random.below(2) === 0) {
      await settle(await send('COMMIT'));
    } else {
      const span = await send('ROLLBACK');
      await flush();
      witness.checkRolledBack(session.committed, all, span);
    }
  }

  /** Another session holds rows of pg_class, so that who changes them makes a multixact. */
  async function lock(): Promise<void> {
    if (locking) await locker.query('COMMIT');
    else
      await locker.query(
        `BEGIN; SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
           WHERE nspname = 'churn_${number}' AND c.oid::int8 % 3 = 0 FOR KEY SHARE OF c`,
      );
    locking = !locking;
  }

  /** Sends the parts of `sql`, one after the other, until the server refuses one: when that was, else null. */
  async function attempt(sql: string, after: (span: Span) => Promise<void>): Promise<Span | null> {
    for (const part of sql.split('; ')) {
      const from = Date.now();
      const done = await send(part).catch(() => null);
      if (done === null) {
        session.refused++;
        return { from, to: Date.now() };
      }
      await after(done);
    }
    return null;
  }

  function statement(inTransaction: boolean): string {
    const possible = STATEMENTS.filter(
      ({ since = 0, alone }) => server.version >= since && !(alone === true && inTransaction),
    );
    const { sql } = random.pick(possible);
    const tables = [...session.committed.values()].filter(({ named }) => named.relkind === 'table');
    const { named } = (tables.length > 0 ? random.pick(tables) : null) ?? {
      named: { schema: schemas[0]!, name: 'first' },
    };
    const fresh = `${random.pick(['t', 'T ä', 'q"'])}${made++}`;
    const schema = random.pick(schemas);
    const other = named.schema === schemas[0] ? schemas[1]! : schemas[0]!;
    const words: Readonly<Record<string, string>> = {
      $t: `${quoted(named.schema)}.${quoted(named.name)}`,
      $u_p: `${quoted(schema)}.${quoted(`${fresh} p`)}`,
      $u: `${quoted(schema)}.${quoted(fresh)}`,
      $n: quoted(fresh),
      $other: quoted(other),
    };
    return sql.replace(/\$u_p|\$other|\$[tun]/g, (word) => words[word]!);
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
