/** All that resolving needs, opened: for pgtrace-resolve, and for whoever resolves in its own process. */
import { readFileSync } from 'node:fs';
import { Failure } from '../cli/diagnostic.js';
import { type Annotator, createAnnotator } from './annotate.js';
import { type Processes, processOf } from './descriptors.js';
import { type Tell, targetsOf, targetsOfTrace } from './discover.js';
import { preload } from './follow.js';
import { parseLsof } from './lsof.js';

/**
 * @param directory the data directory; null for the first one that the events show
 * @param listing the path of a saved output of `lsof -F`, or null
 * @throws Failure where the directory or the listing cannot be read.
 */
export function openResolver(directory: string | null, listing: string | null, tell: Tell): Annotator {
  const targets = directory === null ? targetsOfTrace(tell) : targetsOf(directory, tell);
  const annotator = createAnnotator(targets);
  if (listing !== null) loadListing(annotator.follower.processes, listing);
  return annotator;
}

/** Puts what a listing says was open into the descriptor table. */
function loadListing(processes: Processes, file: string): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file}: ${(error as Error).message}`);
  }
  const listing = parseLsof(text);
  if (listing === null) {
    throw new Failure(
      `${file}: not a listing of lsof (expected fields such as p3820, f15 and n/path, found none)`,
      'lsof -F pftn -p PID makes one',
    );
  }
  for (const { pid, cwd } of listing.cwds) processOf(processes, pid, null).cwd = cwd;
  for (const event of listing.files) preload(processes, event);
}
