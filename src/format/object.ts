/** What a descriptor or a path is, in words: the text between `<` and `>`. */
import type { Pg, PgOther, PgRelation, PgSlru, PgTemp, PgWal } from '../event/pg.js';
import { safe, safeName } from './safe.js';

/**
 * `shop: public.orders main 984/133334`, `wal 000000010000000000000045 0/45A3C000` … Printable, whatever the
 * names hold.
 * @param path what the trace says of it, shown where the object has no name.
 * @param ids with oid, filenode, segment and tablespace.
 */
export function describeObject(pg: Pg, path: string | undefined, ids: boolean): string {
  switch (pg.kind) {
    case 'relation':
      return describeRelation(pg, path, ids);
    case 'wal':
      return describeWal(pg, ids);
    case 'temp':
      return `temp ${describeTemp(pg, ids)}`;
    case 'xact':
    case 'multixact':
    case 'subtrans':
    case 'commit_ts':
    case 'notify':
    case 'serial':
      return describeSlru(pg);
    default:
      return describeOther(pg, path);
  }
}

function describeRelation(pg: PgRelation, path: string | undefined, ids: boolean): string {
  const database = pg.database === undefined ? (pg.databaseOid === 0 ? 'shared' : '') : safe(pg.database);
  const { schema, relation } = pg;
  const named = schema !== undefined && relation !== undefined;
  let text = named ? safeName(schema, relation) : safe(path ?? `filenode ${pg.filenode}`);
  if (database !== '') text = `${database}: ${text}`;
  if (pg.table !== undefined) text += ` (${partName(pg)} of ${safe(pg.table)})`;
  if (pg.unresolved !== undefined) text += ` (${safe(pg.unresolved)})`;
  if (pg.fork !== undefined) text += ` ${safe(pg.fork)}`;
  const blocks = blockRange(pg);
  if (blocks !== '') text += ` ${blocks}`;
  else if (pg.segment !== undefined && pg.segment > 0 && !ids) text += ` segment ${pg.segment}`;
  const marks = relationMarks(pg);
  if (marks !== '') text += marks;
  return ids ? text + relationIds(pg) : text;
}

function partName({ relkind }: PgRelation): string {
  return relkind === 'toast' || relkind === 'sequence' ? relkind : 'index';
}

function relationMarks(pg: PgRelation): string {
  let text = '';
  if (pg.backend !== undefined) text += ` (temporary, backend ${pg.backend})`;
  if (pg.uncommitted === true) text += ' (uncommitted)';
  if (pg.dropped === true) text += ' (dropped)';
  if (pg.rewriteOf !== undefined) text += ` (rewrite of ${safe(pg.rewriteOf)})`;
  return text;
}

function relationIds(pg: PgRelation): string {
  let text = pg.segment === undefined ? '' : ` segment ${pg.segment}`;
  text += ` filenode ${pg.filenode}`;
  if (pg.oid !== undefined) text += ` oid ${pg.oid}`;
  if (pg.databaseOid !== undefined) text += ` database ${pg.databaseOid}`;
  if (pg.tablespace !== undefined) text += ` tablespace ${safe(pg.tablespace)}`;
  if (pg.relkind !== undefined) text += ` ${safe(pg.relkind)}`;
  return text;
}

/** `984/133334`, `984-999/133334`; `133334 blocks` where the call touches none, and empty where nothing is known. */
function blockRange(pg: { block?: number; blocks?: number; total?: number }): string {
  const { block, blocks, total } = pg;
  if (block === undefined) return total === undefined ? '' : total === 1 ? '1 block' : `${total} blocks`;
  const range = blocks !== undefined && blocks > 1 ? `${block}-${block + blocks - 1}` : `${block}`;
  return total === undefined ? range : `${range}/${total}`;
}

function describeWal(pg: PgWal, ids: boolean): string {
  let text = `wal ${safe(pg.segment)}`;
  if (pg.lsn !== undefined) text += ` ${safe(pg.lsn)}`;
  if (pg.unresolved !== undefined) text += ` (${safe(pg.unresolved)})`;
  return ids && pg.timeline !== undefined ? `${text} timeline ${pg.timeline}` : text;
}

function describeTemp(pg: PgTemp, ids: boolean): string {
  let text = safe(pg.file);
  if (pg.database !== undefined) text = `${safe(pg.database)}: ${text}`;
  const blocks = blockRange(pg);
  if (blocks !== '') text += ` ${blocks}`;
  if (pg.unresolved !== undefined) text += ` (${safe(pg.unresolved)})`;
  return ids && pg.tablespace !== undefined ? `${text} tablespace ${safe(pg.tablespace)}` : text;
}

function describeSlru(pg: PgSlru): string {
  let text = `${pg.kind} ${safe(pg.file)}`;
  const blocks = blockRange(pg);
  if (blocks !== '') text += ` ${blocks}`;
  if (pg.first !== undefined && pg.last !== undefined) text += ` (${pg.first}-${pg.last})`;
  return pg.unresolved === undefined ? text : `${text} (${safe(pg.unresolved)})`;
}

/** What the trace's own name of it says already. */
const PLAIN_KINDS: ReadonlySet<string> = new Set(['socket', 'pipe', 'epoll', 'other']);

function describeOther(pg: PgOther, path: string | undefined): string {
  const file = pg.file ?? path;
  const kind = safe(pg.kind);
  let text = '';
  if (file === undefined) text = kind;
  else text = PLAIN_KINDS.has(pg.kind) ? safe(file) : `${kind} ${safe(file)}`;
  if (pg.database !== undefined) text += ` of ${safe(pg.database)}`;
  if (pg.slot !== undefined) text += ` slot ${safe(pg.slot)}`;
  return pg.unresolved === undefined ? text : `${text} (${safe(pg.unresolved)})`;
}
