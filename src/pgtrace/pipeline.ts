/** The stages behind a source, in one process: events become what they mean, and that becomes text. */
import type { Event } from '../event/types.js';
import type { Tell } from '../resolve/discover.js';
import { reportTargets } from '../resolve/report.js';
import { openResolver } from '../resolve/resolver.js';
import { createResolveStage } from '../resolve/stage.js';
import type { Stage } from '../stream/stage.js';

/** What the resolved events become. */
export interface View extends Stage<Event[], string> {
  /** After the end: resolves when the user has seen it. */
  finish?(): Promise<void>;
}

export interface Pipeline extends View {
  finish(): Promise<void>;
  /** Tells what stayed without a name, at the very end. */
  report(): void;
}

/**
 * @param directory the data directory; null for the one that the events show.
 * @throws Failure as openResolver() does.
 */
export function createPipeline(directory: string | null, view: View, tell: Tell): Pipeline {
  const annotator = openResolver(directory, null, tell);
  const resolve = createResolveStage(annotator, Date.now);
  return {
    write: (events) => view.write(resolve.write(events)),
    end: () => view.write(resolve.end()) + view.end(),
    finish: () => view.finish?.() ?? Promise.resolve(),
    report: () => reportTargets(annotator.targets, tell),
  };
}
