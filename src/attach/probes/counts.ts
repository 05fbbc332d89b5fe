/** Accesses of shared buffers that the kernel has counted, as events of what came since the last ones. Pure. */
import type { BuffersEvent, Event } from '../../event/types.js';
import { FORKS } from '../../postgres/layout/probes.js';
import type { Histogram } from './histogram.js';

/** Relations with their forks, of all processes of the executable: a hundred bytes of the kernel's memory each. */
const MOST_ENTRIES = 16_384;

/** How often the probe was hit, by process, tablespace and database, filenode and fork: three keys are all there may be. */
export const COUNT = `hist:keys=common_pid,space.hex,file.hex:size=${MOST_ENTRIES}`;
/** The same where `file` is a filenode alone: the main fork's. */
export const COUNT_OF_MAIN = `${COUNT} if fork == 0`;

/** What has been counted until now. */
export interface Counted {
  /** By `pid space file`. */
  accesses: Map<string, number>;
  dropped: number;
}

/** @param sign -1 for look-ups that were no accesses. */
export function addHistogram(counted: Counted, { entries, dropped }: Histogram, sign: 1 | -1): void {
  for (const { keys, hits } of entries) {
    const key = keys.join(' ');
    counted.accesses.set(key, (counted.accesses.get(key) ?? 0) + sign * hits);
  }
  counted.dropped += dropped;
}

export class AccessCounts {
  #told = new Map<string, number>();
  #dropped = 0;

  /** Tells at `ts` what is new, of these processes only: a probe counts everybody's. */
  tell({ accesses, dropped }: Counted, pids: ReadonlySet<number>, ts: number, into: Event[]): void {
    for (const [key, all] of accesses) {
      const count = all - (this.#told.get(key) ?? 0);
      // What is no access may be known before its look-up is.
      if (count <= 0) continue;
      const event = eventOf(key, ts, count);
      if (!pids.has(event.pid)) continue;
      this.#told.set(key, all);
      into.push(event);
    }
    if (dropped <= this.#dropped) return;
    const count = dropped - this.#dropped;
    this.#dropped = dropped;
    const reason = `the kernel counts accesses of ${MOST_ENTRIES} relations and processes at most`;
    into.push({ type: 'lost', ts, count, reason });
  }
}

function eventOf(key: string, ts: number, count: number): BuffersEvent {
  const [pid, space, file] = key.split(' ') as [string, string, string];
  const [databaseOid, tablespace] = words(space);
  const [fork, filenode] = words(file);
  const name = FORKS[fork] ?? String(fork);
  return { type: 'buffers', ts, pid: Number(pid), tablespace, databaseOid, filenode, fork: name, count };
}

/** The two words of 64 bits in hexadecimal, the one at the higher address first: both architectures are little-endian. */
function words(hex: string): [high: number, low: number] {
  const digits = hex.padStart(16, '0');
  return [Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8), 16)];
}
