/** How far a scan is, as text: `~` marks an estimate, `>` the least that is known, `?` what the calls do not tell. */
import type { Progress } from '../progress.js';
import { percent } from '../units.js';
import type { Glyphs } from './glyphs.js';

/** What is done, what may be, and what is to do; or the pattern in words where a bar says nothing. Of `width` columns. */
export function bar(progress: Progress, width: number, glyphs: Glyphs): string {
  const { low, high, pattern } = progress;
  if (progress.total === null || (low <= 0 && high >= 1))
    return (pattern ?? '?').slice(0, width).padEnd(width);
  const done = filled(progress.done ?? low, width, glyphs.fill);
  const doubt = progress.done === null ? Math.round(high * width) - done.length : 0;
  return (done + glyphs.doubt.repeat(Math.max(0, doubt))).padEnd(width, glyphs.rest);
}

function filled(share: number, width: number, fill: readonly string[]): string {
  const steps = fill.length - 1;
  const all = Math.min(width * steps, Math.floor(share * width * steps + 1e-9));
  return fill[steps]!.repeat(Math.floor(all / steps)) + fill[all % steps]!;
}

export function doneText({ done, low }: Progress): string {
  if (done !== null) return `~${percent(done)}`;
  return low > 0 ? `>${percent(low)}` : '?';
}

/** Six columns at most: `~12s`, `~3min`, `~2.4h`, `~12d`. Empty where nothing is left. */
export function toGo({ done, remaining }: Progress): string {
  if (done !== null && done >= 1) return '';
  if (remaining === null) return '?';
  const units: [number, string][] = [
    [86400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ];
  const [size, unit] = units.find(([size]) => remaining >= 1.5 * size) ?? [1, 's'];
  const value = remaining / size;
  if (value >= 999) return '>2y';
  return `~${unit === 'h' && value < 10 ? value.toFixed(1) : Math.ceil(value)}${unit}`;
}
