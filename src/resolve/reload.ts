/** When the catalogs are read again: what they say of a file may have changed since. */
import { Failure } from '../cli/diagnostic.js';
import type { ClusterView } from './target.js';

/** Milliseconds between two readings at the least, by what asks for one. */
const PAUSES = {
  /** A file has no name, a catalog was seen being written, or a file may just have been dropped. */
  urgent: 50,
  /** WAL was seen being written: something may have been committed. */
  logged: 100,
  /** Nothing: less than a tick, so that each tick has one. */
  nothing: 500,
} as const;
export type Cause = keyof typeof PAUSES;
/** Reading may take one part in so many of the time. */
const SHARE = 10;
/**
 * So many milliseconds of it may be ahead of that: the first readings take long, because more is read and the code is
 * cold, and what they wait for is most often being made just then.
 */
const ADVANCE = 1000;
/** What takes longer, in milliseconds, is read again for nothing but one part in a hundred of the time. */
const LONG = 100;

/** Reads a cluster's catalogs again if it is time for it, and calls `use`, whose time counts as part of the reading. */
export type Reload = (cluster: ClusterView, cause: Cause, use: () => void) => void;

/**
 * @param now milliseconds
 * @param tell takes what could not be read; the names stay as they were then.
 */
export function createReload(now: () => number, tell: (message: string, hint?: string) => void): Reload {
  let ended = now();
  let took = 0;
  /** What readings have taken and the time since has not paid for. */
  let owed = 0;
  let told = false;
  return (cluster, cause, use) => {
    const start = now();
    const since = start - ended;
    const pause = cause === 'nothing' && took > LONG ? took * SHARE * SHARE : PAUSES[cause];
    const left = Math.max(0, owed - since / SHARE);
    // What may have changed does not use up what is kept for what has no name.
    if (since < pause || left > (cause === 'logged' ? ADVANCE / 2 : ADVANCE)) return;
    try {
      cluster.reload();
      use();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!told) tell(`the catalogs cannot be read again: ${error.message}`, error.hint);
      told = true;
    }
    ended = now();
    took = ended - start;
    owed = left + took;
  };
}
