/** The rows by statement, for traces that tell of statements, and one of them opened. */
import { roundedSize } from '../../format/size.js';
import type { StatementStat } from '../statements.js';
import { duration, percent } from '../units.js';
import { widthOf } from '../width.js';
import { best, type Order } from './best.js';
import type { Glyphs } from './glyphs.js';
import { type Line, span } from './lines.js';
import type { Model, Row } from './rows.js';
import type { Sort } from './state.js';

/** The keys of these rows begin so; the statement's text follows. */
export const STATEMENT = 's';
/** Lines of a text that are shown at most. */
const TEXT = 8;

type Named = readonly [text: string, stat: StatementStat];

/** The first `count` rows in that order, of those whose text has the filter's. */
export function statementRows(model: Model, sort: Sort, filter: string, count: number): Row[] {
  const { statements, now } = model;
  const wanted = filter.toLowerCase();
  const order: Order<Named> = {
    value: ([text, stat]) => (text.toLowerCase().includes(wanted) ? figure(stat, sort, now) : null),
    before: ([x, a], [y, b]) => (sort === 'name' ? 0 : bytesOf(b) - bytesOf(a)) || (x < y ? -1 : 1),
  };
  return best(statements?.stats ?? [], count, order).map(([text, stat]) => toRow(model, text, stat));
}

/** The row of a key; null where it is of no statement. */
export function statementOf(model: Model, key: string): Row | null {
  if (!key.startsWith(STATEMENT)) return null;
  const text = key.slice(STATEMENT.length);
  const stat = model.statements?.stats.get(text);
  return stat === undefined ? null : toRow(model, text, stat);
}

/** Hits of all accesses of shared buffers, 0 to 1; null where the trace tells of none. */
export function hitRatio({ accesses, hits }: StatementStat): number | null {
  return accesses === 0 ? null : hits / accesses;
}

/** Its whole text, and what it comes to, above the latencies. */
export function statementFacts({ name }: Row, stat: StatementStat, glyphs: Glyphs, width: number): Line[] {
  const { tally, runs, elapsed } = stat;
  const hit = hitRatio(stat);
  return [
    ...wrapped(glyphs.text(name), width),
    [],
    [span(`${runs} runs in ${duration(elapsed)}, ${tally.calls} calls in ${duration(tally.time)}`)],
    [span(`read ${roundedSize(tally.read)}, written ${roundedSize(tally.written)}, errors ${tally.errors}`)],
    ...(hit === null ? [] : [[span(`${percent(hit)} of ${stat.accesses} buffers were in shared buffers`)]]),
    [],
  ];
}

function wrapped(text: string, width: number): Line[] {
  const lines = [''];
  for (const char of text) {
    if (widthOf(lines.at(-1)! + char) > width) lines.push('');
    lines[lines.length - 1] += char;
    if (lines.length > TEXT) break;
  }
  return lines.slice(0, TEXT).map((line) => [span(line, 'title')]);
}

function figure({ tally, pace }: StatementStat, sort: Sort, now: number): number {
  switch (sort) {
    case 'time':
      return pace.busy(now) ?? 0;
    case 'rate':
      return pace.bytes(now) ?? 0;
    case 'read':
      return tally.read;
    case 'written':
      return tally.written;
    case 'name':
      return 0;
  }
}

function bytesOf({ tally }: StatementStat): number {
  return tally.read + tally.written;
}

function toRow({ aggregates, now }: Model, text: string, statement: StatementStat): Row {
  const { tally, pace } = statement;
  const total = aggregates.pace.busy(now);
  return {
    key: STATEMENT + text,
    name: text.replace(/\s+/g, ' ').trim(),
    kind: '',
    database: null,
    objects: [],
    read: tally.read,
    written: tally.written,
    rate: pace.bytes(now) ?? 0,
    share: total === null || !(total > 0) ? null : (pace.busy(now) ?? 0) / total,
    progress: null,
    statement,
  };
}
