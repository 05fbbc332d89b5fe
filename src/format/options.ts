/** What pgtrace-format is asked to do. */
import { UsageError } from '../cli/diagnostic.js';
import type { Io } from '../cli/io.js';
import { parseOptions, type Usage } from '../cli/options.js';
import type { ColorWhen } from './color.js';
import type { Selection } from './select.js';

export const NAME = 'pgtrace-format';

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [-n | -d] [--format text|csv|json] [--color WHEN] [--utc] [FILE...]`,
  summary: 'Prints events as lines of text: what strace shows, with tables, indexes and blocks in it.',
  examples: [
    ['pgtrace-parse trace.log | pgtrace-resolve -D DIR | pgtrace-format', 'read a saved trace'],
    [`${NAME} -n events.ndjson`, 'only the calls on files of the cluster'],
    [`${NAME} --format csv events.ndjson > io.csv`, 'a table for a spreadsheet or COPY'],
  ],
};

const FORMATS = ['text', 'csv', 'json'] as const;
const COLORS: readonly ColorWhen[] = ['auto', 'always', 'never'];

export interface Options {
  selection: Selection;
  format: (typeof FORMATS)[number];
  color: ColorWhen;
  utc: boolean;
  files: readonly string[];
}

/** Null where --help or --version was answered. @throws UsageError */
export async function readOptions(io: Io): Promise<Options | null> {
  const parsed = await parseOptions(io, USAGE, (yargs) =>
    yargs
      .option('n', { type: 'boolean', default: false, describe: 'only calls on files of the cluster' })
      .option('d', { type: 'boolean', default: false, describe: 'everything, with ids and paths' })
      .option('format', { choices: FORMATS, default: 'text', requiresArg: true, describe: 'what to print' })
      .option('color', {
        choices: COLORS,
        default: 'auto',
        requiresArg: true,
        describe: 'when to use colours',
      })
      .option('utc', { type: 'boolean', default: false, describe: 'times in UTC, not in the local zone' }),
  );
  if (parsed === null) return null;
  if (parsed.n && parsed.d) {
    throw new UsageError(
      '-n and -d exclude each other (expected one, found both)',
      `${NAME} --help shows the options`,
    );
  }
  return {
    selection: parsed.d ? 'everything' : parsed.n ? 'understood' : 'normal',
    format: last(parsed.format) as Options['format'],
    color: last(parsed.color) as ColorWhen,
    utc: parsed.utc,
    files: parsed._.map(String),
  };
}

/** An option given twice comes as an array: the later one, such as that after an alias's, holds. */
function last(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : value.at(-1)!;
}
