/** When a summary is printed: at the end, at SIGUSR1, and every interval. */
import type { Io } from '../../cli/io.js';
import type { Event } from '../../event/types.js';
import { openSink } from '../../stream/filter.js';
import type { Stage } from '../../stream/stage.js';
import type { Counting } from '../reading.js';
import { createSummary, type SummaryOptions } from './summary.js';

export interface ReportOptions extends SummaryOptions {
  /** Seconds between reports; null for one at the end. */
  interval: number | null;
}

/** A stage that gives nothing until its end, which is the last report; the others it prints when they are due. */
export interface Reporter extends Stage<readonly Event[], string>, Counting {
  /** No report comes any more, and SIGUSR1 has its usual meaning again. */
  stop(): void;
}

export function createReporter(io: Io, options: ReportOptions): Reporter {
  const { interval } = options;
  const summary = createSummary(options);
  const sink = openSink(io.stdout);
  // A terminal is as wide as it is at the moment; a file or pipe takes all.
  const report = () => summary.report(io.stdout.isTTY ? (io.stdout.columns ?? 80) : Number.POSITIVE_INFINITY);
  // No waiting for a slow reader here: a report has the size of a table, and the next one is long after.
  const print = () => void sink.write(report());
  const timer = interval === null ? null : setInterval(print, interval * 1000);
  process.on('SIGUSR1', print);
  return {
    take: summary.take,
    takeLike: summary.takeLike,
    pause: () => undefined,
    write(events) {
      summary.write(events);
      return '';
    },
    end: report,
    stop() {
      if (timer !== null) clearInterval(timer);
      process.off('SIGUSR1', print);
    },
  };
}
