/** What an object is called. Raw: names hold anything, so escape them before they are shown. */
import type { PgRelation } from '../event/pg.js';
import { qualifiedName } from '../event/pg.js';
import type { ObjectStat } from './objects.js';

/** `public.orders`, `filenode 16390` where it has no name, `wal`, `temp of 3820`, a path; `-` for calls on no file. */
export function nameOf({ kind, pg, path }: ObjectStat): string {
  if (pg === null) return path ?? '-';
  if (pg.kind === 'relation') return relationName(pg);
  if (pg.kind === 'temp' && pg.creator !== undefined) return `temp of ${pg.creator}`;
  return kind;
}

function relationName(pg: PgRelation): string {
  const { schema, relation, uncommitted, dropped, rewriteOf } = pg;
  const name =
    schema === undefined || relation === undefined
      ? `filenode ${pg.filenode}`
      : qualifiedName(schema, relation);
  // Asked for a million names, whose making takes longer than a look at what few have.
  if (uncommitted === undefined && dropped === undefined && rewriteOf === undefined) return name;
  const marks = [
    ...(uncommitted === true ? ['uncommitted'] : []),
    ...(dropped === true ? ['dropped'] : []),
    ...(rewriteOf === undefined ? [] : [`rewrite of ${rewriteOf}`]),
  ];
  return `${name} (${marks.join(', ')})`;
}

/** `table`, `index`, `toast` …, `wal`, `temp` …; `relation` where its kind is not known. */
export function kindOf({ kind, pg }: ObjectStat): string {
  return pg?.kind === 'relation' ? (pg.relkind ?? kind) : kind;
}

/** `shared` for the relations of no database; null for what is of none. */
export function databaseOf({ pg }: ObjectStat): string | null {
  if (pg === null) return null;
  if (pg.kind === 'relation' && pg.databaseOid === 0) return 'shared';
  if (pg.kind === 'relation' && pg.database === undefined && pg.databaseOid !== undefined)
    return `oid ${pg.databaseOid}`;
  return 'database' in pg ? (pg.database ?? null) : null;
}
