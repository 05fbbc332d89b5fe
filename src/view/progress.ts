/** How far a scan is: an estimate, since blocks found in shared buffers make no call, and never a guess. */
import type { ForkStat, Scans } from './objects.js';
import { rateOf } from './rate.js';
import { NEAR_START, nearStart, type Pattern, type Scan } from './scan.js';

export interface Progress {
  pattern: Pattern | null;
  /** The cursor: the block after the last one of the foremost step (backward: before which it goes on). */
  position: number;
  /** The fork's blocks; null where not known. */
  total: number | null;
  /** 0 to 1; null where the calls do not tell. */
  done: number | null;
  /** What `done` is between, at least and at most. */
  low: number;
  high: number;
  /** The scan began in the middle, reached the end and went on at block 0. */
  wrapped: boolean;
  passes: number;
  /** Blocks that the cursor advances a second, of late; null where not known. */
  rate: number | null;
  /** Seconds to go at that rate; null where `done` or the rate is not known. */
  remaining: number | null;
  /** The last step, in the trace's seconds. */
  lastTs: number | null;
}

/**
 * @param total the fork's blocks, -1 where not known.
 * @param now in the trace's seconds.
 */
export function progressOf(scan: Scan, total: number, now: number): Progress {
  const pattern = scan.pattern();
  const [low, high] = total > 0 ? bounds(scan, pattern, total) : [0, 1];
  const done = high - low <= NEAR_START && total > 0 ? high : null;
  const rate = scan.advance.perSecond(now);
  const known = done !== null && rate !== null && rate > 0;
  return {
    pattern,
    position: scan.position,
    total: total < 0 ? null : total,
    done,
    low,
    high,
    wrapped: scan.wrapped,
    passes: scan.passes,
    rate,
    remaining: known ? ((1 - done) * total) / rate : null,
    lastTs: knownTime(scan.lastTs),
  };
}

/** A time as a reader of progress has it: null where it is not known. */
export function knownTime(ts: number): number | null {
  return Number.isNaN(ts) ? null : ts;
}

/** What the part done lies between: both ends the same where the calls prove it. */
function bounds(
  { start, position, wrapped, begun }: Scan,
  pattern: Pattern | null,
  total: number,
): [number, number] {
  const part = (blocks: number) => Math.min(1, Math.max(0, blocks / total));
  switch (pattern) {
    case null:
    case 'random':
      return [0, 1];
    case 'backward':
      return start >= total * (1 - NEAR_START) - 1
        ? [part(total - position), part(total - position)]
        : [part(start + 1 - position), begun ? part(total - position) : 1];
    case 'bitmap-like':
      // Where the last block of a bitmap lies is not known.
      return start <= nearStart(total) ? [part(position), 1] : [part(position - start), 1];
    default: {
      if (wrapped) {
        const after = part(total - start + position);
        return [after, begun ? after : 1];
      }
      if (start <= nearStart(total)) return [part(position), part(position)];
      // A synchronised scan that began there, or blocks before it that were in shared buffers.
      return [part(position - start), begun ? part(position) : 1];
    }
  }
}

/** The progress of the scan of a fork that moved last; null where nothing reads (or writes) its blocks. */
export function progressAt(fork: ForkStat, now: number): Progress | null {
  const scan = scanAt(fork);
  return scan === null ? null : progressOf(scan, fork.total, now);
}

function scanAt(fork: ForkStat): Scan | null {
  return latest(fork.reads) ?? latest(fork.writes);
}

function latest(scans: Scans): Scan | null {
  let found: Scan | null = null;
  for (const scan of scans.values()) {
    if (scan.position >= 0 && (found === null || (scan.lastTs || 0) >= (found.lastTs || 0))) found = scan;
  }
  return found;
}

/**
 * Several forks that are one work (the partitions of a table) as one; null where none of them is read. A fork that
 * nobody has read is still to be read: its size was asked for by the planner.
 */
export function sumOfForks(forks: readonly ForkStat[], now: number): Progress | null {
  const begun = forks.flatMap((fork) => progressAt(fork, now) ?? []);
  const [first] = begun;
  if (first === undefined) return null;
  const total = forks.some((fork) => fork.total < 0) ? null : sum(forks.map((fork) => fork.total));
  const share = (key: 'done' | 'low' | 'high') =>
    total === null || total === 0 ? null : sum(begun.map((part) => part[key]! * part.total!)) / total;
  const done = begun.every((part) => part.done !== null) ? share('done') : null;
  const scans = forks.flatMap((fork) => scanAt(fork) ?? []);
  const rate = rateOf(
    scans.map(({ advance }) => advance),
    now,
  );
  return {
    pattern: begun.every((part) => part.pattern === first.pattern) ? first.pattern : null,
    position: sum(begun.map((part) => part.position)),
    total,
    done,
    low: share('low') ?? 0,
    high: share('high') ?? 1,
    wrapped: begun.some((part) => part.wrapped),
    passes: begun.reduce((most, part) => Math.max(most, part.passes), 0),
    rate,
    remaining: done === null || total === null || !rate ? null : ((1 - done) * total) / rate,
    lastTs: begun.reduce((last, part) => (last.lastTs! >= (part.lastTs ?? 0) ? last : part)).lastTs,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
