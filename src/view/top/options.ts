/** The command line of pgtrace-top. */
import type { Argv } from 'yargs';
import { UsageError } from '../../cli/diagnostic.js';
import type { Io } from '../../cli/io.js';
import { parseOptions, type Usage } from '../../cli/options.js';
import { type By, KINDS, SORTS, type Sort } from './state.js';
import type { TopOptions } from './top.js';

export const NAME = 'pgtrace-top';

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [--sort COLUMN] [--by KIND] [--group] [--interval SECONDS] [FILE...]`,
  summary: 'Shows live which relations are read and written, how fast, and how far each scan is.',
  examples: [
    [`pgtrace-attach -p 3820 | pgtrace-resolve | ${NAME}`, 'a backend'],
    [`pgtrace-attach -p 3820 --statements | pgtrace-resolve | ${NAME} --by statement`, 'what SQL does'],
    [`${NAME} events.ndjson`, 'what a trace came to; ? shows the keys'],
    [`pgtrace-attach -p 3820 | pgtrace-resolve | ${NAME} --interval 10 > log`, 'a table every 10 seconds'],
  ],
};

/** Seconds between two tables where there is no terminal. */
export const INTERVAL = 2;

export interface Options extends TopOptions {
  files: readonly string[];
}

/** Null where --help or --version was answered. @throws UsageError */
export async function readOptions(io: Io): Promise<Options | null> {
  const parsed = await parseOptions(io, USAGE, declareTop);
  return parsed === null ? null : { ...readTop(parsed), files: parsed._.map(String) };
}

interface Declared {
  sort?: Sort | undefined;
  by?: By | undefined;
  group?: boolean | undefined;
  interval?: number | undefined;
}

function declareTop(yargs: Argv): Argv<Declared> {
  return yargs
    .option('sort', {
      choices: SORTS,
      requiresArg: true,
      describe: `the column to sort by at first (else ${SORTS[0]})`,
    })
    .option('by', {
      choices: KINDS,
      requiresArg: true,
      describe: `what a row is of at first (else ${KINDS[0]})`,
    })
    .option('group', {
      type: 'boolean',
      describe: 'tables with their indexes, TOAST and partitions as one row',
    })
    .option('interval', {
      type: 'number',
      requiresArg: true,
      describe: `without a terminal, a table every so many seconds (else ${INTERVAL})`,
    });
}

/** @throws UsageError */
export function readTop({
  sort = SORTS[0],
  by = KINDS[0],
  group = false,
  interval = INTERVAL,
}: Declared): TopOptions {
  if (!(interval >= 0.1 && interval <= 1e6))
    throw new UsageError(`--interval: out of range (expected 0.1 to 1000000, found ${interval})`);
  return { sort, by, grouped: group, interval };
}
