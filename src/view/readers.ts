/**
 * Whose a scan is. PostgreSQL 18's I/O workers read for others, and no call of theirs tells for whom: what they read
 * of a fork is its one user's, or continues the scan that it fits.
 */
import type { ForkStat, Scans } from './objects.js';
import { type Group, IO_WORKERS } from './processes.js';
import { Scan } from './scan.js';

/** What is read ahead for a backend is below this (blocks), by PostgreSQL's defaults 256. */
const READ_AHEAD = 1024;
/** A parallel scan hands out parts of at most 1/2048 of the table (heapam's parallel scan, tableam.c). */
const PARTS = 32;

/** Of a fork's `reads` or `writes`, the group's. */
export function scanOf(fork: ForkStat, scans: Scans, group: Group): Scan {
  let scan = scans.get(group);
  if (scan === undefined) {
    scan = new Scan();
    scans.set(group, scan);
    group.forks.add(fork);
  }
  return scan;
}

/** Whom the read of a process of `group` at `block` is for. */
export function readerOf(fork: ForkStat, group: Group, block: number): Group {
  if (group.leader === IO_WORKERS) return servedBy(fork, group, block);
  // Who has a scan of it uses it.
  if (fork.reads.get(group) === undefined) use(fork, group);
  return group;
}

/** A read of the `reader` that a process of `group` made: the scan that it is a step of. */
export function readOf(fork: ForkStat, reader: Group, group: Group): Scan {
  const scan = scanOf(fork, fork.reads, reader);
  // Parallel workers go at their own pace, I/O workers finish in any order.
  if (group.leader === IO_WORKERS || group.members.size > 1) scan.lag = reach(fork);
  return scan;
}

/** The group asked for the fork's size at `ts` (NaN where not known), as a scan does when it begins. */
export function sized(fork: ForkStat, group: Group, ts: number): void {
  use(fork, group);
  scanOf(fork, fork.reads, group).sized(ts);
}

/** The last process of the group `left` turned out to be of `group`. */
export function regroup(left: Group, group: Group): void {
  for (const fork of left.forks) {
    for (const scans of [fork.reads, fork.writes]) {
      const scan = scans.get(left);
      if (scan === undefined) continue;
      scans.delete(left);
      scanOf(fork, scans, group).absorb(scan);
    }
    if (fork.users.delete(left)) use(fork, group);
    adopt(fork);
  }
  left.forks.clear();
}

/** The last process of the group ended. Of ended groups a fork keeps the last scan only. */
export function release(group: Group): void {
  for (const fork of group.forks) {
    fork.users.delete(group);
    for (const scans of [fork.reads, fork.writes]) {
      const scan = scans.get(group);
      if (scan === undefined) continue;
      if (scan.position < 0) scans.delete(group);
      else for (const other of scans.keys()) if (other !== group && isOver(other)) scans.delete(other);
    }
  }
  group.forks.clear();
}

function isOver({ members }: Group): boolean {
  return members.size === 0;
}

function use(fork: ForkStat, group: Group): void {
  if (group.leader === IO_WORKERS || fork.users.has(group)) return;
  fork.users.add(group);
  adopt(fork);
}

function reach(fork: ForkStat): number {
  return Math.max(READ_AHEAD, fork.total / PARTS);
}

/** The one user; of several, who has only asked for the size (as a planner does) reads nothing. */
function servedBy(fork: ForkStat, workers: Group, block: number): Group {
  const [only, another] = fork.users;
  if (only !== undefined && another === undefined) return only;
  let found = workers;
  let nearest = reach(fork);
  for (const [group, { position }] of fork.reads) {
    const distance = Math.abs(block - position);
    if (position < 0 || distance > nearest || (group !== workers && isOver(group))) continue;
    found = group;
    nearest = distance;
  }
  return found;
}

/** What I/O workers read when it was not yet clear that only one group uses the fork. */
function adopt(fork: ForkStat): void {
  const [only, another] = fork.users;
  if (only === undefined || another !== undefined) return;
  for (const [group, scan] of fork.reads) {
    if (group.leader !== IO_WORKERS) continue;
    fork.reads.delete(group);
    scanOf(fork, fork.reads, only).absorb(scan);
  }
}
