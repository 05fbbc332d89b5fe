/** pgtrace-snapshot: the few files of a data directory that naming its files needs. */
import { UsageError } from '../cli/diagnostic.js';
import { EXIT, type Io } from '../cli/io.js';
import { parseOptions, type Usage } from '../cli/options.js';

const NAME = 'pgtrace-snapshot';

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [-D DIR] [--no-wal] -o OUT[.tar.gz]`,
  summary: 'Copies what pgtrace-resolve needs of a data directory: names and sizes, no rows of users.',
  examples: [
    [`${NAME} -D /var/lib/postgresql/15/main -o shop.tar.gz`, 'an archive, to be read on any machine'],
    ['pgtrace-parse trace.log | pgtrace-resolve -D shop.tar.gz | pgtrace-format', 'there, as it is'],
  ],
};

export async function main(io: Io): Promise<number> {
  const options = await parseOptions(io, USAGE, (yargs) =>
    yargs
      .option('D', { type: 'string', requiresArg: true, describe: 'the data directory (else $PGDATA)' })
      .option('o', {
        type: 'string',
        requiresArg: true,
        describe: 'a new directory, or with .tar.gz or .tgz a new archive',
      })
      .option('wal', {
        type: 'boolean',
        default: true,
        describe: 'with what the WAL has done since the last checkpoint; --no-wal without',
      }),
  );
  if (options === null) return EXIT.ok;
  const hint = `${NAME} --help shows the options`;
  const directory = single(options.D, '-D') ?? io.env.PGDATA ?? '';
  const out = single(options.o, '-o') ?? '';
  if (directory === '') throw new UsageError('no data directory (expected -D DIR or $PGDATA)', hint);
  if (out === '') throw new UsageError('no name for the snapshot (expected -o OUT)', hint);
  if (options._.length > 0) throw new UsageError(`surplus argument ${options._[0]} (expected none)`, hint);
  const { takeSnapshot } = await import('./run.js');
  return takeSnapshot(io, NAME, { directory, out, wal: options.wal });
}

function single(value: string | string[] | undefined, option: string): string | undefined {
  if (Array.isArray(value)) throw new UsageError(`${option} was given twice (expected once)`);
  return value;
}
