/** What is told at the end: what was not understood, and how many events stayed without a name, and why. */
import type { ReadCounts } from '../stream/events.js';
import type { Tell } from './discover.js';
import type { Targets } from './targets.js';

/** @param file null for the standard input */
export function reportInput({ unparsed, cut }: ReadCounts, file: string | null, tell: Tell): void {
  const where = file === null ? '' : `${file}: `;
  if (unparsed > 0) {
    tell(
      `${where}${count(unparsed, 'line')} not understood`,
      'the input is to be events, one JSON object a line',
    );
  }
  if (cut > 0) tell(`${where}${count(cut, 'line')} longer than 1 MiB, and cut`);
}

export function reportTargets({ counters, cluster }: Targets, tell: Tell): void {
  const damage = cluster?.damage() ?? null;
  if (damage !== null) tell(damage, 'relations whose rows they hold have no names');
  const reasons = [...counters].filter(([, { events }]) => events > 0);
  reasons.sort(([, a], [, b]) => b.events - a.events);
  for (const [reason, { events }] of reasons) tell(`${count(events, 'event')} unresolved: ${reason}`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
