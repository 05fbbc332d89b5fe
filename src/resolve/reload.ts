/** When the catalogs are read again: what they say of a file may have changed since. */
import { Failure } from '../cli/diagnostic.js';
import type { ClusterView } from './target.js';

/** Milliseconds between two readings at the least. */
const PAUSE = 50;
/** Reading may take one part in so many of the time: what takes longer is done more rarely. */
const SHARE = 10;
/** Milliseconds between two readings where nothing asks for one. */
const IDLE_PAUSE = 1000;
/** Catalogs that take longer to read, in milliseconds, are read again only where something asks for it. */
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
  let told = false;
  return (cluster, urgent, use) => {
    const start = now();
    const pause = Math.max(urgent ? PAUSE : IDLE_PAUSE, took * SHARE);
    if (start - ended < pause || (!urgent && took > LONG)) return;
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
  };
}
