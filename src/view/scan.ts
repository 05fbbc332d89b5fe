/**
 * How a group of processes goes through a fork: the pattern of its steps, and where its cursor stands.
 *
 * A step is one call that reads (or writes) blocks. What was found in shared buffers makes no call, so the cursor,
 * not the number of blocks seen, says how far a forward scan is.
 */
import type { Measure } from './measure.js';
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

export function nearStart(total: number): number {
  return Math.max(1, total * NEAR_START);
}

const NONE: number[] = [];

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
  /** How far below the cursor (blocks) a step may be and still be of the scan: others went ahead of it. */
  lag = 0;
  /** Only samples were seen: what lies between is not known. */
  sampled = true;
  /** The newest step, and the one that this pass began with: seconds since the epoch, NaN where there are no times. */
  lastTs = Number.NaN;
  beganTs = Number.NaN;
  /** Blocks that the cursor advanced, those that made no call too. */
  readonly advance = new Rate();

  /** Of each of the recent steps, its first block and the one after its last. */
  private recent = NONE;
  private latest = -2;
  private forward = 0;
  private gaps = 0;
  private backward = 0;
  private random = 0;
  /** The fork's size was asked for since the last step, and when. */
  private asked = false;
  private askedTs = Number.NaN;

  /** The group asked for the fork's size (lseek to its end), as a scan does when it begins. */
  sized(ts: number): void {
    if (this.position >= 0 && ts < this.beganTs) this.begun = true;
    else if (!(ts < this.lastTs)) {
      this.asked = true;
      this.askedTs = ts;
    }
  }

  /**
   * A process that joins the trace is told in one piece, so a step may come after others that were later.
   *
   * @param next where the same process's step before this one ended, -1 where it is its first.
   * @param total the fork's blocks, -1 where not known.
   * @param sample whether the step is one of many that were not seen.
   */
  step(call: Measure, next: number, total: number, sample: boolean): void {
    const { block, ts } = call;
    const end = block + call.blocks;
    if (!sample) this.sampled = false;
    if (this.position < 0) this.begin(call, this.asked);
    else {
      const kind = block === next ? 'forward' : this.kindOf(block, end, total);
      if (ts < this.lastTs) this.goBefore(kind, call);
      else this.go(kind, total, call);
    }
    if (!(ts < this.lastTs)) {
      this.lastTs = ts;
      this.asked = false;
    }
    this.remember(block, end);
  }

  /**
   * The process has read so many blocks since it was first seen, of whatever, and is at its first step: where they
   * are as many as lie before that, the scan began at its start, which no sample met.
   */
  counted(blocks: number, total: number): void {
    if (total > 0 && Math.abs(blocks - this.start) <= nearStart(total)) this.start = 0;
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
      this.beganTs = other.beganTs;
      this.begun = other.begun || (this.asked && !(other.beganTs < this.askedTs));
      this.asked = false;
      this.forward = other.forward;
      this.gaps = other.gaps;
      this.backward = other.backward;
      this.random = other.random;
    } else {
      const earlier = Number.isNaN(other.beganTs) ? other.start < this.start : other.beganTs < this.beganTs;
      if (earlier) {
        this.start = other.start;
        this.beganTs = other.beganTs;
      }
      this.begun ||= other.begun;
    }
    this.advance.absorb(other.advance);
    this.position = Math.max(this.position, other.position);
    this.passes = Math.max(this.passes, other.passes);
    this.sampled &&= other.sampled;
    if (!(this.lastTs >= other.lastTs) && !Number.isNaN(other.lastTs)) this.lastTs = other.lastTs;
    const { recent } = other;
    for (let at = 0; at < recent.length; at += 2) this.remember(recent[at]!, recent[at + 1]!);
  }

  private begin({ block, blocks, ts }: Measure, begun: boolean): void {
    this.start = block;
    this.position = block + blocks;
    this.begun = begun;
    this.beganTs = ts;
    this.wrapped = false;
    this.passes++;
  }

  /** A step from before the newest one: it has its place in the pass, which it does not turn. */
  private goBefore(kind: Kind, call: Measure): void {
    const { block, ts } = call;
    const end = block + call.blocks;
    if (ts < this.beganTs) {
      this.start = block;
      this.beganTs = ts;
    }
    if (this.wrapped || kind === 'again') return;
    if (kind === 'random' || kind === 'backward') this.fill();
    else {
      this.weigh(kind);
      if (end > this.position) this.advance.add(end - this.position, call);
      this.position = Math.max(this.position, end);
    }
  }

  /** What was taken for a gap had been read by another process. */
  private fill(): void {
    if (this.gaps >= 1) this.gaps--;
    this.weigh('forward');
  }

  private go(kind: Kind, total: number, call: Measure): void {
    if (kind === 'again') return;
    const { block } = call;
    const end = block + call.blocks;
    if (this.wrapped && block >= this.start) {
      // Past its end, or what a slower process read of the part before the wrap.
      if (this.position >= this.start - nearStart(total)) this.begin(call, this.asked);
      return;
    }
    this.weigh(kind);
    const before = this.position;
    if (kind === 'backward' && this.backward > this.forward) {
      this.position = block;
    } else if (kind === 'random' && block < before) {
      this.jumpBack(call, total);
    } else {
      this.position = Math.max(before, end);
    }
    if (this.position !== before && kind !== 'random')
      this.advance.add(Math.abs(this.position - before), call);
  }

  /** Below the cursor, after no recent step: a new pass, the wrap of a synchronised scan, or no scan at all. */
  private jumpBack(call: Measure, total: number): void {
    const { block } = call;
    const small = nearStart(total);
    const ended = total > 0 && this.position >= total - small;
    if (this.asked) this.begin(call, true);
    else if (ended && block <= small && this.start > small && !this.wrapped) {
      this.wrapped = true;
      this.passes++;
      this.position = block + call.blocks;
    } else if (ended && block <= small) this.begin(call, false);
  }

  private kindOf(block: number, end: number, total: number): Kind {
    const { recent } = this;
    let adjacent = false;
    for (let at = 0; at < recent.length; at += 2) {
      const first = recent[at]!;
      const last = recent[at + 1]!;
      if (last === block) return 'forward';
      if (first <= block && end <= last) return 'again';
      if (first === end) adjacent = true;
    }
    if (adjacent) return recent[this.latest] === end ? 'backward' : 'forward';
    if (block === this.position) return 'forward';
    if (block > this.position) return 'gap';
    const wraps = block < this.start && this.position >= total - nearStart(total);
    return end > this.position - this.lag && !wraps ? 'forward' : 'random';
  }

  private weigh(kind: Exclude<Kind, 'again'>): void {
    if (kind === 'forward') this.forward++;
    else if (kind === 'gap') this.gaps++;
    else if (kind === 'backward') this.backward++;
    else this.random++;
    if (this.forward + this.gaps + this.backward + this.random < WEIGH) return;
    this.forward >>= 1;
    this.gaps >>= 1;
    this.backward >>= 1;
    this.random >>= 1;
  }

  private remember(block: number, end: number): void {
    this.latest = (this.latest + 2) % (2 * RECENT);
    if (this.latest === this.recent.length) {
      // As long as it is: most forks have few steps, and what is pushed to an array takes room for 17.
      this.recent = this.recent.concat(block, end);
    } else {
      this.recent[this.latest] = block;
      this.recent[this.latest + 1] = end;
    }
  }
}
