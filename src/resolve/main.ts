/** pgtrace-resolve: events in, the same events with `pg` out. */
import { createReadStream, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { diagnose, Failure, UsageError } from '../cli/diagnostic.js';
import { EXIT, type Io } from '../cli/io.js';
import { parseOptions, type Usage } from '../cli/options.js';
import { runFilter } from '../stream/filter.js';
import { createAnnotator } from './annotate.js';
import type { Processes } from './descriptors.js';
import { processOf } from './descriptors.js';
import { type Tell, targetsOf, targetsOfTrace } from './discover.js';
import { preload } from './follow.js';
import { createLineStage } from './lines.js';
import { parseLsof } from './lsof.js';
import { report } from './report.js';

const NAME = 'pgtrace-resolve';

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [-D DIR] [--lsof FILE] [FILE…]`,
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
        describe: 'a saved "lsof -F" listing of what was open when the trace began',
      }),
  );
  if (options === null) return EXIT.ok;
  const tell: Tell = (message, hint) => diagnose(io.stderr, NAME, message, hint);
  const directory = single(options.D, '-D') ?? io.env.PGDATA ?? '';
  const listing = single(options.lsof, '--lsof');
  const targets = directory === '' ? targetsOfTrace(tell) : targetsOf(directory, tell);
  const annotator = createAnnotator(targets);
  if (listing !== undefined) load(annotator.follower.processes, listing);

  const stage = createLineStage(annotator, Date.now);
  for (const input of inputs(io, options._.map(String))) {
    const ending = await runFilter(input, io.stdout, stage);
    if (ending === 'closed') break;
  }
  report(targets.counters, stage.unparsed, tell);
  return EXIT.ok;
}

function single(value: string | string[] | undefined, option: string): string | undefined {
  if (Array.isArray(value))
    throw new UsageError(`${option} was given twice`, `${NAME} --help shows the options`);
  return value;
}

function* inputs(io: Io, files: readonly string[]): Generator<Readable> {
  if (files.length === 0) yield io.stdin;
  for (const file of files) yield createReadStream(file);
}

/** Puts what a listing says was open into the descriptor table. */
function load(processes: Processes, file: string): void {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    throw new Failure(`cannot read the listing: ${(error as Error).message}`);
  }
  const listing = parseLsof(Buffer.from(text, 'latin1').toString());
  if (listing === null)
    throw new Failure(
      `${file}: no lsof listing (expected lines such as p3820, f15, n/path, found none)`,
      'lsof -F pftn -p PID > FILE makes one',
    );
  for (const { pid, cwd } of listing.cwds) processOf(processes, pid, null).cwd = cwd;
  for (const event of listing.files) preload(processes, event);
}
