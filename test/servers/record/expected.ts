/** What the server itself says of its files: the truth that resolving a snapshot is held against. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Fork, qualifiedName, type RelKind } from '../../../src/event/pg.js';
import type { Server } from '../server.js';

export interface Expected {
  version: number;
  /** SHOW server_version. */
  server: string;
  blockSize: number;
  /** In blocks. */
  segmentSize: number;
  systemIdentifier: string;
  checksums: boolean;
  databases: { oid: number; name: string; tablespace: number }[];
  tablespaces: { oid: number; name: string }[];
  /** One entry a fork that has a file. */
  relations: ExpectedFork[];
  /** Relations of a transaction that has not ended. */
  uncommitted: { databaseOid: number; schema: string; relation: string; oid: number; path: string }[];
}

export interface ExpectedFork {
  /** Absent for a shared relation. */
  database?: string;
  /** 0 for a shared relation. */
  databaseOid: number;
  schema: string;
  relation: string;
  relkind: RelKind;
  oid: number;
  filenode: number;
  tablespace: string;
  tablespaceOid: number;
  fork: Fork;
  /** Of the fork's first segment, below the data directory. */
  path: string;
  /** Of all segments, in bytes. */
  size: number;
  /** Of an index its table, of a TOAST table and its index the owning table; as SQL writes it. */
  table?: string;
}

interface Row {
  schema: string;
  relation: string;
  relkind: RelKind;
  oid: number;
  filenode: number;
  tablespace: string;
  tablespaceOid: number;
  shared: boolean;
  path: string;
  sizes: Record<Fork, number>;
  tableSchema: string | null;
  table: string | null;
}

const RELATIONS = `
SELECT n.nspname AS schema, c.relname AS relation, c.oid::int, pg_relation_filenode(c.oid)::int AS filenode,
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 't' THEN 'toast'
    WHEN 'm' THEN 'materialized view' END AS relkind,
  s.spcname AS tablespace, s.oid::int AS "tablespaceOid", c.relisshared AS shared,
  pg_relation_filepath(c.oid) AS path,
  (SELECT json_object_agg(f, pg_relation_size(c.oid, f)) FROM unnest('{main,fsm,vm,init}'::text[]) f) AS sizes,
  own.relname AS table, own_n.nspname AS "tableSchema"
FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_database d ON d.datname = current_database()
  JOIN pg_tablespace s
    ON s.oid = CASE WHEN c.relisshared THEN 1664 WHEN c.reltablespace = 0 THEN d.dattablespace ELSE c.reltablespace END
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_class owner ON owner.reltoastrelid = coalesce(i.indrelid, c.oid)
  LEFT JOIN pg_class own ON own.oid = coalesce(owner.oid, i.indrelid)
  LEFT JOIN pg_namespace own_n ON own_n.oid = own.relnamespace
WHERE pg_relation_filepath(c.oid) IS NOT NULL
ORDER BY c.oid`;

export async function askServer(server: Server, databases: readonly string[]): Promise<Expected> {
  const client = await server.connect();
  const one = async (query: string) => (await client.query(query)).rows[0];
  const many = async (query: string) => (await client.query(query)).rows;
  const { server_version } = await one('SHOW server_version');
  const { block_size } = await one('SHOW block_size');
  const { segment_size } = await one(
    `SELECT setting AS segment_size FROM pg_settings WHERE name = 'segment_size'`,
  );
  const { data_checksums } = await one('SHOW data_checksums');
  const { id } = await one('SELECT system_identifier::text AS id FROM pg_control_system()');
  const expected: Expected = {
    version: server.version,
    server: server_version,
    blockSize: Number(block_size),
    segmentSize: Number(segment_size),
    systemIdentifier: id,
    checksums: data_checksums === 'on',
    databases: await many(
      'SELECT oid::int, datname AS name, dattablespace::int AS tablespace FROM pg_database ORDER BY 1',
    ),
    tablespaces: await many('SELECT oid::int, spcname AS name FROM pg_tablespace ORDER BY 1'),
    relations: [],
    uncommitted: [],
  };
  await client.end();
  for (const name of databases) {
    const { oid } = expected.databases.find((database) => database.name === name)!;
    const withShared = name === databases[0];
    const forks = await askDatabase(server, name, oid);
    expected.relations.push(...forks.filter((fork) => withShared || fork.databaseOid !== 0));
  }
  return expected;
}

async function askDatabase(server: Server, database: string, databaseOid: number): Promise<ExpectedFork[]> {
  const client = await server.connect(database);
  const { rows } = await client.query<Row>(RELATIONS);
  await client.end();
  return rows.flatMap((row) =>
    (['main', 'fsm', 'vm', 'init'] as const).flatMap((fork) => {
      const path = fork === 'main' ? row.path : `${row.path}_${fork}`;
      if (!existsSync(join(server.dataDir, path))) return [];
      return [
        {
          ...(row.shared ? {} : { database }),
          databaseOid: row.shared ? 0 : databaseOid,
          schema: row.schema,
          relation: row.relation,
          relkind: row.relkind,
          oid: row.oid,
          filenode: row.filenode,
          tablespace: row.tablespace,
          tablespaceOid: row.tablespaceOid,
          fork,
          path,
          size: row.sizes[fork],
          ...(row.table === null ? {} : { table: qualifiedName(row.tableSchema!, row.table) }),
        },
      ];
    }),
  );
}

/** One fork a line, so that a difference between two recordings can be read. */
export function formatExpected({ relations, ...rest }: Expected): string {
  const head = JSON.stringify(rest, null, 2).replace(/\n}$/, '');
  return `${head},\n  "relations": [\n${relations.map((fork) => `    ${JSON.stringify(fork)}`).join(',\n')}\n  ]\n}\n`;
}
