/** The stages behind a source, in one process: events become what they mean, and that becomes text. */
import type { Event } from '../event/types.js';
import type { Tell } from '../resolve/discover.js';
import { reportTargets } from '../resolve/report.js';
import { openResolver } from '../resolve/resolver.js';
import { createResolveStage } from '../resolve/stage.js';
import type { Stage } from '../stream/stage.js';

export interface Pipeline extends Stage<Event[], string> {
  /** Tells what stayed without a name, at the very end. */
  report(): void;
}

/**
 * @param directory the data directory; null for the one that the events show.
 * @param view what the resolved events become.
 * @throws Failure as openResolver() does.
 */
export function createPipeline(directory: string | null, view: Stage<Event[], string>, tell: Tell): Pipeline {
  const annotator = openResolver(directory, null, tell);
  const resolve = createResolveStage(annotator, Date.now);
  return {
    write: (events) => view.write(resolve.write(events)),
    end: () => view.write(resolve.end()) + view.end(),
    report: () => reportTargets(annotator.targets, tell),
  };
}
