/** The records of all CPUs as one sequence in time order. */
import type { Pages } from './page.js';

export interface RecordSink {
  /** One record: `pages` stands on it. */
  record(pages: Pages): void;
  /** The kernel dropped `count` events (-1: unknown how many) of this CPU before the record that comes next. */
  missed(pages: Pages, count: number): void;
}

/**
 * Hands on every record up to the time `horizon`, the oldest first; records after it stay for the next call.
 * A call's entry and exit may lie on two CPUs: a horizon before which every CPU has been read keeps their order.
 */
export function merge(streams: readonly Pages[], horizon: number, sink: RecordSink): void {
  for (;;) {
    let first: Pages | undefined;
    let limit = horizon;
    for (const stream of streams) {
      if (!stream.peek()) continue;
      if (first === undefined || stream.time < first.time) {
        if (first !== undefined) limit = Math.min(limit, first.time);
        first = stream;
      } else limit = Math.min(limit, stream.time);
    }
    if (first === undefined || first.time > horizon) return;
    // Mostly one CPU has a run of records: no other need be looked at before its oldest is due.
    do {
      if (first.missed !== 0) {
        sink.missed(first, first.missed);
        first.missed = 0;
      }
      sink.record(first);
      first.take();
    } while (first.peek() && first.time <= limit);
  }
}
