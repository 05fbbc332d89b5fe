/** When a summary is printed: at the end, at SIGUSR1, and every interval. */
import type { Io } from '../../cli/io.js';
import type { Event } from '../../event/types.js';
import { openSink } from '../../stream/filter.js';
import { createSummary, type SummaryOptions } from './summary.js';

export interface Reporter {
  /** The text that is due now, mostly none. */
  take(events: readonly Event[]): string;
  /** The last report; resolves when it is written. */
  finish(): Promise<void>;
  stop(): void;
}

/** @param options.interval seconds between reports; null for one at the end. */
export function createReporter(io: Io, options: SummaryOptions & { interval: number | null }): Reporter {
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
    take(events) {
      summary.write(events);
      return '';
    },
    finish: async () => {
      await sink.write(report());
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      process.off('SIGUSR1', print);
    },
  };
}
