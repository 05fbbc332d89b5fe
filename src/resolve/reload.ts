/** When the catalogs are read again: what they say of a file may have changed since. */
import { Failure } from '../cli/diagnostic.js';
import type { ClusterView } from './target.js';

/** Milliseconds between two readings at the least. */
const PAUSE = 50;
/** Reading may take one part in so many of the time. */
const SHARE = 10;
/**
 * So many milliseconds of it may be ahead of that: the first readings take long, because more is read and the code is
 * cold, and what they wait for is most often being made just then.
 */
const ADVANCE = 1000;
/** Milliseconds between two readings where nothing asks for one: less than a tick, so that each tick has one. */
const IDLE_PAUSE = 500;
/** What takes longer, in milliseconds, is read again for nothing but one part in a hundred of the time. */
const LONG = 100;

/**
 * Reads a cluster's catalogs again if it is time for it, and calls `use`, whose time counts as part of the reading.
 * @param urgent something is not named, or the catalogs were seen being written
 */
export type Reload = (cluster: ClusterView, urgent: boolean, use: () => void) => void;

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
  return (cluster, urgent, use) => {
    const start = now();
    const since = start - ended;
    const pause = urgent ? PAUSE : took > LONG ? took * SHARE * SHARE : IDLE_PAUSE;
    const left = Math.max(0, owed - since / SHARE);
    if (since < pause || left > ADVANCE) return;
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
