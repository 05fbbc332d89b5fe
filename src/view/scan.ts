/**
 * How a group of processes goes through a fork: the pattern of its steps, and where its cursor stands.
 *
 * A step is one call that reads (or writes) blocks. What was found in shared buffers makes no call, so the cursor,
 * not the number of blocks seen, says how far a forward scan is.
 */
import { Rate } from './rate.js';

/**
 * - sequential: forward, mostly without gaps
 * - bitmap-like: forward with gaps, as a bitmap heap scan goes, or a scan that finds much in shared buffers
 * - ascending: forward, as far as samples can tell
 * - backward: from the end
 * - random: neither
 */
export type Pattern = 'sequential' | 'bitmap-like' | 'ascending' | 'backward' | 'random';

/** Recent steps that a step may continue: the workers of a parallel scan take turns, I/O workers get out of order. */
const RECENT = 16;
/** With fewer steps no pattern is told. */
const FEW = 3;
/** Steps after which the weights are halved, so that the pattern is the present one. */
const WEIGH = 64;
/** A scan that begins within this share of the fork is taken to have begun at its start; no progress errs by more. */
export const NEAR_START = 0.02;

type Kind = 'forward' | 'gap' | 'backward' | 'random' | 'again';

export class Scan {
  /** Block after the last one of the foremost step (before the first one, backward); -1 before the first step. */
  position = -1;
  /** The block that this pass began with. */
  start = -1;
  /** Its end was reached and it went on at block 0: a synchronised scan that began in the middle. */
  wrapped = false;
  /** The trace shows that the pass began: the fork's size was asked for just before. */
  begun = false;
  /** Passes over the fork, this one included. */
  passes = 0;
  steps = 0;
  /** How far below the cursor (blocks) a step may be and still be of the scan: others went ahead of it. */
  lag = 0;
  /** Only samples were seen: what lies between is not known. */
  sampled = true;
  /** Seconds since the epoch; null where the trace has no times. */
  lastTs: number | null = null;
  /** Blocks that the cursor advanced, those that made no call too. */
  readonly advance = new Rate();
  readonly bytes = new Rate();

  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private recent = 0;
  private latest = 0;
  private forward = 0;
  private gaps = 0;
  private backward = 0;
  private random = 0;
  /** The fork's size was asked for since the last step. */
  private asked = false;

  /** Begins anew: what the group did in between says that the next step does not continue this pass. */
  restart(): void {
    this.position = -1;
    this.starts.length = 0;
    this.ends.length = 0;
    this.recent = 0;
  }

  /** The group asked for the fork's size (lseek to its end), as a scan does when it begins. */
  sized(): void {
    this.asked = true;
  }

  /**
   * @param next where the same process's step before this one ended, -1 where it is its first.
   * @param total the fork's blocks, -1 where not known.
   * @param sample whether the step is one of many that were not seen.
   */
  step(block: number, blocks: number, next: number, total: number, ts: number | null, sample: boolean): void {
    const end = block + blocks;
    this.steps++;
    if (!sample) this.sampled = false;
    if (ts !== null) this.lastTs = ts;
    if (this.position < 0) this.begin(block, end, this.asked);
    else this.go(block, end, block === next ? 'forward' : this.kindOf(block, end), total, ts);
    this.asked = false;
    this.remember(block, end);
  }

  pattern(): Pattern | null {
    const steps = this.forward + this.gaps + this.backward + this.random;
    if (steps < FEW) return null;
    if (this.random > steps * 0.3) return 'random';
    if (this.backward > steps * 0.6) return 'backward';
    if (this.sampled) return 'ascending';
    return this.forward >= this.gaps ? 'sequential' : 'bitmap-like';
  }

  /** Takes over what another scan of the fork was: its process turned out to be of this group. */
  absorb(other: Scan): void {
    if (other.position < 0) return;
    if (this.position < 0) {
      this.start = other.start;
      this.begun = other.begun;
    } else {
      this.start = Math.min(this.start, other.start);
      this.begun ||= other.begun;
    }
    this.position = Math.max(this.position, other.position);
    this.passes = Math.max(this.passes, other.passes);
    this.steps += other.steps;
    this.sampled &&= other.sampled;
    this.lastTs ??= other.lastTs;
    for (let at = 0; at < other.ends.length; at++) this.remember(other.starts[at]!, other.ends[at]!);
  }

  private begin(block: number, end: number, begun: boolean): void {
    this.start = block;
    this.position = end;
    this.begun = begun;
    this.wrapped = false;
    this.passes++;
  }

  private go(block: number, end: number, kind: Kind, total: number, ts: number | null): void {
    if (kind === 'again') return;
    this.weigh(kind);
    const before = this.position;
    if (kind === 'backward' && this.backward > this.forward) {
      this.position = block;
    } else if (kind === 'random' && block < before) {
      this.jumpBack(block, end, total);
    } else {
      this.position = Math.max(before, end);
    }
    if (ts !== null && this.position !== before && kind !== 'random')
      this.advance.add(Math.abs(this.position - before), ts);
  }

  /** Below the cursor, after no recent step: a new pass, the wrap of a synchronised scan, or no scan at all. */
  private jumpBack(block: number, end: number, total: number): void {
    const small = Math.max(1, total * NEAR_START);
    const ended = total > 0 && this.position >= total - small;
    if (this.asked) this.begin(block, end, true);
    else if (ended && block <= small && this.start > small && !this.wrapped) {
      this.wrapped = true;
      this.passes++;
      this.position = end;
    } else if (ended && block <= small) this.begin(block, end, false);
  }

  private kindOf(block: number, end: number): Kind {
    const { starts, ends } = this;
    let adjacent = false;
    for (let at = 0; at < ends.length; at++) {
      if (ends[at] === block) return 'forward';
      if (starts[at]! <= block && end <= ends[at]!) return 'again';
      if (starts[at] === end) adjacent = true;
    }
    if (adjacent) return starts[this.latest] === end ? 'backward' : 'forward';
    if (block === this.position || (block < this.position && end > this.position - this.lag))
      return 'forward';
    return block > this.position ? 'gap' : 'random';
  }

  private weigh(kind: Exclude<Kind, 'again'>): void {
    if (kind === 'forward') this.forward++;
    else if (kind === 'gap') this.gaps++;
    else if (kind === 'backward') this.backward++;
    else this.random++;
    if (this.forward + this.gaps + this.backward + this.random < WEIGH) return;
    this.forward /= 2;
    this.gaps /= 2;
    this.backward /= 2;
    this.random /= 2;
  }

  private remember(block: number, end: number): void {
    this.latest = this.recent;
    this.starts[this.recent] = block;
    this.ends[this.recent] = end;
    this.recent = (this.recent + 1) % RECENT;
  }
}
