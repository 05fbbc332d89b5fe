/** What calls came to: the sums of an object, a process or a call. */
import type { SyscallEvent } from '../event/types.js';
import { bucketOf, Latency } from './latency.js';

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

/** One call, looked at once for all the tallies that it counts in. One object serves all calls. */
export interface Measure {
  flow: Flow;
  /** What the call moved; 0 where it failed. */
  bytes: number;
  failed: boolean;
  /** Seconds; -1 where the trace does not tell. */
  dur: number;
  bucket: number;
}

export function createMeasure(): Measure {
  return { flow: null, bytes: 0, failed: false, dur: -1, bucket: 0 };
}

export function measure(into: Measure, event: SyscallEvent): void {
  const { ret, dur } = event;
  into.flow = flowOf(event.call);
  into.bytes = into.flow !== null && typeof ret === 'number' && ret > 0 ? ret : 0;
  into.failed = event.errno !== undefined;
  const timed = dur !== undefined && dur >= 0;
  into.dur = timed ? dur : -1;
  into.bucket = timed ? bucketOf(dur) : 0;
}

export class Tally {
  calls = 0;
  errors = 0;
  /** Calls that read or wrote (or tried to). */
  reads = 0;
  writes = 0;
  /** Bytes. */
  read = 0;
  written = 0;
  /** Seconds in calls, as far as the trace tells. */
  time = 0;
  /** Calls that follow another of the same process on the same fork, and those of them that begin where it ended. */
  steps = 0;
  sequential = 0;
  /** Samples (pgtrace-attach --via sample) that found a process here. */
  samples = 0;
  /** Accesses of shared buffers, as far as the trace tells. */
  accesses = 0;
  readonly latency = new Latency();

  add(call: Measure): void {
    this.calls++;
    if (call.failed) this.errors++;
    if (call.flow === 'read' || call.flow === 'copy') {
      this.reads++;
      this.read += call.bytes;
    } else if (call.flow === 'write') {
      this.writes++;
      this.written += call.bytes;
    }
    if (call.dur >= 0) {
      this.time += call.dur;
      this.latency.add(call.dur, call.bucket);
    }
  }

  addAll(other: Tally): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.reads += other.reads;
    this.writes += other.writes;
    this.read += other.read;
    this.written += other.written;
    this.time += other.time;
    this.steps += other.steps;
    this.sequential += other.sequential;
    this.samples += other.samples;
    this.accesses += other.accesses;
    this.latency.addAll(other.latency);
  }
}
