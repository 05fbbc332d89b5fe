/** The page of `?`. */
import { type Line, span } from './lines.js';

const KEYS: readonly (readonly [string, string])[] = [
  ['s S', 'sort by the next, the previous column (marked *)'],
  ['/', 'filter by name, kind, database, or process: pid, user, role, title'],
  ['g', 'tables with their indexes, TOAST and partitions as one row, or each'],
  ['b', 'a row a statement, where the trace tells of them, or a relation'],
  ['p', 'pause: the picture stands still, events are counted on'],
  ['Enter', 'the detail of a relation: parts touched, processes, latencies'],
  ['arrows', 'go to another row; j, k, PgUp, PgDn and Home, too'],
  ['Esc', 'back; in the list: no filter'],
  ['Ctrl-L', 'draw all again'],
  ['?', 'this page, and back'],
  ['q', 'quit'],
];

const MEANINGS: readonly (readonly [string, string])[] = [
  ['TIME', 'part of the time in calls, of late'],
  ['DONE', 'of the scan: ~ estimated by its cursor, > at least, ? not known'],
  ['TO GO', 'at the rate of late'],
  ['CALLING', 'of a statement: its time in calls; ELAPSED: of all its runs'],
];

export function helpLines(): Line[] {
  const entry = ([key, meaning]: readonly [string, string]): Line => [
    span(`  ${key.padEnd(8)}`, 'title'),
    span(meaning),
  ];
  return [[span('Keys', 'head')], ...KEYS.map(entry), [], [span('Columns', 'head')], ...MEANINGS.map(entry)];
}
