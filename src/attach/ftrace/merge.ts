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
 * Stops early where a stream ends that is not drained.
 * @returns the time until which every record has been handed on.
 */
export function merge(streams: readonly Pages[], horizon: number, sink: RecordSink): number {
  let reached = Number.NEGATIVE_INFINITY;
  for (;;) {
    let first: Pages | undefined;
    let limit = horizon;
    for (const stream of streams) {
      if (!stream.peek()) {
        if (!stream.drained) return reached;
        continue;
      }
      // Told when the gap begins, not when it ends: what other CPUs did meanwhile is part of it.
      if (stream.missed !== 0) tellMissed(stream, sink);
      if (first === undefined || stream.time < first.time) {
        if (first !== undefined) limit = Math.min(limit, first.time);
        first = stream;
      } else limit = Math.min(limit, stream.time);
    }
    if (first === undefined || first.time > horizon) return horizon;
    // Mostly one CPU has a run of records: no other need be looked at before its oldest is due.
    do {
      reached = first.time;
      sink.record(first);
      first.take();
    } while (first.peek() && first.missed === 0 && first.time <= limit);
  }
}

function tellMissed(stream: Pages, sink: RecordSink): void {
  const count = stream.missed;
  stream.missed = 0;
  sink.missed(stream, count);
}
