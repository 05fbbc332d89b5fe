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

/** A counter's size, rounded to three digits: `1.17GB`. Six characters at most, up to 999PB. */
export function roundedSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // From 999.5 on, three digits round up to the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes}B` : `${value < 1 ? value.toFixed(2) : value.toPrecision(3)}${UNITS[unit]}`;
}
