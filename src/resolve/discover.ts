/** Which data directory the names come from: the given one, or the first that the events show. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../cli/diagnostic.js';
import { createPlaces, mount } from './locate.js';
import { createReload } from './reload.js';
import { createTargets, setCluster, type Targets } from './targets.js';
import { type OpenedDirectory, openDirectory, systemIdentifierOf } from './view.js';

export type Tell = (message: string, hint?: string) => void;

/** Directories of the trace that are tried; a trace is not trusted to name a few. */
const MAX_TRIED = 16;

/**
 * Names come from `directory`, with what the WAL has done since the last checkpoint where `wal` is true. @throws Failure where it is no
 * data directory that can be read.
 */
export function targetsOf(directory: string, tell: Tell, wal: boolean): Targets {
  const opened = openDirectory(directory, wal);
  const adopt = (shown: string) => {
    const another = isAnother(shown, opened);
    if (another && targets.places.local) return false;
    // Packages put every machine's cluster at the same path, so that one here says nothing of another machine's.
    const hint = another ? `what this machine has at ${shown} is another cluster` : undefined;
    tell(`the trace is of ${shown}: its files are taken for those of ${directory}`, hint);
    return true;
  };
  const targets: Targets = createTargets(createPlaces(adopt), null, createReload(Date.now, tell));
  use(targets, opened, tell);
  return targets;
}

/** Names come from the first data directory that the events show and that can be read here. */
export function targetsOfTrace(tell: Tell, wal: boolean): Targets {
  const tried = new Set<string>();
  const targets: Targets = createTargets(
    createPlaces((shown) => {
      if (targets.cluster !== null) return false;
      if (tried.size < MAX_TRIED && !tried.has(shown)) {
        tried.add(shown);
        tryDirectory(targets, shown, tell, wal);
      }
      return true;
    }),
    null,
    createReload(Date.now, tell),
  );
  return targets;
}

function tryDirectory(targets: Targets, directory: string, tell: Tell, wal: boolean): void {
  try {
    use(targets, openDirectory(directory, wal), tell);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    tell(`names are unknown: ${error.message}`, error.hint);
  }
}

function use(targets: Targets, { view, mounts, tablespaces, warnings }: OpenedDirectory, tell: Tell): void {
  const { places } = targets;
  for (const warning of warnings) tell(warning);
  for (const { prefix, below } of mounts) mount(places, prefix, below);
  places.tablespaces = tablespaces;
  places.exclusive = true;
  setCluster(targets, view);
}

/** True where a data directory of this machine is not the one that is open. */
function isAnother(directory: string, { systemIdentifier }: OpenedDirectory): boolean {
  if (!existsSync(join(directory, 'PG_VERSION'))) return false;
  try {
    return systemIdentifierOf(directory) !== systemIdentifier;
  } catch {
    // Nothing proves that it is the same.
    return true;
  }
}
