/** The stages behind a source, in one process: events become what they mean, and that becomes text. */
import type { Io } from '../cli/io.js';
import type { Event } from '../event/types.js';
import { themeFor } from '../format/color.js';
import type { Selection } from '../format/select.js';
import { createFormatStage } from '../format/stage.js';
import type { Tell } from '../resolve/discover.js';
import { reportTargets } from '../resolve/report.js';
import { openResolver } from '../resolve/resolver.js';
import { createResolveStage } from '../resolve/stage.js';
import type { Stage } from '../stream/stage.js';

export interface Pipeline extends Stage<Event[], string> {
  /** Tells what stayed without a name, at the very end. */
  report(): void;
}

/** @param directory the data directory; null for the one that the events show. @throws Failure as openResolver() does. */
export function createPipeline(io: Io, directory: string | null, selection: Selection, tell: Tell): Pipeline {
  const annotator = openResolver(directory, null, tell);
  const resolve = createResolveStage(annotator, Date.now);
  const format = createFormatStage({ format: 'text', selection, theme: themeFor('auto', io), utc: false });
  return {
    write: (events) => format.write(resolve.write(events)),
    end: () => format.write(resolve.end()) + format.end(),
    report: () => reportTargets(annotator.targets, tell),
  };
}
