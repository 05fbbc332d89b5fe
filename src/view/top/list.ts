/** The list: a row a relation, in the columns that the width has room for. */
import { roundedSize } from '../../format/size.js';
import { duration, percent } from '../units.js';
import { fit, widthOf } from '../width.js';
import { bar, doneText, toGo } from './cursor.js';
import type { Glyphs } from './glyphs.js';
import { cell, cut, figure, type Line, type Span, type Style, span } from './lines.js';
import type { Row } from './rows.js';
import type { By, Sort, State } from './state.js';
import { hitRatio } from './statements.js';

interface Column {
  readonly header: string;
  readonly sort: Sort | null;
  readonly width: number;
  /** In a narrow terminal columns with a high number go first. */
  readonly spare: number;
  readonly left: boolean;
  text(row: Row, width: number, glyphs: Glyphs): string;
}

const COLUMNS: readonly Column[] = [
  column('KIND', 6, 6, ({ kind }, _, glyphs) => glyphs.text(SHORT.get(kind) ?? kind), null, true),
  column('READ', 6, 3, ({ read }) => size(read), 'read'),
  column('WRITE', 6, 4, ({ written }) => size(written), 'written'),
  column('RATE/s', 7, 2, ({ rate }) => size(rate), 'rate'),
  column('TIME', 5, 1, ({ share }) => (share === null ? '?' : percent(share)), 'time'),
  column(
    '',
    6,
    5,
    ({ progress }, width, glyphs) => (progress === null ? '' : bar(progress, width, glyphs)),
    null,
    true,
  ),
  column('DONE', 5, 0, ({ progress }) => (progress === null ? '' : doneText(progress))),
  column('TO GO', 6, 1, ({ progress }) => (progress === null ? '' : toGo(progress))),
];

const OF_STATEMENTS: readonly Column[] = [
  column('RUNS', 6, 5, ({ statement }) => String(statement?.runs ?? '')),
  column('CALLS', 7, 4, ({ statement }) => String(statement?.tally.calls ?? '')),
  ...COLUMNS.filter(({ sort }) => sort !== null),
  column('HIT', 4, 2, ({ statement }) => ratio(statement)),
  column('CALLING', 7, 3, ({ statement }) => duration(statement?.tally.time ?? 0)),
  column('ELAPSED', 7, 0, ({ statement }) => duration(statement?.elapsed ?? 0)),
];

function ratio(statement: Row['statement']): string {
  const hit = statement === null ? null : hitRatio(statement);
  return hit === null ? '' : percent(hit);
}

/** Kinds whose names are longer than their column. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['sequence', 'seq'],
  ['materialized view', 'mview'],
  ['relation', '?'],
  ['none', ''],
  ['path', 'file'],
  ['multixact', 'multi'],
  ['directory', 'dir'],
]);

const LEAST_NAME = 18;
const BAR = 5;
const WIDEST_BAR = 20;
/** `> ` before the selected row: it is seen without colours, too. */
const MARK = 2;

function column(
  header: string,
  width: number,
  spare: number,
  text: Column['text'],
  sort: Sort | null = null,
  left = false,
): Column {
  return { header, sort, width, spare, left, text };
}

function size(bytes: number | null): string {
  return bytes === null ? '?' : roundedSize(Math.round(bytes));
}

interface Layout {
  readonly name: number;
  readonly columns: readonly Column[];
}

/** @param selected the index of the row that the keys are at; -1 for none. */
export function listLines(
  rows: readonly Row[],
  selected: number,
  { sort, by }: Pick<State, 'sort' | 'by'>,
  glyphs: Glyphs,
  width: number,
): Line[] {
  const layout = layoutFor(width, by);
  const databases = new Set(rows.flatMap(({ database }) => database ?? []));
  return [
    cut(head(layout, sort, by), width),
    ...rows.map((row, index) =>
      cut(rowLine(row, index === selected, layout, databases.size > 1, glyphs), width),
    ),
  ];
}

function layoutFor(width: number, by: By): Layout {
  let columns = by === 'relation' ? COLUMNS : OF_STATEMENTS;
  const room = () => width - MARK - columns.reduce((sum, { width }) => sum + width + 1, 0);
  for (let spare = 6; spare > 0 && room() < LEAST_NAME; spare--)
    columns = columns.filter((column) => column.spare !== spare);
  const more = Math.max(0, Math.min(WIDEST_BAR - COLUMNS[BAR]!.width, Math.floor((room() - 30) / 2)));
  columns = columns.map((column) =>
    column === COLUMNS[BAR] ? { ...column, width: column.width + more } : column,
  );
  return { name: Math.max(1, room()), columns };
}

function head({ name, columns }: Layout, sort: Sort, by: By): Line {
  const title = (header: string, own: Sort | null) => (own === sort ? `${header}*` : header);
  return [
    span(' '.repeat(MARK), 'head'),
    cell(title(by.toUpperCase(), 'name'), name, 'head'),
    ...columns.flatMap(({ header, sort: own, width, left }) => [
      span(' ', 'head'),
      (left ? cell : figure)(title(header, own), width, 'head'),
    ]),
  ];
}

function rowLine(
  row: Row,
  selected: boolean,
  { name, columns }: Layout,
  withDatabase: boolean,
  glyphs: Glyphs,
): Line {
  const style = (own: Style): Style => (selected ? 'selected' : own);
  const cells = columns.flatMap((column): Span[] => [
    span(' ', style('plain')),
    (column.left ? cell : figure)(
      column.text(row, column.width, glyphs),
      column.width,
      style(column.header === '' ? 'bar' : 'plain'),
    ),
  ]);
  return [
    span(selected ? '> ' : '  ', style('plain')),
    cell(label(row, name, withDatabase, glyphs), name, style('plain')),
    ...cells,
  ];
}

/** `shop: public.orders +3`: with its database where there are several, and how many are folded into it. */
function label(row: Row, width: number, withDatabase: boolean, glyphs: Glyphs): string {
  const { name, database, objects } = row;
  const where = withDatabase && database !== null ? `${glyphs.text(database)}: ` : '';
  const text = `${where}${glyphs.text(name)}`;
  const more = objects.length > 1 ? ` +${objects.length - 1}` : '';
  const room = Math.max(0, width - more.length);
  return (widthOf(text) <= room ? text : fit(text, room)) + more;
}
