/** The command line of pgtrace. */
import { type AttachOptions, declareAttach, readAttach } from '../attach/options.js';
import { UsageError } from '../cli/diagnostic.js';
import type { Io } from '../cli/io.js';
import { parseOptions, type Usage } from '../cli/options.js';
import type { Selection } from '../format/select.js';
import { declareSummary, readSummary } from '../view/summary/options.js';
import type { ReportOptions } from '../view/summary/reporter.js';
import { readTop } from '../view/top/options.js';
import type { TopOptions } from '../view/top/top.js';

export const NAME = 'pgtrace';

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [-hdn] [--summary | --top] [-p PID] [-D DIR]`,
  summary: 'Shows what a PostgreSQL process does to its files, as tables, indexes and blocks.',
  examples: [
    [`${NAME} -p 3820`, 'a backend and its parallel workers'],
    [`${NAME} -n -p 3820`, 'only the calls on files of the cluster'],
    [`${NAME} -D /var/lib/postgresql/15/main`, 'every process of a cluster'],
    [`${NAME} --summary -D /var/lib/postgresql/15/main`, 'what they come to, at Ctrl-C'],
    [`${NAME} --top -p 3820`, 'a live screen: relations, rates, progress'],
    [`${NAME} -D ./snapshot < trace.log`, 'a trace saved with strace -f -ttt -T -y -o trace.log'],
  ],
};

const HINT = `${NAME} --help shows the options`;

export interface Options {
  attach: AttachOptions;
  selection: Selection;
  /** Null where lines of text are wanted. */
  summary: ReportOptions | null;
  /** Null where no live screen is wanted. */
  top: TopOptions | null;
}

/** Null where --help or --version was answered. @throws UsageError */
export async function readOptions(io: Io): Promise<Options | null> {
  const parsed = await parseOptions(io, USAGE, (parser) =>
    declareSummary(
      declareAttach(parser)
        .option('d', {
          type: 'boolean',
          default: false,
          describe: 'everything that goes on, with ids and paths',
        })
        .option('n', { type: 'boolean', default: false, describe: 'only the calls that were understood' })
        .option('summary', { type: 'boolean', default: false, describe: 'a table of what it all comes to' })
        .option('top', { type: 'boolean', default: false, describe: 'a live screen' }),
    ),
  );
  if (parsed === null) return null;
  const { d, n, summary, top, by, sort, histogram, interval } = parsed;
  const exclusive = Object.entries({ '-d': d, '-n': n, '--summary': summary, '--top': top }).filter(
    ([, given]) => given,
  );
  if (exclusive.length > 1) {
    const found = exclusive.map(([name]) => name).join(' and ');
    throw new UsageError(
      `-d, -n, --summary and --top exclude each other (expected one, found ${found})`,
      HINT,
    );
  }
  if (!summary && (by !== undefined || sort !== undefined || histogram))
    throw new UsageError('--by, --sort and --histogram are for --summary', HINT);
  if (!summary && !top && interval !== undefined)
    throw new UsageError('--interval is for --summary and --top', HINT);
  return {
    attach: readAttach(parsed),
    selection: d ? 'everything' : n ? 'understood' : 'normal',
    summary: summary ? readSummary(parsed) : null,
    top: top ? readTop({ interval }) : null,
  };
}
