/**
 * What a process is at: the commands that show in their calls, each with its phase in the words of PostgreSQL's
 * pg_stat_progress_* views. What the calls do not show is not said.
 */
import type { ForkStat, ObjectStat } from './objects.js';
import type { Group, ProcessStat } from './processes.js';
import { type Progress, progressOf } from './progress.js';
import { MUCH, type Work } from './work.js';

export interface Activity {
  what: 'vacuum' | 'create index' | 'rewrite' | 'copy' | 'sort or hash' | 'replay' | 'scan';
  phase: string | null;
  /** The relation that it reads or makes; null for WAL. */
  object: ObjectStat | null;
  /** Of the phase: of the fork that it reads, or the temporary files read back; null where it has none. */
  progress: Progress | null;
  /** Bytes written to and read from temporary files; part of them read back after the last was written, 0 to 1. */
  tempWritten: number;
  tempRead: number;
  tempDone: number | null;
  /** Bytes received from the client. */
  received: number;
  /** Where in the WAL a replay is, `0/45A3C000`. */
  lsn: string | null;
}

/** @param now in the trace's seconds. @returns null where the calls show no work that has a name. */
export function activityOf(process: ProcessStat, now: number): Activity | null {
  const { group, about } = process;
  const { work } = group;
  const found =
    replay(about?.role, work) ??
    vacuum(about?.role, work, group) ??
    building(work) ??
    copy(work) ??
    spill(work) ??
    scan(work, group);
  if (found === null) return null;
  const { what, phase, fork } = found;
  const reads = fork?.reads.get(group);
  return {
    what,
    phase,
    object: fork?.object ?? found.object ?? null,
    progress: reads !== undefined && reads.position >= 0 ? progressOf(reads, fork!.total, now) : null,
    tempWritten: work.tempWritten,
    tempRead: work.tempRead,
    tempDone: what === 'sort or hash' ? tempDone(work) : null,
    received: what === 'copy' ? work.received : 0,
    lsn: what === 'replay' ? work.walRead : null,
  };
}

interface Found {
  what: Activity['what'];
  phase: string | null;
  fork: ForkStat | null;
  object?: ObjectStat | null;
}

/** The startup process of a standby, or after a crash. */
function replay(role: string | undefined, { walRead }: Work): Found | null {
  if (role !== 'startup' || walRead === null) return null;
  return { what: 'replay', phase: 'reading WAL', fork: null };
}

/**
 * VACUUM looks at the visibility map before it reads a block, and reads indexes from their first block to their
 * last, as no other statement does (vacuumlazy.c; btvacuumscan in nbtree.c).
 */
function vacuum(role: string | undefined, work: Work, group: Group): Found | null {
  const { table, index, reading, title } = work;
  if (table === null) return null;
  const told = role === 'autovacuum worker' || isTitled(title, 'VACUUM');
  const inOrder = isInOrder(index, group);
  const heap = work.mapFirst && isInOrder(table, group);
  if (!(inOrder || heap || (told && work.mapFirst))) return null;
  if (reading === index && index !== null) return { what: 'vacuum', phase: 'vacuuming indexes', fork: index };
  const again = index !== null && work.block < work.tableEnd;
  return { what: 'vacuum', phase: again ? 'vacuuming heap' : 'scanning heap', fork: table };
}

/** A file of a relation was made, then a table read, tuples sorted, and the file filled. */
function building(work: Work): Found | null {
  const { created, table, title } = work;
  if (created?.pg?.kind !== 'relation') return null;
  const index = created.pg.relkind === 'index' || isTitled(title, 'CREATE INDEX', 'REINDEX');
  if (!index && table === null) return null;
  const what = index ? 'create index' : 'rewrite';
  if (work.filling && (work.tempWritten === 0 || work.tempReadBack > 0)) {
    const phase = index ? 'loading tuples in tree' : 'writing new heap';
    return { what, phase, fork: null, object: created };
  }
  if (work.tempReadBack > 0) return { what, phase: 'sorting tuples', fork: null, object: created };
  return { what, phase: index ? 'scanning table' : 'seq scanning heap', fork: table, object: created };
}

/** Much is received without an answer, and a relation grows. */
function copy({ received, writing, title }: Work): Found | null {
  if (!(received > MUCH || (isTitled(title, 'COPY') && received > 0)) || writing === null) return null;
  return { what: 'copy', phase: 'copying from the client', fork: null, object: writing.object };
}

function spill(work: Work): Found | null {
  if (work.tempWritten === 0) return null;
  const back = work.tempReadBack > 0;
  return { what: 'sort or hash', phase: back ? 'reading back' : 'writing', fork: work.reading };
}

function scan({ table, reading }: Work, group: Group): Found | null {
  return table !== null && reading === table && isInOrder(table, group)
    ? { what: 'scan', phase: null, fork: table }
    : null;
}

/** Known where nothing was written since reading began and all that is there is read once. */
function tempDone(work: Work): number | null {
  const size = work.tempBlocks() * BLOCK;
  if (work.tempReadBack === 0 || size === 0 || work.tempReadBack > size) return null;
  return work.tempReadBack / size;
}

/** BLCKSZ of all but servers that were built otherwise. */
const BLOCK = 8192;

function isInOrder(fork: ForkStat | null, group: Group): boolean {
  const pattern = fork?.reads.get(group)?.pattern() ?? null;
  return pattern === 'sequential' || pattern === 'bitmap-like' || pattern === 'ascending';
}

/** Whether a process title ends in one of the command tags. */
function isTitled(title: string | null, ...tags: string[]): boolean {
  return title !== null && tags.some((tag) => title.endsWith(` ${tag}`) || title.endsWith(` ${tag} waiting`));
}
