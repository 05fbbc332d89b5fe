/** How long a row's calls took, as bars: one for each power of two. */
import { printable } from '../../cli/diagnostic.js';
import { bucketStart, type Latency } from '../latency.js';
import { duration } from '../units.js';
import type { Row } from './rows.js';

const BAR = 40;

/** Empty where the trace tells no durations. */
export function histogram({ name, tally }: Row): string {
  const counts = byPower(tally.latency);
  if (counts.length === 0) return '';
  const most = counts.reduce((most, { count }) => Math.max(most, count), 1);
  const digits = String(most).length;
  const lines = counts.map(({ from, count }) => {
    const range = `${duration(from).padStart(7)} ..${duration(from * 2).padStart(7)}`;
    return `${range}  ${String(count).padStart(digits)}  ${'#'.repeat(Math.ceil((count / most) * BAR))}`.trimEnd();
  });
  return `\n${printable(name)}\n${lines.join('\n')}\n`;
}

interface Bar {
  /** Seconds. */
  from: number;
  count: number;
}

/** From the fastest to the slowest, those between that are empty too. */
export function byPower(latency: Latency): Bar[] {
  const bars: Bar[] = [];
  latency.each((bucket, count) => {
    const nanos = Math.max(1, bucketStart(bucket) * 1e9);
    const from = 2 ** Math.floor(Math.log2(nanos) + 1e-9) / 1e9;
    for (let last = bars.at(-1); last !== undefined && last.from < from * 0.75; last = bars.at(-1))
      bars.push({ from: last.from * 2, count: 0 });
    const last = bars.at(-1);
    if (last === undefined) bars.push({ from, count });
    else last.count += count;
  });
  return bars;
}
