/** The recorded output of resolving, held against what the server itself said of its files. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { PgRelation } from '../../src/event/pg.js';
import type { Event } from '../../src/event/types.js';
import type { Expected, ExpectedFork } from '../servers/record/expected.js';
import { goldenPath, readCases } from './cases.js';

for (const { name, dataDir } of readCases()) {
  const golden = goldenPath(name, '.resolved.ndjson');
  if (dataDir === null || !existsSync(golden)) continue;
  test(`${name}: every named relation is the server's own`, () => {
    const expected = JSON.parse(readFileSync(`${dataDir}/expected.json`, 'utf8')) as Expected;
    const truth = new Map(expected.relations.map((fork) => [keyOf(fork), fork]));
    const counts = { named: 0, gone: 0 };
    for (const pg of relationsOf(readFileSync(golden, 'utf8'))) {
      const fork = truth.get(keyOf(pg));
      if (fork === undefined) {
        assert.ok(isGone(pg), `the server has no such file: ${JSON.stringify(pg)}`);
        counts.gone += 1;
        continue;
      }
      assert.deepEqual(namesOf(pg), namesOf(fork));
      counts.named += 1;
    }
    assert.ok(
      counts.named > 10 * counts.gone,
      `expected hardly any event of a relation that is gone, found ${counts.gone} beside ${counts.named}`,
    );
  });
}

/** Not by fork: a trace also shows how the server looked for a fork that is not there. */
function keyOf({ databaseOid, filenode }: PgRelation | ExpectedFork): string {
  return `${databaseOid}/${filenode}`;
}

/** A file of a relation that was dropped or rewritten between the call and the snapshot. */
function isGone(pg: PgRelation): boolean {
  return pg.unresolved !== undefined || pg.dropped === true || pg.uncommitted === true;
}

function namesOf({ database, schema, relation, relkind, oid, tablespace, table }: PgRelation | ExpectedFork) {
  return { database, schema, relation, relkind, oid, tablespace, table };
}

function relationsOf(ndjson: string): PgRelation[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const event = JSON.parse(line) as Event;
      if (event.type !== 'syscall') return [];
      return [event.pg, event.pg2].filter((pg) => pg?.kind === 'relation') as PgRelation[];
    });
}
