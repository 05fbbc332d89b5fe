/**
 * What a process is at: the commands that show in their calls, each with its phase in the words of PostgreSQL's
 * pg_stat_progress_* views. What the calls do not show is not said.
 */
import { qualifiedName } from '../event/pg.js';
import type { ForkStat, ObjectStat } from './objects.js';
import type { Group, ProcessStat } from './processes.js';
import { knownTime, type Progress, progressOf } from './progress.js';
import { MUCH, type SecondPass, type Work } from './work.js';

export interface Activity {
  what:
    | 'vacuum'
    | 'create index'
    | 'rewrite'
    | 'fill new table'
    | 'copy'
    | 'sort or hash'
    | 'replay'
    | 'scan';
  phase: string | null;
  /** The relation that it reads or makes; null for WAL. */
  object: ObjectStat | null;
  /** The table that this is a partition of, where it is known how far all of its partitions are read; null else. */
  parent: string | null;
  /** Of the phase: of the fork that it reads, of all partitions of the parent, or the temporary files read back; null where it has none. */
  progress: Progress | null;
  /** The part, 0 to 1, of the temporary files that the last reading has got, or of the file that COPY reads. */
  partDone: number | null;
  /** Bytes that COPY has read of its file, program or client, or written to it. */
  copied: number;
  /** Where in the WAL a replay is, `0/45A3C000`. */
  lsn: string | null;
}

/** What reads a table as a plan says; the others take its partitions one by one. */
const IN_PLANS: ReadonlySet<Activity['what']> = new Set(['scan', 'sort or hash', 'copy', 'fill new table']);

/** @param now in the trace's seconds. @returns null where the calls show no work that has a name. */
export function activityOf(process: ProcessStat, now: number): Activity | null {
  const { group, about } = process;
  const { work } = group;
  if (work.idle) return null;
  const found =
    replay(about?.role, work) ??
    building(work) ??
    vacuum(about?.role, work, group) ??
    copy(work) ??
    spill(work) ??
    scan(work, group, now);
  if (found === null) return null;
  const { what, phase, fork } = found;
  const pg = fork?.object.pg;
  const whole = fork !== null && IN_PLANS.has(what) ? work.appends.progressAt(fork, group, now) : null;
  const isWhole = whole !== null && whole.done !== null;
  return {
    what,
    phase,
    object: fork?.object ?? found.object ?? null,
    parent: isWhole && pg?.kind === 'relation' ? (pg.parent ?? null) : null,
    progress: isWhole ? whole : progressAt(found, group, now),
    partDone: partDone(found, work),
    copied: found.copied ?? 0,
    lsn: what === 'replay' ? work.walRead : null,
  };
}

interface Found {
  what: Activity['what'];
  phase: string | null;
  fork: ForkStat | null;
  object?: ObjectStat | null;
  again?: SecondPass;
  copied?: number;
}

function progressAt({ fork, again }: Found, group: Group, now: number): Progress | null {
  if (again !== undefined) return progressAgain(again, now);
  const reads = fork?.reads.get(group);
  return reads !== undefined && reads.position >= 0 ? progressOf(reads, fork!.total, now) : null;
}

/**
 * The second pass goes up through the blocks with dead rows (lazy_vacuum_heap_rel of vacuumlazy.c), so the part done
 * is where it is between the ends of what was scanned; heap_blks_vacuumed is the number of that block, too.
 */
function progressAgain({ from, to, position, advance, lastTs }: SecondPass, now: number): Progress {
  const done = (position - from) / (to - from);
  const rate = advance.perSecond(now);
  return {
    pattern: 'ascending',
    position,
    total: to,
    done,
    low: done,
    high: done,
    wrapped: false,
    passes: 2,
    rate,
    remaining: rate === null || rate <= 0 ? null : (to - position) / rate,
    lastTs: knownTime(lastTs),
  };
}

function partDone({ what, fork }: Found, { spill, file }: Work): number | null {
  if (what === 'copy')
    return file?.flow === 'read' && file.size !== null && file.size > 0
      ? Math.min(1, file.bytes / file.size)
      : null;
  return what !== 'vacuum' && fork === null ? spill.done() : null;
}

/** The startup process of a standby, or after a crash. */
function replay(role: string | undefined, { walRead }: Work): Found | null {
  if (role !== 'startup' || walRead === null) return null;
  return { what: 'replay', phase: 'reading WAL', fork: null };
}

/**
 * VACUUM looks at the visibility map before it reads a block, and reads indexes from their first block to their
 * last and nothing between, as no other statement does (vacuumlazy.c; btvacuumscan in nbtree.c). A scan of an index
 * may look at both, but goes to and fro between them.
 */
