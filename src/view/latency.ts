/** How long calls took: a histogram whose error is bounded, whatever the range (as HdrHistogram's). */

/** Buckets in each power of two. The middle of one is within 1/64 (1.6 %) of all that it holds. */
const SUB = 32;
const SUB_BITS = 5;

/** Nanoseconds, 36 years: what a hostile trace says beyond it is counted here. */
const LONGEST = 2 ** 60;

/** Durations that are kept as they come before there are buckets: most objects of a big cluster have few calls. */
const FEW = 12;
const NONE: number[] = [];

/** The largest relative error of percentile(). */
export const LATENCY_ERROR = 1 / (2 * SUB);

/** The bucket of a duration in seconds: nanoseconds below 32 have one each. */
export function bucketOf(seconds: number): number {
  const nanos = Math.min(Math.round(seconds * 1e9), LONGEST);
  if (!(nanos > 0)) return 0;
  if (nanos < SUB) return nanos;
  if (nanos < 0x80000000) {
    const shift = 31 - SUB_BITS - Math.clz32(nanos);
    return shift * SUB + (nanos >>> shift);
  }
  // Above 2^31 ns the bits of an integer no longer do.
  const power = Math.floor(Math.log2(nanos));
  return (power - SUB_BITS) * SUB + Math.floor(nanos / 2 ** (power - SUB_BITS));
}

/** Where a bucket begins, in seconds. */
export function bucketStart(bucket: number): number {
  if (bucket < SUB) return bucket / 1e9;
  const power = Math.floor(bucket / SUB) - 1;
  return ((bucket - power * SUB) * 2 ** power) / 1e9;
}

/** What took `dur` seconds, and bucketOf() them, which the caller has at hand for several histograms. */
export interface Lasting {
  readonly dur: number;
  readonly bucket: number;
}

export class Latency {
  count = 0;
  /** Seconds; exact. */
  max = 0;
  /** Counts of the buckets from `base` on; before there are FEW durations, the buckets themselves. */
  private counts = NONE;
  private base = -1;

  add({ dur, bucket }: Lasting): void {
    this.count++;
    if (dur > this.max) this.max = dur;
    if (this.base >= 0) {
      this.count1(bucket, 1);
    } else {
      // As long as it is: what is pushed to an array takes room for 17.
      this.counts = this.counts.concat(bucket);
      if (this.counts.length === FEW) this.spread();
    }
  }

  addAll(other: Latency): void {
    if (other.count === 0) return;
    if (this.base < 0) this.spread(other.lowest());
    this.count += other.count;
    if (other.max > this.max) this.max = other.max;
    other.each((bucket, count) => this.count1(bucket, count));
  }

  /**
   * The duration in seconds that the share `p` (0 to 1) of the calls did not pass (nearest rank), within
   * LATENCY_ERROR; null where there was no call.
   */
  percentile(p: number): number | null {
    if (this.count === 0) return null;
    const rank = Math.max(1, Math.ceil(p * this.count));
    if (rank === this.count) return this.max;
    let seen = 0;
    let found = 0;
    this.each((bucket, count) => {
      if (seen < rank) found = bucket;
      seen += count;
    });
    return Math.min(this.max, middle(found));
  }

  /** Each bucket that holds something, ascending. */
  each(visit: (bucket: number, count: number) => void): void {
    if (this.base < 0) {
      for (const bucket of [...this.counts].sort((a, b) => a - b)) visit(bucket, 1);
      return;
    }
    this.counts.forEach((count, index) => {
      if (count > 0) visit(this.base + index, count);
    });
  }

  private lowest(): number {
    return this.base >= 0 ? this.base : Math.min(...this.counts);
  }

  private spread(lowest = Number.POSITIVE_INFINITY): void {
    const few = this.counts;
    this.base = Math.min(lowest, ...few);
    this.counts = [];
    for (const bucket of few) this.count1(bucket, 1);
  }

  private count1(bucket: number, count: number): void {
    if (bucket < this.base) {
      this.counts.unshift(...new Array<number>(this.base - bucket).fill(0));
      this.base = bucket;
    }
    const index = bucket - this.base;
    while (this.counts.length <= index) this.counts.push(0);
    this.counts[index]! += count;
  }
}

function middle(bucket: number): number {
  return bucket < SUB ? bucket / 1e9 : (bucketStart(bucket) + bucketStart(bucket + 1)) / 2;
}
