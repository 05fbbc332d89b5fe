/** The command line of pgtrace-parse. */
import { UsageError } from '../cli/diagnostic.js';
import type { Io } from '../cli/io.js';
import { parseOptions } from '../cli/options.js';
import { DIALECT_NAMES, type DialectName } from './dialect.js';
import type { Day } from './strace/clock.js';

export const NAME = 'pgtrace-parse';

export interface Options {
  /** Empty for standard input. */
  files: string[];
  dialect: DialectName | 'auto';
  /** The day of the first line. */
  date: Day | null;
  raw: boolean;
  strict: boolean;
}

/** Null where --help or --version was answered. */
export async function readOptions(io: Io): Promise<Options | null> {
  const names = ['auto', ...DIALECT_NAMES] as const;
  const parsed = await parseOptions(
    io,
    {
      name: NAME,
      synopsis: `${NAME} [options] [FILE...]`,
      summary:
        'Turns the text of strace and its relatives into events, one JSON object a line.\n' +
        'Reads standard input without a FILE; several FILEs (strace -ff) are merged by time.',
      examples: [
        [`${NAME} trace.log`, 'what strace -f -ttt -T -y -o trace.log saved'],
        [`${NAME} trace.log.*`, 'what strace -ff saved, a file a process'],
        [`kdump -T | ${NAME}`, 'what ktrace saved; every dialect is known by its first lines'],
        [`${NAME} --date 2026-11-22 < trace.log`, 'times without a date (strace -tt)'],
        [`${NAME} trace.log | pgtrace-resolve -D DIR | pgtrace-format`, 'with the names of tables'],
      ],
    },
    (parser) =>
      parser
        .option('date', {
          type: 'string',
          describe: 'day of the first line, YYYY-MM-DD, for strace -t and -tt',
        })
        .option('dialect', {
          choices: names,
          default: 'auto' as const,
          describe: 'what wrote the trace; auto: by its first lines',
        })
        .option('raw', {
          type: 'boolean',
          default: false,
          describe: 'add to each event the line it came from',
        })
        .option('strict', {
          type: 'boolean',
          default: false,
          describe: 'fail at a line that is not understood',
        }),
  );
  if (parsed === null) return null;
  const { date, dialect, raw, strict } = parsed;
  return {
    files: parsed._.map(String),
    dialect,
    date: date === undefined ? null : readDay(date),
    raw,
    strict,
  };
}

function readDay(text: string): Day {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  const [year = 0, month = 0, day = 0] = match?.slice(1).map(Number) ?? [];
  const date = new Date(year, month - 1, day);
  if (match === null || date.getMonth() !== month - 1 || date.getDate() !== day) {
    throw new UsageError(
      `--date is no day (expected YYYY-MM-DD, found "${text}")`,
      'the day on which the trace began',
    );
  }
  return { year, month, day };
}
