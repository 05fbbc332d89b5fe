/** All that resolving needs, opened: for pgtrace-resolve, and for whoever resolves in its own process. */

import type { Listing } from '../listing/lsof.js';
import { type Annotator, createAnnotator } from './annotate.js';
import { processOf } from './descriptors.js';
import { type Tell, targetsOf, targetsOfTrace } from './discover.js';
import { preload } from './follow.js';

/**
 * @param directory the data directory; null for the first one that the events show
 * @param listing what was open when the trace began, where something tells it
 * @param wal whether names are as the WAL leaves the catalogs, or as their files are
 * @throws Failure where the directory cannot be read.
 */
export function openResolver(
  directory: string | null,
  listing: Listing | null,
  tell: Tell,
  wal = true,
): Annotator {
  const targets = directory === null ? targetsOfTrace(tell, wal) : targetsOf(directory, tell, wal);
  const annotator = createAnnotator(targets);
  const { processes } = annotator.follower;
  for (const { pid, cwd } of listing?.cwds ?? []) processOf(processes, pid, null).cwd = cwd;
  for (const event of listing?.files ?? []) preload(processes, event);
  return annotator;
}
