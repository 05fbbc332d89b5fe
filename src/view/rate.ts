/** How much a second, of late. */

/** What was this long ago (seconds) counts 1/e of what is now. */
const MEMORY = 5;
/** Amounts closer together than this (seconds) are taken as one. */
const GRAIN = 0.02;

/** A rate that forgets: each amount counts exp(-age / 5 s). Times are the trace's own, in seconds. */
export class Rate {
  private first = Number.NaN;
  private at = 0;
  private sum = 0;
  private pending = 0;

  add(amount: number, ts: number): void {
    if (Number.isNaN(this.first)) {
      this.first = ts;
      this.at = ts;
    }
    this.pending += amount;
    if (ts - this.at >= GRAIN) this.settle(ts);
  }

  /** The amount a second at `now`; null before anything is known. */
  perSecond(now: number): number | null {
    const age = now - this.first;
    if (!(age > 0)) return null;
    const sum = (this.sum + this.pending) * Math.exp(-Math.max(0, now - this.at) / MEMORY);
    // What a steady rate of 1 would have summed up to by now.
    return sum / (MEMORY * (1 - Math.exp(-age / MEMORY)));
  }

  private settle(ts: number): void {
    this.sum = this.sum * Math.exp(-(ts - this.at) / MEMORY) + this.pending;
    this.pending = 0;
    this.at = ts;
  }
}
