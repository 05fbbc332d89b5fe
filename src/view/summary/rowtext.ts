/** A summary's rows for programs: NDJSON, one object a row, and CSV with the same columns. */
import { field } from '../../format/csv.js';
import { COLUMNS } from './columns.js';
import type { Row } from './rows.js';

/** What a row is, before its figures. */
const KEYS = ['by', 'name', 'kind', 'database', 'pid', 'filenode'] as const;
/** Of its progress, after them: `done` there is what is proven, `low` and `high` what it is between. */
const PROGRESS = ['pattern', 'position', 'total', 'done', 'low', 'high', 'rate', 'remaining'] as const;

const FIGURES = COLUMNS.filter(({ key }) => key !== 'done');

export const CSV_HEADER = `${['ts', ...KEYS, ...FIGURES.map(({ key }) => key), ...PROGRESS, 'activity'].join(',')}\r\n`;

/** @param ts the trace's time of the report; null where it has none. */
export function rowJson(row: Row, ts: number | null): string {
  return `${JSON.stringify(Object.fromEntries(members(row, ts)))}\n`;
}

export function rowCsv(row: Row, ts: number | null): string {
  return `${members(row, ts)
    .map(([, value]) => field(value))
    .join(',')}\r\n`;
}

function members(row: Row, ts: number | null): [string, unknown][] {
  return [
    ['ts', ts],
    ...KEYS.map((key): [string, unknown] => [key, row[key]]),
    ...FIGURES.map(({ key, value }): [string, unknown] => [key, value(row)]),
    ...PROGRESS.map((key): [string, unknown] => [key, row.progress?.[key] ?? null]),
    ['activity', row.activity],
  ];
}
