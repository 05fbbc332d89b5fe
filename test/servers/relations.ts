/** What a server says of its relations' files, and which such files there are. */
import type { Client } from 'pg';
import { qualifiedName, type RelKind } from '../../src/event/pg.js';
import type { Cluster } from '../../src/resolve/cluster.js';
import { tablespaceVersionDirectory } from '../../src/resolve/cluster.js';
import type { NamedRelation } from '../../src/resolve/names.js';
import type { Server } from './server.js';

export interface Expected {
  path: string;
  named: NamedRelation;
  /** null for a shared relation. */
  database: string | null;
  tablespace: string;
  seen: boolean;
}

const RELKIND: Readonly<Record<string, RelKind>> = {
  r: 'table',
  i: 'index',
  S: 'sequence',
  t: 'toast',
  m: 'materialized view',
};

interface Row {
  oid: number;
  relname: string;
  nspname: string;
  relkind: string;
  path: string;
  shared: boolean;
  tablespace: string;
  owner: string | null;
  owner_schema: string | null;
  parent: string | null;
  parent_schema: string | null;
}

/** Every relation with a file, in all databases, by the path of its main fork. */
export async function expectedRelations(server: Server): Promise<Map<string, Expected>> {
  const expected = new Map<string, Expected>();
  const admin = await server.connect();
  const { rows: databases } = await admin.query<{ datname: string; open: boolean }>(
    'SELECT datname, datallowconn AS open FROM pg_database',
  );
  for (const { datname, open } of databases) {
    if (!open) await admin.query(`ALTER DATABASE ${quoted(datname)} ALLOW_CONNECTIONS true`);
    const client = await server.connect(datname);
    for (const [path, relation] of await relationsOf(client, datname)) expected.set(path, relation);
    await client.end();
  }
  await admin.end();
  return expected;
}

/**
 * As expectedRelations(), what a session of one database sees.
 * @param schemas only the relations in these and the session's own temporary ones, with their TOAST tables
 */
export async function relationsOf(
  client: Client,
  datname: string,
  schemas?: readonly string[],
): Promise<Map<string, Expected>> {
  const expected = new Map<string, Expected>();
  const { rows } =
    schemas === undefined
      ? await client.query<Row>(QUERY)
      : await client.query<Row>(QUERY + IN_SCHEMAS, [schemas]);
  for (const row of rows) {
    const named: NamedRelation = {
      oid: row.oid,
      schema: row.nspname,
      name: row.relname,
      relkind: RELKIND[row.relkind]!,
    };
    if (row.owner !== null) named.table = qualifiedName(row.owner_schema!, row.owner);
    if (row.parent !== null) named.parent = qualifiedName(row.parent_schema!, row.parent);
    const database = row.shared ? null : datname;
    expected.set(row.path, { path: row.path, named, database, tablespace: row.tablespace, seen: false });
  }
  return expected;
}

const IN_SCHEMAS =
  ' AND coalesce(o_n.oid, n.oid) IN (SELECT oid FROM pg_namespace WHERE nspname = ANY($1) OR oid = pg_my_temp_schema())';

const QUERY = `
  SELECT c.oid::int8::int4 AS oid, c.relname, n.nspname, c.relkind::text, pg_relation_filepath(c.oid) AS path,
         c.relisshared AS shared,
         (SELECT spcname FROM pg_tablespace t WHERE t.oid = coalesce(nullif(c.reltablespace, 0),
           (SELECT dattablespace FROM pg_database WHERE datname = current_database()))) AS tablespace,
         o.relname AS owner, o_n.nspname AS owner_schema, p.relname AS parent, p_n.nspname AS parent_schema
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_class toasted ON toasted.reltoastrelid = coalesce(i.indrelid, c.oid)
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S'
      AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    LEFT JOIN pg_class o ON o.oid = coalesce(toasted.oid, i.indrelid, d.refobjid)
    LEFT JOIN pg_namespace o_n ON o_n.oid = o.relnamespace
    LEFT JOIN pg_inherits h ON h.inhrelid = c.oid AND h.inhseqno = 1
    LEFT JOIN pg_class p ON p.oid = h.inhparent
    LEFT JOIN pg_namespace p_n ON p_n.oid = p.relnamespace
   WHERE pg_relation_filepath(c.oid) IS NOT NULL`;

export interface RelationPath {
  path: string;
  /** The path of the relation's main fork, first segment. */
  main: string;
  tablespace: number;
  database: number;
  filenode: number;
  backend?: number;
}

const FILE = /^((?:t(\d+)_)?(\d+))(?:_(?:fsm|vm|init))?(?:\.\d+)?$/;

/** Every file that has a relation file's name. */
export function* relationFiles(cluster: Cluster): Generator<RelationPath> {
  const { files } = cluster;
  yield* inDirectory('global', 1664, 0);
  for (const database of files.list('base')) yield* inDirectory(`base/${database}`, 1663, Number(database));
  for (const tablespace of files.list('pg_tblspc')) {
    const directory = `pg_tblspc/${tablespace}/${tablespaceVersionDirectory(cluster)}`;
    for (const database of files.list(directory)) {
      yield* inDirectory(`${directory}/${database}`, Number(tablespace), Number(database));
    }
  }

  function* inDirectory(directory: string, tablespace: number, database: number): Generator<RelationPath> {
    for (const name of files.list(directory)) {
      const match = FILE.exec(name);
      if (match === null) continue;
      const path = `${directory}/${name}`;
      const main = `${directory}/${match[1]}`;
      const file = { path, main, tablespace, database, filenode: Number(match[3]) };
      yield match[2] === undefined ? file : { ...file, backend: Number(match[2]) };
    }
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
