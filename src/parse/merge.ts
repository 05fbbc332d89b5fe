/** Several traces as one: events in the order of their times. */
import type { Event } from '../event/types.js';

/** Batches of events of one trace, read as far as the events already handed on. */
class Cursor {
  private readonly batches: AsyncIterator<Event[]>;
  private batch: Event[] = [];
  private index = 0;
  /** The time of the event at hand; one without a time keeps its place behind its predecessor. */
  time = Number.NEGATIVE_INFINITY;
  /** Of equal times the first trace's comes first. */
  readonly rank: number;

  constructor(batches: AsyncIterable<Event[]>, rank: number) {
    this.batches = batches[Symbol.asyncIterator]();
    this.rank = rank;
  }

  get event(): Event {
    return this.batch[this.index]!;
  }

  /** Whether the next event is at hand, without reading on. */
  step(): boolean {
    this.index++;
    return this.settle();
  }

  /** Reads on. False at the end of the trace. */
  async read(): Promise<boolean> {
    for (;;) {
      const next = await this.batches.next();
      if (next.done === true) return false;
      this.batch = next.value;
      this.index = 0;
      if (this.settle()) return true;
    }
  }

  async close(): Promise<void> {
    await this.batches.return?.();
  }

  private settle(): boolean {
    const event = this.batch[this.index];
    if (event === undefined) return false;
    if ('ts' in event && event.ts !== null) this.time = event.ts;
    return true;
  }
}

const before = (one: Cursor, other: Cursor): boolean =>
  one.time < other.time || (one.time === other.time && one.rank < other.rank);

/** Moves the cursor at the top of the heap to where it belongs. */
function sink(heap: Cursor[]): void {
  const top = heap[0]!;
  let place = 0;
  for (;;) {
    let child = place * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, top)) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = top;
}

/**
 * Merges traces by time, holding one batch of each. `ready` is called once the first batch of each was read.
 * @throws what reading a trace throws.
 */
export async function* mergeByTime(
  traces: readonly AsyncIterable<Event[]>[],
  ready: () => Event[],
): AsyncGenerator<Event[]> {
  const all = traces.map((trace, rank) => new Cursor(trace, rank));
  try {
    const heap: Cursor[] = [];
    for (const cursor of all) if (await cursor.read()) heap.push(cursor);
    heap.sort((one, other) => (before(one, other) ? -1 : 1));
    let out: Event[] = ready();
    while (heap.length > 0) {
      const top = heap[0]!;
      out.push(top.event);
      if (!top.step()) {
        yield out;
        out = [];
        if (!(await top.read())) {
          const last = heap.pop()!;
          if (heap.length === 0) break;
          if (last !== top) heap[0] = last;
        }
      }
      sink(heap);
    }
    yield out;
  } finally {
    for (const cursor of all) await cursor.close();
  }
}
