/** How much a second, of late. */

/** What was this long ago (seconds) counts 1/e of what is now. */
const MEMORY = 5;
/** Amounts closer together than this (seconds) are taken as one. */
const GRAIN = 0.02;
/** What began less than this ago (seconds) is taken to have: one call of a moment ago is no rate of gigabytes. */
const YOUNGEST = 0.1;

/**
 * The numbers are in an array that many share: an object of its own would take 24 bytes for each, and there are some for
 * each of a million relations. First the times, then a sum for each kind of amount, and what is still to be added to it.
 */
const FIRST = 0;
const AT = 1;
const SUM = 2;
const PENDING = 3;
const SUM_OF_BYTES = 4;
const PENDING_BYTES = 5;
const SHARED = 1024;

const NONE = new Float64Array(0);
let room = NONE;
let used = 0;

/** What happened at `ts`, seconds since the epoch; NaN where the trace does not tell: then it counts nothing. */
export interface Timed {
  readonly ts: number;
}

/**
 * Amounts that fade: each counts exp(-age / 5 s). What is added is handed on as it is: V8 allocates for each double that
 * it takes out of an object to hand it on.
 */
class Fading {
  protected numbers = NONE;
  /** Where its own are. */
  protected from = 0;

  /** The time of the first amount; Infinity before it. */
  first(): number {
    return this.numbers === NONE ? Number.POSITIVE_INFINITY : this.numbers[this.from + FIRST]!;
  }

  /** What all amounts of the `sum` count at `now`. */
  protected leftOf(sum: number, now: number): number {
    const { numbers, from } = this;
    if (numbers === NONE) return 0;
    const amount = numbers[from + sum]! + numbers[from + sum + 1]!;
    return amount * Math.exp(-Math.max(0, now - numbers[from + AT]!) / MEMORY);
  }

  /** @param length of its own numbers */
  protected begin({ ts }: Timed, length: number): void {
    if (used + length > room.length) {
      room = new Float64Array(SHARED);
      used = 0;
    }
    this.numbers = room;
    this.from = used;
    used += length;
    this.numbers[this.from + FIRST] = ts;
    this.numbers[this.from + AT] = ts;
  }

  protected settle({ ts }: Timed, length: number): void {
    const { numbers, from } = this;
    const left = Math.exp((numbers[from + AT]! - ts) / MEMORY);
    for (let sum = from + SUM; sum < from + length; sum += 2) {
      numbers[sum] = numbers[sum]! * left + numbers[sum + 1]!;
      numbers[sum + 1] = 0;
    }
    numbers[from + AT] = ts;
  }
}

/** A rate that forgets. Times are the trace's own, in seconds. */
export class Rate extends Fading {
  add(amount: number, at: Timed): void {
    const { ts } = at;
    if (Number.isNaN(ts)) return;
    if (this.numbers === NONE) this.begin(at, PENDING + 1);
    const { numbers, from } = this;
    numbers[from + PENDING]! += amount;
    if (ts - numbers[from + AT]! >= GRAIN) this.settle(at, PENDING + 1);
  }

  /** The amount a second at `now`; null before anything is known. */
  perSecond(now: number): number | null {
    return perSecond(this.left(now), this.first(), now);
  }

  left(now: number): number {
    return this.leftOf(SUM, now);
  }

  /** Takes over the amounts of another, which is not used any more. */
  absorb(other: Rate): void {
    const { numbers, from } = other;
    if (numbers === NONE) return;
    if (this.numbers === NONE) {
      this.numbers = numbers;
      this.from = from;
      return;
    }
    const last = { ts: Math.max(this.numbers[this.from + AT]!, numbers[from + AT]!) };
    this.settle(last, PENDING + 1);
    other.settle(last, PENDING + 1);
    this.numbers[this.from + SUM]! += numbers[from + SUM]!;
    this.numbers[this.from + FIRST] = Math.min(this.first(), other.first());
  }
}

/** What takes time and moves bytes. */
export interface Moving extends Timed {
  /** Seconds. */
  readonly busy: number;
  readonly bytes: number;
}

/** Two rates in one, of what takes time and moves bytes. */
export class Pace extends Fading {
  add(at: Moving): void {
    const { ts } = at;
    if (Number.isNaN(ts)) return;
    if (this.numbers === NONE) this.begin(at, PENDING_BYTES + 1);
    const { numbers, from } = this;
    numbers[from + PENDING]! += at.busy;
    numbers[from + PENDING_BYTES]! += at.bytes;
    if (ts - numbers[from + AT]! >= GRAIN) this.settle(at, PENDING_BYTES + 1);
  }

  /** The share of the time at `now`, 1 for all of it; more where several are at it. Null before anything is known. */
  busy(now: number): number | null {
    return perSecond(this.leftOf(SUM, now), this.first(), now);
  }

  /** Bytes a second at `now`; null before any. */
  bytes(now: number): number | null {
    const { numbers, from } = this;
    if (numbers[from + SUM_OF_BYTES] === 0 && numbers[from + PENDING_BYTES] === 0) return null;
    return perSecond(this.leftOf(SUM_OF_BYTES, now), this.first(), now);
  }
}

/** What of a rate is left after so many seconds without an amount, at most. */
export function leftAfter(rate: number, seconds: number): number {
  return rate * Math.exp(-seconds / MEMORY);
}

/**
 * Several rates as one, as if all amounts had been added to it: of works that come one after the other, each has the
 * others' time as well.
 */
export function rateOf(rates: readonly Rate[], now: number): number | null {
  const left = rates.reduce((sum, rate) => sum + rate.left(now), 0);
  const first = rates.reduce((least, rate) => Math.min(least, rate.first()), Number.POSITIVE_INFINITY);
  return perSecond(left, first, now);
}

function perSecond(left: number, first: number, now: number): number | null {
  if (!(now > first)) return null;
  const age = Math.max(YOUNGEST, now - first);
  // Divided by what a steady rate of 1 would have come to by now.
  return left / (MEMORY * (1 - Math.exp(-age / MEMORY)));
}
