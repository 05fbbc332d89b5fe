/** How much a second, of late. */

/** What was this long ago (seconds) counts 1/e of what is now. */
const MEMORY = 5;
/** Amounts closer together than this (seconds) are taken as one. */
const GRAIN = 0.02;
/** What began less than this ago (seconds) is taken to have: one call of a moment ago is no rate of gigabytes. */
const YOUNGEST = 0.1;

/**
 * A rate's four numbers are in an array that many share: an object of its own would take 24 bytes for each, and
 * there are several rates for each of a million relations.
 */
const FIRST = 0;
const AT = 1;
const SUM = 2;
const PENDING = 3;
const NUMBERS = 4;
const SHARED = 256;

const NONE = new Float64Array(0);
let room = NONE;
let used = 0;

/** A rate that forgets: each amount counts exp(-age / 5 s). Times are the trace's own, in seconds. */
export class Rate {
  private numbers = NONE;
  /** Where its own are. */
  private from = 0;

  add(amount: number, ts: number): void {
    if (this.numbers === NONE) this.begin(ts);
    const { numbers, from } = this;
    numbers[from + PENDING]! += amount;
    if (ts - numbers[from + AT]! >= GRAIN) this.settle(ts);
  }

  /** The amount a second at `now`; null before anything is known. */
  perSecond(now: number): number | null {
    return perSecond(this.left(now), this.first(), now);
  }

  /** The time of the first amount; Infinity before it. */
  first(): number {
    return this.numbers === NONE ? Number.POSITIVE_INFINITY : this.numbers[this.from + FIRST]!;
  }

  /** What all amounts count at `now`. */
  left(now: number): number {
    const { numbers, from } = this;
    if (numbers === NONE) return 0;
    const amount = numbers[from + SUM]! + numbers[from + PENDING]!;
    return amount * Math.exp(-Math.max(0, now - numbers[from + AT]!) / MEMORY);
  }

  private begin(ts: number): void {
    if (used === room.length) {
      room = new Float64Array(SHARED * NUMBERS);
      used = 0;
    }
    this.numbers = room;
    this.from = used;
    used += NUMBERS;
    this.numbers[this.from + FIRST] = ts;
    this.numbers[this.from + AT] = ts;
  }

  private settle(ts: number): void {
    const { numbers, from } = this;
    const age = ts - numbers[from + AT]!;
    numbers[from + SUM] = numbers[from + SUM]! * Math.exp(-age / MEMORY) + numbers[from + PENDING]!;
    numbers[from + PENDING] = 0;
    numbers[from + AT] = ts;
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
