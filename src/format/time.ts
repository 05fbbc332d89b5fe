/** Times and durations as strace -tt and -T print them. */

export type Clock = 'local' | 'utc' | 'seconds';

const THREE: readonly string[] = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

/**
 * Formats `ts` (seconds since the epoch) as `12:05:37.917464`; the clock `seconds` leaves it a number of seconds,
 * for traces whose times have no date. What is no time (Infinity, beyond the year 275760) is printed as a number.
 */
export function createTimeFormatter(clock: Clock): (ts: number) => string {
  let lastSecond = Number.NaN;
  let lastText = '';
  return (ts) => {
    let second = Math.floor(ts);
    let micros = Math.round((ts - second) * 1e6);
    if (micros === 1e6) {
      second++;
      micros = 0;
    }
    if (second !== lastSecond) {
      const text = clock === 'seconds' ? null : timeOfDay(second, clock);
      if (text === null) return Number.isFinite(ts) ? ts.toFixed(6) : String(ts);
      lastSecond = second;
      lastText = text;
    }
    return `${lastText}.${THREE[(micros / 1000) | 0]}${THREE[micros % 1000]}`;
  };
}

function timeOfDay(second: number, clock: Clock): string | null {
  const date = new Date(second * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const parts =
    clock === 'utc'
      ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
      : [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

const DURATIONS: (string | undefined)[] = new Array(4096).fill(undefined);

/** `0.000003`: seconds with microseconds, with nanoseconds where that is all there is. */
export function formatDuration(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  if (!(micros > 0 && micros < DURATIONS.length)) return durationText(seconds);
  const known = DURATIONS[micros];
  if (known !== undefined) return known;
  const text = durationText(micros / 1e6);
  DURATIONS[micros] = text;
  return text;
}

function durationText(seconds: number): string {
  return seconds !== 0 && Math.abs(seconds) < 5e-7 ? seconds.toFixed(9) : seconds.toFixed(6);
}
