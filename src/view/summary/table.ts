/** A summary's rows as a table for people: aligned, with units, cut to the terminal's width. */
import { printable } from '../../cli/diagnostic.js';
import { fit, widthOf } from '../width.js';
import { COLUMNS, type Column } from './columns.js';
import type { Row } from './rows.js';

/** The least that a narrow terminal leaves for the names. */
const NAME = 24;
const GAP = '  ';
/** Kinds that a name shows, or that are what is expected. */
const PLAIN: ReadonlySet<string> = new Set(['table', 'none', 'path', 'temp']);

interface Shown {
  column: Column;
  cells: string[];
  width: number;
}

/** @param width of the terminal; Infinity to cut nothing. */
export function table(title: string, rows: readonly Row[], width: number): string {
  const names = rows.map(nameCell);
  const longest = names.reduce((most, name) => Math.max(most, widthOf(name)), title.length);
  const columns = fitting(shown(rows), width - Math.min(NAME, longest));
  const used = columns.reduce((sum, column) => sum + column.width + GAP.length, 0);
  const left = Math.max(1, Math.min(longest, width - used));
  const header = columns.map(({ column, width }) => column.header.padStart(width) + GAP).join('');
  const lines = names.map((name, index) => {
    const cells = columns.map(({ cells, width }) => cells[index]!.padStart(width) + GAP).join('');
    return `${cells}${fit(name, left).trimEnd()}\n`;
  });
  return `${header}${title.toUpperCase()}\n${lines.join('')}`;
}

function nameCell({ by, name, kind, database, activity }: Row): string {
  if (by !== 'relation' && by !== 'table')
    return printable(activity === null ? name : `${name} (${activity})`);
  const where = database === null ? '' : `${database}: `;
  return printable(`${where}${name}${kind === null || kind === name || PLAIN.has(kind) ? '' : ` (${kind})`}`);
}

/** Columns that say something of a row. */
function shown(rows: readonly Row[]): Shown[] {
  return COLUMNS.flatMap((column) => {
    let says = false;
    const cells = rows.map((row) => {
      const value = column.value(row);
      if (value !== null && (value !== 0 || column.spare === 0)) says = true;
      return value === null ? '-' : column.text(value, row);
    });
    const width = cells.reduce((most, cell) => Math.max(most, cell.length), column.header.length);
    return says ? [{ column, cells, width }] : [];
  });
}

function fitting(columns: Shown[], width: number): Shown[] {
  let left = columns;
  while (left.reduce((sum, column) => sum + column.width + GAP.length, 0) > width) {
    const spare = Math.max(...left.map(({ column }) => column.spare));
    if (spare === 0) break;
    left = left.filter(({ column }) => column.spare !== spare);
  }
  return left;
}
