/** What every live source is to pgtrace-attach. */
import type { Event } from '../event/types.js';

/** A live source: hands on batches of events, in time order, until stopped. */
export interface Source {
  readonly name: 'ftrace' | 'strace' | 'sample';
  /**
   * Starts watching; resolves when tracing is certain to be on, so that what is read from /proc afterwards
   * can only be newer than the first call told.
   * @throws Failure where the source does not work here; nothing is left behind then.
   */
  start(pids: readonly number[]): Promise<void>;
  /**
   * Watches one more process. One that is gone already is no error. Tracing is certain to be on when this has
   * returned or, where it gives a promise, when that resolves.
   */
  add(pid: number): Promise<void> | void;
  /** Whether it has, of a process that is about to be added, every call since its fork. */
  sawBirth?(pid: number): boolean;
  /** A process whose parent's children are traced from their fork on is not wanted. */
  refuse?(pid: number): void;
  /** Lets a process go; what it did until now is still told. */
  remove(pid: number): void;
  /** Stops, drains what was traced, leaves nothing behind. A second call waits for the first. */
  stop(): Promise<void>;
}

/** Where a source tells what it sees. Calls run between two reads of the source, so they must be cheap. */
export interface SourceSink {
  /**
   * Null where the source may go on at once, else a promise of when. A source that waits loses nothing
   * silently: what its kernel buffer cannot hold meanwhile comes as a `lost` event.
   */
  events(batch: Event[]): Promise<void> | null;
  warning(text: string): void;
  /** The source cannot go on (its tracer died, tracefs went away). Not called after stop(). */
  ended(reason: string): void;
}
