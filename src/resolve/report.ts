/** What is told at the end: how many events stayed without a name, and why. */
import type { Tell } from './discover.js';
import type { Counter } from './target.js';

export function report(counters: ReadonlyMap<string, Counter>, unparsed: number, tell: Tell): void {
  const reasons = [...counters].filter(([, { events }]) => events > 0);
  reasons.sort(([, a], [, b]) => b.events - a.events);
  for (const [reason, { events }] of reasons) tell(`${count(events)} not resolved: ${reason}`);
  if (unparsed > 0) {
    tell(`${count(unparsed, 'line')} not understood`, 'the input is to be events, one JSON object a line');
  }
}

function count(number: number, what = 'event'): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
