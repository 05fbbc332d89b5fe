/** Figures as a person reads them: three digits and a unit of PostgreSQL's settings. */

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
  ['ms', 1e-3],
  ['us', 1e-6],
];

/** Seconds as `17us`, `4.50ms`, `12.3s`, `2.10h`. */
export function duration(seconds: number): string {
  if (!(seconds > 0)) return '0';
  // From 999.5 on, three digits round up to the next unit.
  const [unit, size] = UNITS.find(([, size]) => seconds >= size * 0.9995) ?? ['ns', 1e-9];
  const value = seconds / size;
  if (!Number.isFinite(value)) return 'inf';
  return `${unit === 'us' || unit === 'ns' ? Math.round(value) : value.toPrecision(3)}${unit}`;
}

/** 0 to 1 as `73%`. Only what is all is `100%`. */
export function percent(share: number): string {
  return `${share >= 1 ? 100 : Math.min(99, Math.round(share * 100))}%`;
}
