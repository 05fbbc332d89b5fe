/**
 * Processes that strace follows from their fork on: what a postmaster's child does waits until it is added, so that it is
 * told who it is before what it does. Pure.
 */
import type { Event } from '../../event/types.js';

/** So many events of a process wait; one that does more before it is seen is told as it is. */
const MOST_WAITING = 20_000;
/** Of processes that ended before anybody looked, so many are remembered. */
const MOST_ENDED = 1000;

export class Children {
  /** Of processes that are added, and of those that nobody will add. */
  #known: Set<number>;
  #waiting = new Map<number, Event[]>();
  #ended = new Set<number>();
  #isChild: (pid: number) => boolean;

  /** @param isChild whether a process is one that will be added: a child of a postmaster, and alive. */
  constructor(known: readonly number[], isChild: (pid: number) => boolean) {
    this.#known = new Set(known);
    this.#isChild = isChild;
  }

  /** What of a batch need not wait. A process that ends will not be added any more. */
  pass(batch: readonly Event[]): Event[] {
    const free: Event[] = [];
    for (const event of batch) {
      const pid = 'pid' in event ? (event.pid ?? null) : null;
      const waiting = pid === null ? null : this.#waitingOf(pid);
      if (waiting === null) free.push(event);
      else if (waiting.push(event) > MOST_WAITING) free.push(...this.add(pid!));
      if (event.type === 'exit' && pid !== null) free.push(...this.#end(pid));
    }
    return free;
  }

  /** Whether a process that is gone was seen from its fork on. */
  sawEnd(pid: number): boolean {
    return this.#ended.has(pid);
  }

  /** What the process did until now. */
  add(pid: number): Event[] {
    const waiting = this.#waiting.get(pid) ?? [];
    this.#waiting.delete(pid);
    if (!this.#ended.delete(pid)) this.#known.add(pid);
    return waiting;
  }

  /** All that waits: nobody will be added any more. */
  finish(): Event[] {
    return [...this.#waiting.keys()].flatMap((pid) => this.add(pid));
  }

  #end(pid: number): Event[] {
    const waiting = this.#waiting.get(pid);
    this.#waiting.delete(pid);
    this.#known.delete(pid);
    if (waiting === undefined) return [];
    this.#ended.add(pid);
    const [oldest] = this.#ended;
    if (this.#ended.size > MOST_ENDED) this.#ended.delete(oldest!);
    return waiting;
  }

  #waitingOf(pid: number): Event[] | null {
    if (this.#known.has(pid)) return null;
    const waiting = this.#waiting.get(pid);
    if (waiting !== undefined) return waiting;
    if (!this.#isChild(pid)) {
      this.#known.add(pid);
      return null;
    }
    const made: Event[] = [];
    this.#waiting.set(pid, made);
    return made;
  }
}
