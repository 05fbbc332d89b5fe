/** One call, looked at once for all that it counts in. */
import { SLOT, type Slot } from '../event/cut.js';
import type { Pg, PgRelation } from '../event/pg.js';
import type { SyscallEvent } from '../event/types.js';
import { bucketOf } from './latency.js';

/** What a call does with the bytes that it returns the count of. */
export type Flow = 'read' | 'write' | 'copy' | null;

const READS = 'read pread64 pread readv preadv preadv2 recvfrom recvmsg'.split(' ');
const WRITES = 'write pwrite64 pwrite writev pwritev pwritev2 sendto sendmsg'.split(' ');
/** From `fd` to `outfd`. */
const COPIES = 'sendfile copy_file_range splice'.split(' ');

const FLOWS: ReadonlyMap<string, Flow> = new Map<string, Flow>([
  ...READS.map((call) => [call, 'read'] as const),
  ...WRITES.map((call) => [call, 'write'] as const),
  ...COPIES.map((call) => [call, 'copy'] as const),
]);

export function flowOf(call: string): Flow {
  return FLOWS.get(call) ?? null;
}

/** One object serves all calls; accesses and samples, too, as far as they have what a call has. */
export interface Measure {
  flow: Flow;
  /** What the call moved; 0 where it failed. */
  bytes: number;
  failed: boolean;
  /** Seconds since the epoch; NaN where the trace does not tell. */
  ts: number;
  /** Seconds; -1 where the trace does not tell. */
  dur: number;
  /** What it counts for as time: the same, 0 where not known; 1 for a sample, which is one look. */
  busy: number;
  bucket: number;
  /** Of a relation: the first block, -1 where there is none; how many; and the fork's, -1 where not known. */
  block: number;
  blocks: number;
  total: number;
}

export function createMeasure(): Measure {
  return {
    flow: null,
    bytes: 0,
    failed: false,
    ts: Number.NaN,
    dur: Number.NaN,
    busy: Number.NaN,
    bucket: 0,
    block: -1,
    blocks: 1,
    total: -1,
  };
}

export function measure(into: Measure, event: SyscallEvent): void {
  const { ret, dur, pg } = event;
  into.flow = flowOf(event.call);
  into.failed = event.errno !== undefined;
  into.ts = event.ts ?? Number.NaN;
  into.bytes = typeof ret === 'number' ? ret : 0;
  into.dur = dur ?? -1;
  conclude(into);
  measureBlocks(into, pg);
}

/** An event that is no call: it takes no time that is known, and moves nothing. */
export function measureMoment(into: Measure, ts: number, pg: Pg | undefined): void {
  into.flow = null;
  into.failed = false;
  into.ts = ts;
  into.dur = -1;
  conclude(into);
  measureBlocks(into, pg);
}

const NOWHERE: Pick<PgRelation, 'block' | 'blocks' | 'total'> = {};

/** Where in its fork an event is. */
function measureBlocks(into: Measure, pg: Pg | undefined): void {
  const { block, blocks, total } = pg?.kind === 'relation' ? pg : NOWHERE;
  into.block = block ?? -1;
  into.blocks = blocks ?? 1;
  into.total = total ?? -1;
}

/** From its flow, result and duration. */
function conclude(into: Measure): void {
  if (into.flow === null || !(into.bytes > 0)) into.bytes = 0;
  if (!(into.dur >= 0)) into.dur = -1;
  into.busy = Math.max(into.dur, 0);
  into.bucket = bucketOf(into.busy);
}

/** What is the same in calls that differ in their numbers only. */
export interface Alike {
  readonly flow: Flow;
  readonly failed: boolean;
  /** The numbers that they have: a bit for each slot. */
  readonly numbers: number;
}

export function hasNumber({ numbers }: Alike, slot: Slot): boolean {
  return (numbers & (1 << slot)) !== 0;
}

/** One of the calls that are alike, with these numbers, by slot: as measure() of its event. */
export function measureLike(into: Measure, alike: Alike, numbers: Float64Array): void {
  const number = (slot: Slot, without: number): number => (hasNumber(alike, slot) ? numbers[slot]! : without);
  into.flow = alike.flow;
  into.failed = alike.failed;
  into.ts = number(SLOT.ts, Number.NaN);
  into.bytes = number(SLOT.ret, 0);
  into.dur = number(SLOT.dur, -1);
  conclude(into);
  into.block = number(SLOT['pg.block'], -1);
  into.blocks = number(SLOT['pg.blocks'], 1);
  into.total = number(SLOT['pg.total'], -1);
}
