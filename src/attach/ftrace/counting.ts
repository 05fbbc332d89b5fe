/** What the kernel counts instead of recording it: when that is read, and told. */
import { AccessCounts } from '../probes/counts.js';
import type { Probes } from '../probes/manager.js';
import type { Clock } from './clock.js';
import type { Processes } from './processes.js';
import type { Instance } from './tracefs.js';

/** Between two readings, in nanoseconds; a reading may take a twentieth of the time. */
const PAUSE_NS = 1e9;
const SHARE = 20;

export class Counting {
  #counts = new AccessCounts();
  /** In the time of the records. */
  #due = PAUSE_NS;

  isDue(now: number): boolean {
    return now >= this.#due;
  }

  /** Tells what has been counted since the last time. @throws the system's error. */
  tell(probes: Probes, instance: Instance, clock: Clock, processes: Processes): void {
    const began = clock.now();
    const counted = probes.counted(instance);
    const now = clock.now();
    this.#due = now + Math.max(PAUSE_NS, SHARE * (now - began));
    this.#counts.tell(counted, processes.takeTold(), clock.seconds(now), processes.events);
  }
}
