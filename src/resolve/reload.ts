/** When the catalogs are read again: what they say of a file may have changed since. */
import { Failure } from '../cli/diagnostic.js';
import type { ClusterView } from './target.js';

/** Milliseconds after the last look at what has changed, or the last reading, by what asks for one. */
const PAUSES = {
  /** A file has no name, or may just have been dropped: whoever asks does so once a batch. */
  pressing: 0,
  /** A batch begins. */
  batch: 20,
  /** As `batch`, and a catalog was seen being written. */
  written: 20,
  /** A file is asked for again: less than a tick, so that each tick has one, be there news or not. */
  tick: 500,
} as const;
export type Cause = keyof typeof PAUSES;
/** The same where nothing tells whether anything has changed, and all is read for nothing most often. */
const BLIND_PAUSE = 50;
/** Reading may take one part in so many of the time; for what is pressing, beside that, one in so many. */
const SHARE = 10;
const PRESSING_SHARE = 2;
/**
 * So many milliseconds of it may be ahead of that: the first readings take long, because more is read and the code is
 * cold, and what they wait for is most often being made just then. What is not pressing does not use up all of it.
 */
const ADVANCE = 1000;
/** What takes longer, in milliseconds, is read again for nothing but one part in a hundred of the time. */
const LONG = 100;

/**
 * Reads a cluster's catalogs again if there is reason to and it is time for it, and calls `use`, whose time counts as
 * part of the reading. False where it is not known whether the names are those of now.
 */
export type Reload = (cluster: ClusterView, cause: Cause, use: () => void) => boolean;

/** What readings have taken, and the time since has not paid for. */
class Account {
  readonly #share: number;
  #owed = 0;
  #at: number;

  constructor(share: number, now: number) {
    this.#share = share;
    this.#at = now;
  }

  owed(now: number): number {
    return Math.max(0, this.#owed - (now - this.#at) / this.#share);
  }

  charge(from: number, to: number): void {
    this.#owed = this.owed(to) + to - from;
    this.#at = to;
  }
}

/**
 * @param now milliseconds
 * @param tell takes what could not be read; the names stay as they were then.
 */
export function createReload(now: () => number, tell: (message: string, hint?: string) => void): Reload {
  let looked = now();
  let ended = looked;
  let took = 0;
  let told = false;
  const usual = new Account(SHARE, looked);
  const pressing = new Account(PRESSING_SHARE, looked);

  function read(cluster: ClusterView, use: () => void): void {
    try {
      cluster.reload();
      use();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!told) tell(`the catalogs cannot be read again: ${error.message}`, error.hint);
      told = true;
    }
  }

  return (cluster, cause, use) => {
    const start = now();
    const pause = cause === 'tick' && took > LONG ? took * SHARE * SHARE : PAUSES[cause];
    if (start - (cause === 'tick' ? ended : looked) < pause) return false;
    let account = cause === 'pressing' ? pressing : usual;
    if (account.owed(start) > (cause === 'batch' ? ADVANCE / 2 : ADVANCE)) return false;
    const news = cause === 'tick' || cluster.news();
    if (news === null) {
      if (cause === 'batch' || start - ended < BLIND_PAUSE || usual.owed(start) > ADVANCE) return false;
      account = usual;
    }
    if (news !== false) read(cluster, use);
    looked = now();
    account.charge(start, looked);
    if (news !== false) {
      ended = looked;
      took = ended - start;
    }
    return true;
  };
}
