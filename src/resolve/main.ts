/** pgtrace-resolve: events in, the same events with `pg` out. */
import { createReadStream, readFileSync } from 'node:fs';
import { diagnose, Failure, UsageError } from '../cli/diagnostic.js';
import { onInterrupt, patient } from '../cli/interrupt.js';
import { EXIT, type Io } from '../cli/io.js';
import { parseOptions, type Usage } from '../cli/options.js';
import { cannotRead, filterFailure } from '../cli/reading.js';
import { parseListing } from '../listing/listing.js';
import type { Listing } from '../listing/lsof.js';
import { type Ending, runFilter } from '../stream/filter.js';
import type { Tell } from './discover.js';
import { createTextStage, type TextStage } from './lines.js';
import { reportInput, reportTargets } from './report.js';
import { openResolver } from './resolver.js';

const NAME = 'pgtrace-resolve';

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [-D DIR] [--no-wal] [--lsof FILE] [FILE…]`,
  summary: 'Adds to each event which PostgreSQL object it touches, at which block, from the data directory.',
  examples: [
    [`pgtrace-parse trace.log | ${NAME} -D ./snapshot | pgtrace-format`, 'read a saved trace'],
    [`${NAME} -D $PGDATA --lsof lsof.txt events.ndjson`, 'with what was open when the trace began'],
  ],
};

export async function main(io: Io): Promise<number> {
  const options = await parseOptions(io, USAGE, (yargs) =>
    yargs
      .option('D', {
        type: 'string',
        requiresArg: true,
        describe: 'the data directory, or a snapshot of it (else $PGDATA, else what the events tell)',
      })
      .option('lsof', {
        type: 'string',
        requiresArg: true,
        describe: 'a saved listing of lsof, procstat -f or pfiles: what was open when the trace began',
      })
      .option('wal', {
        type: 'boolean',
        default: true,
        describe: 'names as the WAL leaves them; --no-wal gives those of the last checkpoint',
      }),
  );
  if (options === null) return EXIT.ok;
  const tell: Tell = (message, hint) => diagnose(io.stderr, NAME, message, hint);
  const directory = single(options.D, '-D') ?? io.env.PGDATA ?? '';
  const saved = single(options.lsof, '--lsof');
  const listing = saved === undefined ? null : readListing(saved);
  const annotator = openResolver(directory === '' ? null : directory, listing, tell, options.wal);

  const files = options._.map(String);
  const interrupt = onInterrupt();
  try {
    for (const file of files.length === 0 ? [null] : files) {
      const stage = createTextStage(annotator, Date.now);
      const ending = await resolveInput(io, file, stage, interrupt.signal);
      reportInput(stage.counts(), file, tell);
      if (ending !== 'end') break;
    }
  } finally {
    interrupt.release();
  }
  reportTargets(annotator.targets, tell);
  return EXIT.ok;
}

/** @param file null for the standard input. @throws Failure where a file cannot be read. */
async function resolveInput(
  io: Io,
  file: string | null,
  stage: TextStage,
  signal: AbortSignal,
): Promise<Ending> {
  if (file === null) return runFilter(io.stdin, io.stdout, stage, patient(signal, 1));
  try {
    return await runFilter(createReadStream(file), io.stdout, stage, signal);
  } catch (error) {
    throw filterFailure(file, error);
  }
}

function single(value: string | string[] | undefined, option: string): string | undefined {
  if (Array.isArray(value)) throw new UsageError(`${option} was given twice (expected once)`);
  return value;
}

/** @throws Failure where it cannot be read, or is no listing. */
function readListing(file: string): Listing {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw cannotRead(file, error);
  }
  const listing = parseListing(text);
  if (listing !== null) return listing;
  throw new Failure(
    `${file}: no listing of lsof, procstat -f or pfiles (expected such as p3820, f15 and n/path, found none)`,
    'lsof -F pftn -p PID makes one',
  );
}
