/** Who calls: processes, and the groups that do one work together. */
import type { ProcessEvent } from '../event/types.js';
import type { ForkStat } from './objects.js';
import { retire, type Stream } from './stream.js';
import { Tally } from './tally.js';
import { Work } from './work.js';

/** A leader with its parallel workers, or a process alone; all I/O workers are one. */
export interface Group {
  /** The leader's pid; IO_WORKERS. */
  readonly leader: number;
  readonly members: Set<ProcessStat>;
  /** Those with a scan of it. */
  readonly forks: Set<ForkStat>;
  /** What its calls show of its statement; activity.ts reads it. */
  readonly work: Work;
}

/** The leader of the group of PostgreSQL 18's I/O workers, which read for others. */
export const IO_WORKERS = -1;

/** How many are found without a look-up; a power of two. */
const RECENT = 64;

export interface ProcessStat {
  /** -1 for calls that the trace gives no process. */
  readonly pid: number;
  /** What the trace says it is, the last that it said; null where it says nothing. */
  about: ProcessEvent | null;
  group: Group;
  readonly tally: Tally;
  streams: Stream[];
  /** Distinct blocks of the streams that were let go. */
  pastBlocks: number;
  /** From its first event to the end of its last, in the trace's seconds; NaN where that has no times. */
  firstTs: number;
  lastTs: number;
  ended: boolean;
  /** /proc/PID/io's counters in the last sample, -1 before: rchar, wchar; and rchar in the first one. */
  rchar: number;
  firstRchar: number;
  wchar: number;
}

export interface Processes {
  readonly all: ReadonlyMap<number, ProcessStat>;
  of(pid: number | null): ProcessStat;
  /** @returns the group that the process left for another, to be merged into it; else null. */
  learn(event: ProcessEvent): Group | null;
  /** What only a living process needs is let go. */
  end(process: ProcessStat): void;
}

export function createProcesses(): Processes {
  const all = new Map<number, ProcessStat>();
  const groups = new Map<number, Group>();
  /** By the last bits of their pids: those that take turns are found without a look-up. */
  const recent = new Array<ProcessStat | null>(RECENT).fill(null);

  function group(leader: number): Group {
    let found = groups.get(leader);
    if (found === undefined) {
      found = { leader, members: new Set(), forks: new Set(), work: new Work() };
      groups.set(leader, found);
    }
    return found;
  }

  function join(process: ProcessStat, to: Group): void {
    process.ended = false;
    process.group = to;
    to.members.add(process);
  }

  function make(pid: number): ProcessStat {
    const process: ProcessStat = {
      pid,
      about: null,
      group: group(pid),
      tally: new Tally(),
      streams: [],
      pastBlocks: 0,
      firstTs: Number.NaN,
      lastTs: Number.NaN,
      ended: false,
      rchar: -1,
      firstRchar: -1,
      wchar: -1,
    };
    join(process, process.group);
    all.set(pid, process);
    return process;
  }

  function of(pid: number | null): ProcessStat {
    const wanted = pid ?? -1;
    const last = recent[wanted & (RECENT - 1)]!;
    if (last !== null && last.pid === wanted && !last.ended) return last;
    const found = all.get(wanted) ?? make(wanted);
    // Another process has the pid now.
    if (found.ended) join(found, group(wanted));
    recent[wanted & (RECENT - 1)] = found;
    return found;
  }

  return {
    all,
    of,
    learn(event) {
      const process = of(event.pid);
      process.about = process.about === null ? event : { ...process.about, ...event };
      if (event.title !== undefined) process.group.work.title = event.title;
      const leader = event.role === 'io worker' ? IO_WORKERS : (event.leader ?? process.group.leader);
      const left = process.group;
      if (leader === left.leader) return null;
      left.members.delete(process);
      join(process, group(leader));
      if (left.members.size > 0) return null;
      groups.delete(left.leader);
      return left;
    },
    end(process) {
      process.ended = true;
      for (const stream of process.streams) {
        process.pastBlocks += stream.blocks.count;
        retire(stream);
      }
      process.streams = [];
      process.group.members.delete(process);
      if (process.group.members.size === 0) groups.delete(process.group.leader);
    },
  };
}
