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

/** @param directory the data directory; undefined for the one that the events show. */
export function createPipeline(
  io: Io,
  directory: string | undefined,
  selection: Selection,
  tell: Tell,
): Pipeline {
  const annotator = openResolver(directory ?? null, null, tell);
  const resolve = createResolveStage(annotator, Date.now);
  const format = createFormatStage({ format: 'text', selection, theme: themeFor('auto', io), utc: false });
  return {
    ...chainText(resolve, format),
    report: () => reportTargets(annotator.targets, tell),
  };
}

function chainText(first: Stage<Event[], Event[]>, last: Stage<Event[], string>): Stage<Event[], string> {
  return {
    write: (events) => last.write(first.write(events)),
    end: () => last.write(first.end()) + last.end(),
  };
}
