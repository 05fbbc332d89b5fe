/**
 * The processes of a trace by their records: which are told, and which wait until it is known whether they are wanted.
 * A postmaster's child shows whose it is only some milliseconds after its fork.
 */
import type { Event } from '../../event/types.js';
import type { Enter } from './schema.js';

/** Words of the longest record kept: six arguments of 64 bits behind the common fields and the call's number. */
export const KEPT_WORDS = 32;

/** So many events of a process are kept until it is known whether it is wanted; who does more shows it sooner. */
const MOST_WAITING = 20_000;

export interface Process {
  readonly pid: number;
  /** Whether its fork was seen, and so all that it did. */
  readonly born: boolean;
  /** What it did before it was added; null since. */
  waiting: Event[] | null;
  /** Told, also if it is never added: it may end before anybody has seen it. */
  wanted: boolean;
  /** The call under way. */
  enter: Enter | null;
  time: number;
  readonly words: Int32Array;
  texts: readonly (string | null)[];
  /** The path of the file that a probe says is going to be opened next. */
  opening: string | null;
  /** Whether the call under way opens it. */
  opens: boolean;
  /** The last signal that kills by default and met no handler. */
  fatal: string | null;
  /** After a loss: the descriptors whose meaning has been asked for since; null where nothing was lost. */
  known: Set<number> | null;
}

export class Processes {
  /** What is told, in the order of the ends. */
  events: Event[] = [];
  /** How many ended before it was known whether they were wanted. */
  unjudged = 0;
  #byPid = new Map<number, Process>();
  #last: Process | undefined;
  /** Whose children wait. */
  #parents = new Set<number>();
  #all = true;
  #strangers: number[] = [];
  #told = new Set<number>();
  /** Processes that were refused before their fork was read, and when: in the time of the records. */
  #refused = new Map<number, number>();

  find(pid: number): Process | undefined {
    if (this.#last?.pid !== pid) this.#last = this.#byPid.get(pid);
    return this.#last;
  }

  values(): Process[] {
    return [...this.#byPid.values()];
  }

  /** What a process does is told from now on; of one that was waiting, all that it did. */
  watch(pid: number): void {
    const process = this.#byPid.get(pid);
    if (process === undefined) this.#put(newProcess(pid, false, null));
    else this.#release(process);
  }

  /**
   * What children of these processes do waits from their fork on until `watch` or `refuse` is called for them.
   * @param all whether all of them are wanted, and what others fork as well; else the parallel workers of what is
   *   watched.
   */
  expect(parents: readonly number[], all: boolean): void {
    for (const parent of parents) this.#parents.add(parent);
    this.#all = all;
  }

  isParent(pid: number): boolean {
    return this.#parents.has(pid);
  }

  /** At `time` of the records. */
  forked(parent: number, child: number, time: number): void {
    if (time <= (this.#refused.get(child) ?? Number.NEGATIVE_INFINITY)) return;
    const known = this.#byPid.get(child);
    // Added already, when the buffers had more than could be read at once.
    if (known !== undefined && !known.born && known.waiting === null) return;
    const waits = this.#parents.has(parent);
    // Programs that a server starts are not its workers.
    if (!waits && !this.#all) this.#strangers.push(child);
    else this.#put({ ...newProcess(child, true, waits ? [] : null), wanted: this.#all });
  }

  /** A parallel worker says at `ts` whose it is, maybe long before its title is read; false where it does not wait. */
  judge(process: Process, leader: number, ts: number): boolean {
    const { pid, waiting } = process;
    if (waiting === null) return false;
    process.wanted ||= this.#byPid.get(leader)?.waiting === null;
    if (!process.wanted) this.#turnAway(pid);
    const first = waiting[0];
    const since = first?.type === 'syscall' ? first.ts : ts;
    waiting.unshift({ type: 'process', ts: since, pid, role: 'parallel worker', leader });
    return true;
  }

  /** At `now` one that was waiting, or whose fork is still to be read, is not wanted. */
  refuse(pid: number, now: number): void {
    const process = this.#byPid.get(pid);
    if (process === undefined) this.#refused.set(pid, now);
    else if (process.waiting !== null) this.#delete(pid);
  }

  /** Every record until `horizon` has been seen. */
  settle(horizon: number): void {
    for (const [pid, time] of this.#refused) if (time <= horizon) this.#refused.delete(pid);
  }

  /** Whether nothing that a process did since it was forked is missing. */
  sawBirth(pid: number): boolean {
    return this.#byPid.get(pid)?.born ?? false;
  }

  /** The processes forked since the last call that are not wanted. */
  takeStrangers(): number[] {
    const strangers = this.#strangers;
    if (strangers.length > 0) this.#strangers = [];
    return strangers;
  }

  /** The processes that were told of at any time since the last call. */
  takeTold(): ReadonlySet<number> {
    const told = this.#told;
    this.#told = new Set(this.values().flatMap(({ pid, waiting }) => (waiting === null ? [pid] : [])));
    return told;
  }

  tell(process: Process, event: Event): void {
    const { waiting } = process;
    if (waiting === null) this.events.push(event);
    else if (waiting.push(event) > MOST_WAITING) {
      if (process.wanted) this.#release(process);
      else this.#turnAway(process.pid);
    }
  }

  /** A process has ended, or is let go; `tell` still takes its last events. */
  remove(process: Process): void {
    if (process.wanted) this.#release(process);
    this.#delete(process.pid);
  }

  #put(process: Process): void {
    this.#byPid.set(process.pid, process);
    if (process.waiting === null) this.#told.add(process.pid);
    this.#last = undefined;
  }

  #delete(pid: number): void {
    this.#byPid.delete(pid);
    this.#last = undefined;
  }

  #turnAway(pid: number): void {
    this.#delete(pid);
    this.#strangers.push(pid);
  }

  #release(process: Process): void {
    for (const event of process.waiting ?? []) this.events.push(event);
    process.waiting = null;
    this.#told.add(process.pid);
  }
}

function newProcess(pid: number, born: boolean, waiting: Event[] | null): Process {
  return {
    pid,
    born,
    waiting,
    wanted: false,
    enter: null,
    time: 0,
    words: new Int32Array(KEPT_WORDS),
    texts: [],
    opening: null,
    opens: false,
    fatal: null,
    known: null,
  };
}
