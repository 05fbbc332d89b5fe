/**
 * The scan of a partitioned table, which goes through one partition after the other (nodeAppend.c). The planner asks
 * for the size of each that it has not pruned, in their order; a scan asks for that of its partition when it begins.
 * So those that are still to come are known, and of those that it has gone past which were read, were all in shared
 * buffers (sized twice, no call), or were pruned when the execution began (sized by the planner only).
 */
import type { ForkStat } from './objects.js';
import type { Group } from './processes.js';
import { knownTime, type Progress, progressOf } from './progress.js';
import { rateOf } from './rate.js';
import { NEAR_START, type Scan } from './scan.js';

interface Part {
  readonly fork: ForkStat;
  /** How often its size was asked for. */
  sizes: number;
  read: boolean;
}

/** Of one parent, since the scan under way was planned. */
interface Append {
  /** In the planner's order. */
  readonly parts: Map<ForkStat, Part>;
  /** The partition that is read; null before the first one. */
  current: Part | null;
  /** How often the planner asked; 0 where nobody saw it. */
  planned: number;
  /** A partition that it had gone past was read again. */
  wentBack: boolean;
  /** The statement, as numbered here, that read of it last. */
  statement: number;
}

/** Those of a group's statement, and of cursors that it may go on with. */
export class Appends {
  private readonly byParent = new Map<string, Append>();
  private statement = 0;
  /** What was sized last, and its segment: a fork of several is sized segment by segment. */
  private sized: ForkStat | null = null;
  private segment = 0;

  nextStatement(): void {
    this.statement++;
  }

  /** The group asked for the size of the main fork. */
  size(fork: ForkStat, segment: number): void {
    const isOne = fork === this.sized && segment > this.segment;
    this.sized = fork;
    this.segment = segment;
    const parent = parentOf(fork);
    if (isOne || parent === null) return;
    let append = this.byParent.get(parent);
    // Planned anew; or the scan of a partition begins once more.
    if (append === undefined || this.isOver(append) || append.parts.get(fork)?.read === true)
      append = this.begin(parent);
    partOf(append, fork).sizes++;
  }

  /** Blocks of the main fork are read now. */
  turnTo(fork: ForkStat): void {
    const parent = parentOf(fork);
    if (parent === null) return;
    let append = this.byParent.get(parent);
    // A cursor goes on with the partition at which it stopped.
    if (append === undefined || (this.isOver(append) && append.current!.fork !== fork))
      append = this.begin(parent);
    const part = partOf(append, fork);
    if (append.current === null) append.planned = part.sizes - 1;
    else if (part.read && part !== append.current) append.wentBack = true;
    part.read = true;
    append.current = part;
    append.statement = this.statement;
  }

  /** How far the scan is of the table that the fork is a partition of; null where that is not known. */
  progressAt(fork: ForkStat, group: Group, now: number): Progress | null {
    const append = this.byParent.get(parentOf(fork) ?? '');
    return append?.current?.fork === fork ? progressOfAppend(append, group, now) : null;
  }

  private isOver({ current, statement }: Append): boolean {
    return current !== null && statement !== this.statement;
  }

  private begin(parent: string): Append {
    const { statement } = this;
    const append = { parts: new Map(), current: null, planned: 0, wentBack: false, statement };
    this.byParent.set(parent, append);
    return append;
  }
}

function partOf({ parts }: Append, fork: ForkStat): Part {
  let part = parts.get(fork);
  if (part === undefined) {
    part = { fork, sizes: 0, read: false };
    parts.set(fork, part);
  }
  return part;
}

/** Of a partition, or of a table that inherits. */
function parentOf({ object: { pg } }: ForkStat): string | null {
  return pg?.kind === 'relation' && pg.table === undefined ? (pg.parent ?? null) : null;
}

function progressOfAppend(
  { parts, current, planned, wentBack }: Append,
  group: Group,
  now: number,
): Progress | null {
  if (current === null || planned < 1) return null;
  const all = [...parts.values()];
  const at = all.indexOf(current);
  // A merge takes them by turns. Parallel workers divide them: all their scans are made ready before one begins.
  const together = wentBack || all.some(({ sizes, read }, n) => n > at && (read || sizes > planned));
  let [count, total, low, high] = [0, 0, 0, 0];
  const scans: Scan[] = [];
  for (const [n, { fork, sizes, read }] of all.entries()) {
    const isPast = n < at && !together;
    if (!read && (isPast ? sizes <= planned : sizes < planned)) continue;
    if (fork.total < 0) return null;
    count++;
    total += fork.total;
    const scan = read ? fork.reads.get(group) : undefined;
    if (scan !== undefined) scans.push(scan);
    const own = isPast ? ALL : scan === undefined ? NOTHING : progressOf(scan, fork.total, now);
    low += own.low * fork.total;
    high += own.high * fork.total;
  }
  if (count < 2 || total === 0) return null;
  const done = high - low <= NEAR_START * total ? high / total : null;
  const rate = rateOf(
    scans.map(({ advance }) => advance),
    now,
  );
  const scan = current.fork.reads.get(group);
  return {
    pattern: scan?.pattern() ?? null,
    position: Math.round(low),
    total,
    done,
    low: low / total,
    high: high / total,
    wrapped: false,
    passes: 1,
    rate,
    remaining: done === null || !rate ? null : ((1 - done) * total) / rate,
    lastTs: knownTime(scan?.lastTs ?? Number.NaN),
  };
}

const ALL = { low: 1, high: 1 };
const NOTHING = { low: 0, high: 0 };
