/** The command line of pgtrace-summary. */
import { UsageError } from '../../cli/diagnostic.js';
import type { Io } from '../../cli/io.js';
import { parseOptions, type Usage } from '../../cli/options.js';
import { COLUMNS } from './columns.js';
import { DIMENSIONS, type Dimension } from './rows.js';
import type { SummaryOptions } from './summary.js';

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

const FORMATS = ['text', 'csv', 'json'] as const;
const SORTS = [...COLUMNS.map(({ key }) => key), 'name'];
const HINT = `${NAME} --help shows the options`;

export interface Options extends SummaryOptions {
  /** Seconds between reports; null for one at the end. */
  interval: number | null;
  files: readonly string[];
}

/** Null where --help or --version was answered. @throws UsageError */
export async function readOptions(io: Io): Promise<Options | null> {
  const parsed = await parseOptions(io, USAGE, (yargs) =>
    yargs
      .option('by', {
        type: 'string',
        array: true,
        nargs: 1,
        default: ['relation'],
        describe: `a table for each of: ${DIMENSIONS.join(', ')}`,
      })
      .option('sort', {
        choices: SORTS,
        default: 'time',
        requiresArg: true,
        describe: 'the column to sort by, largest first',
      })
      .option('top', { type: 'number', requiresArg: true, describe: 'rows of a table at most' })
      .option('histogram', { type: 'boolean', default: false, describe: "each row's latencies as bars" })
      .option('interval', { type: 'number', requiresArg: true, describe: 'a report every so many seconds' })
      .option('format', { choices: FORMATS, default: 'text', requiresArg: true, describe: 'what to print' }),
  );
  if (parsed === null) return null;
  return {
    by: dimensions(parsed.by),
    sort: String(parsed.sort),
    top: positive('--top', parsed.top, 1) ?? Number.POSITIVE_INFINITY,
    histogram: parsed.histogram,
    interval: positive('--interval', parsed.interval, 0.1),
    format: parsed.format as Options['format'],
    files: parsed._.map(String),
  };
}

/** `process,call`, once or several times. @throws UsageError */
export function dimensions(lists: readonly string[]): Dimension[] {
  const found = lists.flatMap((list) => list.split(','));
  const unknown = found.find((name) => !DIMENSIONS.includes(name as Dimension));
  if (unknown !== undefined)
    throw new UsageError(`--by: no such table (expected ${DIMENSIONS.join(', ')}, found ${unknown})`, HINT);
  return [...new Set(found)] as Dimension[];
}

function positive(option: string, value: number | undefined, least: number): number | null {
  if (value === undefined) return null;
  if (!(value >= least && value <= 1e6))
    throw new UsageError(`${option}: out of range (expected ${least} to 1000000, found ${value})`, HINT);
  return value;
}