function vacuum(role: string | undefined, work: Work, group: Group): Found | null {
  const { table, index, reading, title, mapFirst, indexPass, indexScan, again } = work;
  if (table === null) return null;
  const told = isTitled(title, 'VACUUM') || (role === 'autovacuum worker' && mapFirst);
  const shown = !indexScan && mapFirst && (indexPass || isInOrder(table, group));
  if (!told && !shown) return null;
  if (reading === index && index !== null) return { what: 'vacuum', phase: 'vacuuming indexes', fork: index };
  if (again === null) return { what: 'vacuum', phase: 'scanning heap', fork: table };
  return { what: 'vacuum', phase: 'vacuuming heap', fork: null, object: table.object, again };
}

/** A file of a relation was made, then a table read, tuples sorted, and the file filled. */
function building(work: Work): Found | null {
  const { created, table, title } = work;
  if (created?.pg?.kind !== 'relation') return null;
  if (created.pg.relkind === 'index' || isTitled(title, 'CREATE INDEX', 'REINDEX')) {
    const what = 'create index';
    if (work.filling) return { what, phase: 'loading tuples in tree', fork: null, object: created };
    if (work.spill.turned > 0) return { what, phase: 'sorting live tuples', fork: null, object: created };
    return { what, phase: 'scanning table', fork: table, object: created };
  }
  if (table === null) return null;
  const what = isAnew(created, table.object) ? 'rewrite' : 'fill new table';
  if (what === 'rewrite' && work.spill.turned > 0) {
    const phase = work.filling ? 'writing new heap' : 'sorting tuples';
    return { what, phase, fork: null, object: created };
  }
  const phase = what === 'rewrite' ? `${work.index === null ? 'seq' : 'index'} scanning heap` : null;
  return { what, phase, fork: table, object: created };
}

/** The new file of the table that is read, as VACUUM FULL and CLUSTER make it. */
function isAnew({ pg: made }: ObjectStat, { pg: old }: ObjectStat): boolean {
  if (made?.kind !== 'relation' || old?.kind !== 'relation' || old.relation === undefined) return false;
  if (made.databaseOid !== old.databaseOid) return false;
  const name = qualifiedName(old.schema ?? '', old.relation);
  return made.rewriteOf === name || qualifiedName(made.schema ?? '', made.relation ?? '') === name;
}

/**
 * Much comes from a file, a program or the client, which is not answered, and a table grows; or goes there, and a
 * table is read. What a SELECT sends is not told from what COPY does, but by the title.
 */
function copy({ received, sent, file, piped, writing, table, title }: Work): Found | null {
  const titled = isTitled(title, 'COPY');
  const isMuch = (bytes: number) => bytes > MUCH || (titled && bytes > 0);
  const from = (whom: string, copied: number): Found | null =>
    writing && { what: 'copy', phase: `copying from ${whom}`, fork: null, object: writing.object, copied };
  const to = (whom: string, copied: number): Found | null =>
    table && { what: 'copy', phase: `copying to ${whom}`, fork: table, copied };
  if (file !== null && isMuch(file.bytes))
    return file.flow === 'read' ? from('a file', file.bytes) : to('a file', file.bytes);
  if (isMuch(piped.read)) return from('a program', piped.read);
  // Messages of the server go by a pipe, too.
  if (titled && piped.written > MUCH) return to('a program', piped.written);
  if (titled && sent > MUCH) return to('the client', sent);
  // What is little may be the statement itself.
  return received > MUCH ? from('the client', received) : null;
}

function spill({ spill, reading }: Work): Found | null {
  const phase = spill.phase();
  return phase === null ? null : { what: 'sort or hash', phase, fork: phase === 'writing' ? reading : null };
}

function scan({ table, reading, appends }: Work, group: Group, now: number): Found | null {
  if (table === null || reading !== table) return null;
  const known = isInOrder(table, group) || isShort(table, group, appends.progressAt(table, group, now));
  return known ? { what: 'scan', phase: null, fork: table } : null;
}

/** A partition of which too little was read for a pattern, and which is little of what is scanned. */
function isShort(fork: ForkStat, group: Group, whole: Progress | null): boolean {
  return whole !== null && whole.done !== null && fork.reads.get(group)?.pattern() === null;
}

function isInOrder(fork: ForkStat | null, group: Group): boolean {
  const pattern = fork?.reads.get(group)?.pattern() ?? null;
  return pattern === 'sequential' || pattern === 'bitmap-like' || pattern === 'ascending';
}

/** Whether a process title ends in one of the command tags. */
function isTitled(title: string | null, ...tags: string[]): boolean {
  return title !== null && tags.some((tag) => title.endsWith(` ${tag}`) || title.endsWith(` ${tag} waiting`));
}
