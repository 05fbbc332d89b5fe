/** Calls under way, one a thread: what began waits here for its end. */

/** Hostile input could name any number of threads; Linux allows no more (PID_MAX_LIMIT is 2^22, but each costs). */
const MOST = 65536;

export class Waiting<T> {
  /** In the order in which they began. */
  private readonly byThread = new Map<number | null, T>();

  /** Lets `begun` wait. Gives what is given up for it: the thread's own last, or the oldest of too many. */
  add(thread: number | null, begun: T): T | undefined {
    let given = this.take(thread);
    if (given === undefined && this.byThread.size >= MOST) {
      const [oldest] = this.byThread.keys();
      given = this.take(oldest ?? null);
    }
    this.byThread.set(thread, begun);
    return given;
  }

  peek(thread: number | null): T | undefined {
    return this.byThread.get(thread);
  }

  take(thread: number | null): T | undefined {
    const begun = this.byThread.get(thread);
    if (begun !== undefined) this.byThread.delete(thread);
    return begun;
  }

  all(): Iterable<T> {
    return this.byThread.values();
  }
}
