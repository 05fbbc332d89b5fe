/** What is said of a file, in two parts: the keys before those that change with every call, and the ones after. */
import type { PgOther, PgRelation, PgSlru, PgTemp, PgWal } from '../event/pg.js';
import type { OtherFile, RelationFile, SlruFile, TempFile } from './clusterfile.js';
import type { Located } from './locate.js';
import type { NamedRelation, Names } from './names.js';
import type { WalFile } from './walpath.js';

export interface Description {
  before: Partial<PgRelation> | Partial<PgWal> | Partial<PgTemp> | Partial<PgSlru> | Partial<PgOther>;
  after: Partial<PgRelation> | { unresolved?: string };
  /** Why there is no name, or no block. */
  reason: string | null;
}

export const NO_DIRECTORY = 'no data directory';

/**
 * @param names null where no data directory is known
 * @param databaseOf the name of the database that a process works in, where the events have told it
 */
export function describe(
  located: Located,
  names: Names | null,
  databaseOf: (pid: number) => string | undefined,
): Description {
  const { file } = located;
  // What no catalog names (a log, a library) needs no data directory to be told.
  switch (file.kind) {
    case 'relation':
      return describeRelation(file, names, located.reason ?? noDirectory(names));
    case 'wal':
      return describeWal(file, located.reason ?? noDirectory(names));
    case 'temp':
      return describeTemp(file, names, located.reason ?? noDirectory(names), databaseOf);
    case 'xact':
    case 'multixact':
    case 'subtrans':
    case 'commit_ts':
    case 'notify':
    case 'serial':
      return describeSlru(file, located.reason ?? noDirectory(names));
    default:
      return describeOther(file, names, located.reason);
  }
}

function noDirectory(names: Names | null): string | null {
  return names === null ? NO_DIRECTORY : null;
}

function describeRelation(file: RelationFile, names: Names | null, why: string | null): Description {
  const { fork, segment, filenode } = file;
  const answer = why ?? names!.relation(file.tablespace, file.database, filenode, file.backend ?? undefined);
  const found = typeof answer === 'string' ? null : answer;
  const reason = typeof answer === 'string' ? answer : null;
  const database = nameOf(why, file.database, (oid) => names!.database(oid));
  const tablespace = nameOf(why, file.tablespace, (oid) => names!.tablespace(oid));
  return {
    before: {
      kind: 'relation',
      ...(database !== undefined && { database }),
      ...(found !== null && nameKeys(found)),
      fork,
      segment,
    },
    after: {
      ...(found !== null && { oid: found.oid }),
      databaseOid: file.database,
      filenode,
      ...(tablespace !== undefined && { tablespace }),
      ...(file.backend !== null && { backend: file.backend }),
      ...(found !== null && stateKeys(found)),
      ...(reason !== null && { unresolved: reason }),
    },
    reason,
  };
}

function nameKeys({ schema, name, relkind, table, parent }: NamedRelation): Partial<PgRelation> {
  return {
    schema,
    relation: name,
    relkind,
    ...(table !== undefined && { table }),
    ...(parent !== undefined && { parent }),
  };
}

function stateKeys({ uncommitted, dropped, rewriteOf }: NamedRelation): Partial<PgRelation> {
  return {
    ...(uncommitted && { uncommitted }),
    ...(dropped && { dropped }),
    ...(rewriteOf !== undefined && { rewriteOf }),
  };
}

function describeWal(file: WalFile, reason: string | null): Description {
  const before: Partial<PgWal> = {
    kind: 'wal',
    ...(file.timeline !== null && { timeline: file.timeline }),
    segment: file.segment,
    ...(file.lsn !== null && { lsn: file.lsn }),
  };
  // Only of a segment's own bytes is something missing without pg_control.
  const why = reason === NO_DIRECTORY && file.segno === null ? null : reason;
  return { before, after: unresolved(why), reason: why };
}

function describeTemp(
  file: TempFile,
  names: Names | null,
  reason: string | null,
  databaseOf: (pid: number) => string | undefined,
): Description {
  const database = file.creator === null || reason !== null ? undefined : databaseOf(file.creator);
  const tablespace = nameOf(reason, file.tablespace, (oid) => names!.tablespace(oid));
  const before: Partial<PgTemp> = {
    kind: 'temp',
    ...(file.creator !== null && { creator: file.creator }),
    ...(file.number !== null && { number: file.number }),
    ...(database !== undefined && { database }),
    ...(tablespace !== undefined && { tablespace }),
    file: file.file,
  };
  return { before, after: unresolved(reason), reason };
}

function describeSlru(file: SlruFile, reason: string | null): Description {
  return { before: { kind: file.kind, file: file.file }, after: unresolved(reason), reason };
}

function describeOther(file: OtherFile, names: Names | null, reason: string | null): Description {
  const why = reason ?? noDirectory(names);
  const database = nameOf(why, file.database, (oid) => names!.database(oid));
  const tablespace = nameOf(why, file.tablespace, (oid) => names!.tablespace(oid));
  const unnamed = file.database !== null && database === undefined ? (why ?? 'no such database') : reason;
  const before: Partial<PgOther> = {
    kind: file.kind,
    ...(file.file !== '' && { file: file.file }),
    ...(database !== undefined && { database }),
    ...(tablespace !== undefined && { tablespace }),
    ...(file.slot !== null && { slot: file.slot }),
  };
  return { before, after: unresolved(unnamed), reason: unnamed };
}

function nameOf(
  reason: string | null,
  oid: number | null,
  look: (oid: number) => string | undefined,
): string | undefined {
  return reason !== null || oid === null || oid === 0 ? undefined : look(oid);
}

function unresolved(reason: string | null): { unresolved?: string } {
  return reason === null ? {} : { unresolved: reason };
}
