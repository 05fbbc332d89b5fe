/** Events as CSV (RFC 4180): one header, the same columns in every row, CR LF at their ends. */
import type { Event } from '../event/types.js';
import { PLAIN } from './color.js';
import { describeObject } from './object.js';
import { safe } from './safe.js';
import { formatBody } from './text.js';
import { createTimeFormatter } from './time.js';

/** Keys of the event. */
const EVENT_COLUMNS = [
  'ts',
  'pid',
  'type',
  'call',
  'fd',
  'path',
  'newpath',
  'offset',
  'length',
  'whence',
  'flags',
  'ret',
  'errno',
  'dur',
] as const;

/** Keys of its `pg`. */
const PG_COLUMNS = [
  'kind',
  'database',
  'schema',
  'relation',
  'relkind',
  'table',
  'fork',
  'segment',
  'block',
  'blocks',
  'total',
  'oid',
  'filenode',
  'tablespace',
  'timeline',
  'lsn',
  'file',
  'uncommitted',
  'dropped',
  'unresolved',
] as const;

const END = '\r\n';

/** `time` is `ts` for people, in UTC; `second` what `pg2` is; `detail` what the other keys of an event say. */
export const CSV_HEADER = `${['time', ...EVENT_COLUMNS, ...PG_COLUMNS, 'second', 'detail'].join(',')}${END}`;

/** Makes the function that gives an event's row. All in it is printable, as in the text format. */
export function createCsvFormatter(): (event: Event) => string {
  const formatTime = createTimeFormatter('utc');
  const style = { theme: PLAIN, ids: true };
  let realtime = true;
  return (event) => {
    if (event.type === 'trace') realtime = event.clock !== 'relative';
    const values = event as unknown as Readonly<Record<string, unknown>>;
    const { ts } = values;
    let row = typeof ts === 'number' && realtime ? `${dateOf(ts)}T${formatTime(ts)}Z` : '';
    for (const column of EVENT_COLUMNS) row += `,${field(values[column])}`;
    const pg = (values.pg ?? {}) as Readonly<Record<string, unknown>>;
    for (const column of PG_COLUMNS) row += `,${field(pg[column])}`;
    const second = event.type === 'syscall' && event.pg2 !== undefined ? event.pg2 : null;
    row += `,${field(second === null ? '' : describeObject(second, undefined, true))}`;
    return `${row},${field(detail(event, style))}${END}`;
  };
}

function detail(event: Event, style: { theme: typeof PLAIN; ids: boolean }): string {
  return event.type === 'syscall' ? (event.args ?? []).join(', ') : formatBody(event, style);
}

/** Seconds since the epoch as `2026-11-22`; what no date holds as nothing. */
function dateOf(ts: number): string {
  const date = new Date(Math.round(ts * 1e6) / 1e3);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace(/T.*/, '');
}

/**
 * A field. A text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@` first) gets an apostrophe
 * before it (OWASP, CSV Injection); numbers stay numbers.
 */
export function field(value: unknown): string {
  if (typeof value !== 'string') return value === undefined || value === null ? '' : String(value);
  const text = safe(/^[=+\-@]/.test(value) ? `'${value}` : value);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
