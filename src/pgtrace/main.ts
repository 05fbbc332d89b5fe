/** pgtrace: a live process, or a saved trace on standard input, to text; all stages in one process. */
import { declareAttach, readAttach } from '../attach/options.js';
import { attach } from '../attach/run.js';
import { onSignals } from '../attach/signals.js';
import { diagnose, UsageError } from '../cli/diagnostic.js';
import { EXIT, type Io } from '../cli/io.js';
import { parseOptions, type Usage } from '../cli/options.js';
import type { Selection } from '../format/select.js';
import type { Tell } from '../resolve/discover.js';
import { openSink } from '../stream/filter.js';
import { createPipeline } from './pipeline.js';
import { replay } from './replay.js';

const NAME = 'pgtrace';

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [-hdn] [-p PID] [-D DIR]`,
  summary: 'Shows what a PostgreSQL process does to its files, as tables, indexes and blocks.',
  examples: [
    [`${NAME} -p 3820`, 'a backend and its parallel workers'],
    [`${NAME} -n -p 3820`, 'only the calls on files of the cluster'],
    [`${NAME} -D /var/lib/postgresql/15/main`, 'every process of a cluster'],
    [`${NAME} -D ./snapshot < trace.log`, 'a trace saved with strace -f -ttt -T -y -o trace.log'],
  ],
};

export async function main(io: Io): Promise<number> {
  const parsed = await parseOptions(io, USAGE, (parser) =>
    declareAttach(parser)
      .option('d', {
        type: 'boolean',
        default: false,
        describe: 'everything that goes on, with ids and paths',
      })
      .option('n', { type: 'boolean', default: false, describe: 'only the calls that were understood' }),
  );
  if (parsed === null) return EXIT.ok;
  const options = readAttach(parsed);
  const hint = `${NAME} --help shows the options`;
  if (parsed.d && parsed.n)
    throw new UsageError('-n and -d exclude each other (expected one, found both)', hint);
  const selection: Selection = parsed.d ? 'everything' : parsed.n ? 'understood' : 'normal';
  const { pids, directory } = options;
  const live = pids.length > 0 || io.stdin.isTTY === true;
  if (live && pids.length === 0 && directory === undefined) {
    throw new UsageError('nothing to trace (expected -p PID, -D DIR, or a trace on standard input)', hint);
  }
  const tell: Tell = (message, help) => diagnose(io.stderr, NAME, message, help);
  // Without -D a live process shows where its files are; a trace of another day may be of $PGDATA.
  const named = directory ?? (live || !io.env.PGDATA ? null : io.env.PGDATA);
  const pipeline = createPipeline(io, named, selection, tell);
  if (!live) return replay(io, NAME, pipeline, tell);
  const stop = new AbortController();
  const signals = onSignals(stop);
  try {
    const output = openSink(io.stdout);
    io.stdout.once('close', () => stop.abort());
    await attach(
      io,
      NAME,
      options,
      (events) => {
        const wait = output.write(pipeline.write(events));
        if (output.closed()) stop.abort();
        return wait;
      },
      stop.signal,
    );
    await output.write(pipeline.end());
    pipeline.report();
  } finally {
    signals.release();
  }
  return signals.received() ? EXIT.interrupted : EXIT.ok;
}
