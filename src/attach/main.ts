/** pgtrace-attach: a live process to events. */
import { UsageError } from '../cli/diagnostic.js';
import { EXIT, type Io } from '../cli/io.js';
import { parseOptions } from '../cli/options.js';
import { encodeEvents } from '../event/encode.js';
import { openSink } from '../stream/filter.js';
import { declareAttach, readAttach } from './options.js';
import { attach } from './run.js';
import { onSignals } from './signals.js';

const NAME = 'pgtrace-attach';

export async function main(io: Io): Promise<number> {
  const parsed = await parseOptions(
    io,
    {
      name: NAME,
      synopsis: `${NAME} [options] -p PID... | -D DIR`,
      summary: 'Traces PostgreSQL processes and writes what they do as events, one JSON object a line.',
      examples: [
        [`${NAME} -p 3820`, 'a backend and its parallel workers, from the best source that works'],
        [
          `${NAME} -D /var/lib/postgresql/15/main --duration 10`,
          'every process of a cluster, for ten seconds',
        ],
        [`${NAME} -p 3820 --via sample --rate 200`, 'moments only, and no slow-down at all'],
      ],
    },
    declareAttach,
  );
  if (parsed === null) return EXIT.ok;
  const options = readAttach(parsed);
  const hint = `${NAME} --help shows the options`;
  if (options.pids.length === 0 && options.directory === undefined) {
    throw new UsageError('nothing to trace (expected -p PID or -D DIR)', hint);
  }
  if (options.pids.length > 0 && options.directory !== undefined) {
    throw new UsageError('-p and -D exclude each other (expected one of them)', hint);
  }
  const output = openSink(io.stdout);
  const stop = new AbortController();
  const signals = onSignals(stop);
  io.stdout.once('close', () => stop.abort());
  try {
    await attach(
      io,
      NAME,
      options,
      (events) => {
        const wait = output.write(encodeEvents(events));
        if (output.closed()) stop.abort();
        return wait;
      },
      stop.signal,
    );
  } finally {
    signals.release();
  }
  return signals.received() ? EXIT.interrupted : EXIT.ok;
}
