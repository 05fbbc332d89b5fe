/**
 * The kernel's `mono` trace clock in seconds since the epoch. Node tells CLOCK_MONOTONIC to the nanosecond but
 * CLOCK_REALTIME only to the millisecond: the moment at which that millisecond changes is exact, so it is
 * waited for. NTP slews both clocks alike; only a step of the realtime clock parts them.
 */

/** How far the clocks may seem apart before they are measured again: Date.now()'s millisecond and some wait. */
const STEP_MS = 20;

export interface Clock {
  /** A moment of CLOCK_MONOTONIC, in nanoseconds, from which `now` and `seconds` count. */
  readonly origin: bigint;
  /** Nanoseconds since `origin`. */
  now(): number;
  /** Seconds since the epoch, to the microsecond, of nanoseconds since `origin`. */
  seconds(time: number): number;
  /** Measures again where the realtime clock was set meanwhile. */
  check(): void;
}

export function openClock(): Clock {
  const origin = process.hrtime.bigint();
  const now = () => Number(process.hrtime.bigint() - origin);
  let epochMicroseconds = measure(now);
  return {
    origin,
    now,
    seconds: (time) => Math.round(epochMicroseconds + time / 1000) / 1e6,
    check() {
      const expected = (epochMicroseconds + now() / 1000) / 1000;
      if (Math.abs(Date.now() - expected) > STEP_MS) epochMicroseconds = measure(now);
    },
  };
}

/** An edge seen so exactly is good; on a busy machine one that is good enough is waited for longer. Nanoseconds. */
const GOOD = 2_000;
const GOOD_ENOUGH = 20_000;

/** The realtime of `now() === 0`, in microseconds; takes some milliseconds, on a busy machine up to fifty. */
function measure(now: () => number): number {
  let best = 0;
  let width = Number.POSITIVE_INFINITY;
  for (let edges = 0; width > (edges < 5 ? GOOD : GOOD_ENOUGH) && edges < 50; edges++) {
    const last = Date.now();
    let before = now();
    for (;;) {
      const millisecond = Date.now();
      const after = now();
      if (millisecond !== last) {
        if (after - before < width) {
          width = after - before;
          best = millisecond * 1000 - (before + after) / 2000;
        }
        break;
      }
      before = after;
    }
  }
  return best;
}
