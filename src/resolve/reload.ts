/** When the catalogs are read again: a file that they do not name may be of a table made since. */
import { Failure } from '../cli/diagnostic.js';
import type { ClusterView } from './target.js';

/** Milliseconds between two readings at the least. */
const PAUSE = 2000;
/** Reading may take one part in so many of the time: large catalogs are read again more rarely. */
const SHARE = 20;

/**
 * A function that reads a cluster's catalogs again if it is time for it, and returns whether it did.
 * @param now milliseconds
 * @param tell takes what could not be read; the names stay as they were then.
 */
export function createReload(
  now: () => number,
  tell: (message: string, hint?: string) => void,
): (cluster: ClusterView) => boolean {
  let next = now() + PAUSE;
  let told = false;
  return (cluster) => {
    const start = now();
    if (start < next) return false;
    try {
      cluster.reload();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!told) tell(`the catalogs cannot be read again: ${error.message}`, error.hint);
      told = true;
    }
    next = now() + Math.max(PAUSE, (now() - start) * SHARE);
    return true;
  };
}
