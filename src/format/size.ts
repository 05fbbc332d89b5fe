/** Bytes as a person reads them, in the units of PostgreSQL's own settings. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/**
 * The size of an argument: `8192`, but `128kB`, `16MB` where the unit divides it, so that nothing is lost.
 * Below 10 kB it stays as it is, as pg_size_pretty() does it.
 */
export function exactSize(bytes: number): string {
  if (!(bytes >= 10240 && Number.isSafeInteger(bytes) && bytes % 1024 === 0)) return String(bytes);
  let value = bytes;
  let unit = 0;
  while (value % 1024 === 0 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value}${UNITS[unit]}`;
}

/** A counter's size, rounded to three digits: `1.17GB`. */
export function roundedSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes}B` : `${value.toPrecision(3)}${UNITS[unit]}`;
}
