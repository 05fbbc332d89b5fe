/** What calls came to: the sums of an object, a process or a call. */
import { Latency } from './latency.js';
import type { Measure } from './measure.js';

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
      this.latency.add(call);
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
