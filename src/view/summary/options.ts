/** The command line of pgtrace-summary. */
import type { Argv } from 'yargs';
import { UsageError } from '../../cli/diagnostic.js';
import type { Io } from '../../cli/io.js';
import { parseOptions, type Usage } from '../../cli/options.js';
import { COLUMNS } from './columns.js';
import type { ReportOptions } from './reporter.js';
import { DIMENSIONS, type Dimension } from './rows.js';

export const NAME = 'pgtrace-summary';

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [--by LIST] [--sort COLUMN] [--top N] [--histogram] [--format text|csv|json] [FILE...]`,
  summary: 'Sums up events: calls, bytes, blocks and latencies of each relation, process or call.',
  examples: [
    [`pgtrace-parse trace.log | pgtrace-resolve -D DIR | ${NAME}`, 'a saved trace, by relation'],
    [`${NAME} --by process,call --sort calls --top 10 events.ndjson`, 'two tables, of ten rows each'],
    [`pgtrace-attach -p 3820 | pgtrace-resolve | ${NAME} --interval 5`, 'a live process, every 5 seconds'],
  ],
};

/** Rows, and seconds between reports. */
const MOST = 1e6;
const FORMATS = ['text', 'csv', 'json'] as const;
const SORTS = [...COLUMNS.map(({ key }) => key), 'name'];

export interface Options extends ReportOptions {
  files: readonly string[];
}

/** Null where --help or --version was answered. @throws UsageError */
export async function readOptions(io: Io): Promise<Options | null> {
  const parsed = await parseOptions(io, USAGE, (yargs) =>
    declareSummary(yargs)
      .option('top', { type: 'number', requiresArg: true, describe: 'rows of a table at most' })
      .option('format', { choices: FORMATS, default: 'text', requiresArg: true, describe: 'what to print' }),
  );
  if (parsed === null) return null;
  return {
    ...readSummary(parsed),
    top: inRange('--top', parsed.top, 1) ?? Number.POSITIVE_INFINITY,
    format: parsed.format as Options['format'],
    files: parsed._.map(String),
  };
}

/** What `pgtrace --summary` has, too. */
export function declareSummary<T>(parser: Argv<T>) {
  return parser
    .option('by', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: `a table for each of: ${DIMENSIONS.join(', ')} (else one by relation)`,
    })
    .option('sort', {
      choices: SORTS,
      requiresArg: true,
      describe: 'the column to sort by, largest first (else time)',
    })
    .option('histogram', { type: 'boolean', default: false, describe: "each row's latencies as bars" })
    .option('interval', { type: 'number', requiresArg: true, describe: 'a report every so many seconds' });
}

interface Parsed {
  by: string[] | undefined;
  sort: string | undefined;
  histogram: boolean;
  interval: number | undefined;
}

/** @throws UsageError */
export function readSummary({ by, sort, histogram, interval }: Parsed): ReportOptions {
  return {
    by: dimensions(by ?? ['relation']),
    sort: sort ?? 'time',
    histogram,
    interval: inRange('--interval', interval, 0.1),
    format: 'text',
    top: Number.POSITIVE_INFINITY,
  };
}

/** `process,call`, once or several times. @throws UsageError */
function dimensions(lists: readonly string[]): Dimension[] {
  const found = lists.flatMap((list) => list.split(','));
  const unknown = found.find((name) => !DIMENSIONS.includes(name as Dimension));
  if (unknown !== undefined)
    throw new UsageError(`--by: no such table (expected ${DIMENSIONS.join(', ')}, found ${unknown})`);
  return [...new Set(found)] as Dimension[];
}

function inRange(option: string, value: number | undefined, least: number): number | null {
  if (value === undefined) return null;
  if (!(value >= least && value <= MOST))
    throw new UsageError(`${option}: out of range (expected ${least} to ${MOST}, found ${value})`);
  return value;
}
