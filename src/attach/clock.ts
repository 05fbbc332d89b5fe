/** The realtime clock to the microsecond, as the sources' own times: Date.now() has milliseconds only. */

let origin = performance.timeOrigin;

/** Seconds since the epoch. Follows the system's clock when that is set or slewed. */
export function realtime(): number {
  let now = origin + performance.now();
  const coarse = Date.now();
  if (now < coarse - 1 || now > coarse + 2) {
    origin += coarse - now;
    now = coarse;
  }
  return Math.round(now * 1000) / 1e6;
}
