/** Events in, reports out: what pgtrace-summary and `pgtrace --summary` print. */
import { cast, type Mould, type Values } from '../../event/mould.js';
import type { Event } from '../../event/types.js';
import { roundedSize } from '../../format/size.js';
import { type Aggregates, createAggregates } from '../aggregates.js';
import { createStatements } from '../statements.js';
import { duration } from '../units.js';
import { COLUMNS } from './columns.js';
import { createFiles } from './files.js';
import { histogram } from './histogram.js';
import { type Dimension, type Row, rowsBy, totalRow } from './rows.js';
import { CSV_HEADER, rowCsv, rowJson } from './rowtext.js';
import { table } from './table.js';

export interface SummaryOptions {
  by: readonly Dimension[];
  format: 'text' | 'csv' | 'json';
  /** A column's key, or `name`. */
  sort: string;
  /** Rows of each table; Infinity for all. */
  top: number;
  histogram: boolean;
}

export interface Summary {
  write(events: readonly Event[]): void;
  take(event: Event): void;
  takeLike(mould: Mould, values: Values): void;
  /**
   * All that was seen so far. May be asked for again and again.
   * @param width of the terminal; Infinity to cut nothing.
   */
  report(width: number): string;
}

export function createSummary(options: SummaryOptions): Summary {
  const { by, format, top } = options;
  const aggregates = createAggregates();
  const files = by.includes('file') ? createFiles() : null;
  const statements = by.includes('statement') ? createStatements() : null;
  let reports = 0;

  /** The rows of a table, and how many of them --top left out. */
  function chosen(dimension: Dimension): { rows: Row[]; omitted: number } {
    const rows = sorted(rowsBy(dimension, aggregates, { files, statements }), options.sort);
    return { rows: rows.slice(0, top), omitted: Math.max(0, rows.length - top) };
  }

  function text(width: number): string {
    const parts = by.map((dimension) => {
      const { rows, omitted } = chosen(dimension);
      const bars = options.histogram ? rows.map(histogram).join('') : '';
      const more = omitted === 0 ? '' : `(${omitted} more)\n`;
      return `\n${table(dimension, rows, width)}${more}${bars}`;
    });
    return `${reports === 1 ? '' : '\n'}${headline(aggregates)}${parts.join('')}`;
  }

  function rows(): string {
    const print = format === 'json' ? rowJson : rowCsv;
    const all = [totalRow(aggregates), ...by.flatMap((dimension) => chosen(dimension).rows)];
    const header = format === 'csv' && reports === 1 ? CSV_HEADER : '';
    return header + all.map((row) => print(row, aggregates.lastTs())).join('');
  }

  function take(event: Event): void {
    aggregates.take(event);
    files?.take(event);
    statements?.take(event);
  }

  return {
    write: (events) => events.forEach(take),
    take,
    takeLike(mould, values) {
      if (files === null && statements === null) aggregates.takeLike(mould, values);
      else take(cast(mould, values));
    },
    report(width) {
      reports++;
      return format === 'text' ? text(width) : rows();
    },
  };
}

/** `1234 calls of 3 processes in 12.3s: 4.50s in calls, 7.80s outside; read 1.17GB, written 45.0MB`. */
function headline(aggregates: Aggregates): string {
  const { tally: total, outside } = totalRow(aggregates);
  const { processes } = aggregates;
  const [first, last] = [aggregates.firstTs(), aggregates.lastTs()];
  const span = first === null || last === null ? '' : ` in ${duration(last - first)}`;
  const what = total.samples > 0 ? `${total.samples} samples` : `${total.calls} calls`;
  const times =
    total.latency.count === 0 ? '' : `: ${duration(total.time)} in calls, ${duration(outside ?? 0)} outside`;
  const gaps = [
    ...(aggregates.lost() > 0 ? [`; ${aggregates.lost()} LOST`] : []),
    ...(aggregates.unparsed() > 0 ? [`; ${aggregates.unparsed()} not understood`] : []),
  ].join('');
  const who = `${processes.size} ${processes.size === 1 ? 'process' : 'processes'}`;
  const moved = `; read ${roundedSize(total.read)}, written ${roundedSize(total.written)}`;
  return `${what} of ${who}${span}${times}${moved}${gaps}\n`;
}

/** Descending, except by name; what has no such figure last; equal ones by bytes, calls and name. */
function sorted(rows: Row[], key: string): Row[] {
  const byName = (a: Row, b: Row) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const column = COLUMNS.find((column) => column.key === key);
  if (column === undefined) return rows.sort(byName);
  const values = new Map(rows.map((row) => [row, column.value(row) ?? -1]));
  const bytes = ({ tally }: Row) => tally.read + tally.written;
  return rows.sort(
    (a, b) =>
      values.get(b)! - values.get(a)! || bytes(b) - bytes(a) || b.tally.calls - a.tally.calls || byName(a, b),
  );
}
