/** Calls under way: what `<unfinished ...>` cut off waits here for its `<... resumed>`. */
import type { Pending, Process } from './process.js';

/** All that waits may take this much text; hostile input could otherwise name any number of processes. */
const MOST_TEXT = 16 << 20;

export class PendingCalls {
  /** In the order in which they began to wait. */
  private readonly waiting = new Set<Process>();
  private text = 0;

  /** Lets `pending` wait. Gives the processes whose calls must be given up for it, oldest first. */
  add(process: Process, pending: Pending): Process[] {
    process.pending = pending;
    this.waiting.add(process);
    this.text += pending.head.length;
    if (this.text <= MOST_TEXT) return [];
    const given: Process[] = [];
    let excess = this.text - MOST_TEXT;
    for (const oldest of this.waiting) {
      if (excess <= 0 || oldest === process) break;
      excess -= oldest.pending?.head.length ?? 0;
      given.push(oldest);
    }
    return given;
  }

  /** Takes what waits of the process; null where nothing does. */
  take(process: Process): Pending | null {
    const { pending } = process;
    if (pending === null) return null;
    process.pending = null;
    this.waiting.delete(process);
    this.text -= pending.head.length;
    return pending;
  }

  /** Every process with a call under way, in the order in which the calls began. */
  processes(): Process[] {
    return [...this.waiting];
  }
}
