/** pgtrace-summary: events in, a table of what they come to out. */
import { createReadStream } from 'node:fs';
import { diagnose, UsageError } from '../../cli/diagnostic.js';
import { onInterrupt, patient } from '../../cli/interrupt.js';
import { EXIT, type Io } from '../../cli/io.js';
import { filterFailure } from '../../cli/reading.js';
import { createEventReader, type ReadCounts } from '../../stream/events.js';
import { type Ending, openSink, runFilter } from '../../stream/filter.js';
import { NAME, readOptions } from './options.js';
import { createReporter, type Reporter } from './reporter.js';

export async function main(io: Io): Promise<number> {
  const options = await readOptions(io);
  if (options === null) return EXIT.ok;
  const { files } = options;
  if (files.length === 0 && io.stdin.isTTY) {
    throw new UsageError(
      'nothing to read (expected a FILE or events on standard input, found a terminal)',
      `${NAME} --help shows how to call it`,
    );
  }
  const interrupt = onInterrupt();
  const reporter = createReporter(io, options);
  const total: ReadCounts = { unparsed: 0, cut: 0 };
  let ending: Ending = 'end';
  try {
    for (const file of files.length === 0 ? [null] : files) {
      ending = await read(io, file, reporter, interrupt.signal, total);
      if (ending !== 'end') break;
    }
    if (ending !== 'closed') await openSink(io.stdout).write(reporter.end());
  } finally {
    reporter.stop();
    interrupt.release();
  }
  tell(io, total);
  return EXIT.ok;
}

/** @param file null for standard input. @throws Failure, with the input's name, where reading it failed. */
async function read(
  io: Io,
  file: string | null,
  reporter: Reporter,
  signal: AbortSignal,
  total: ReadCounts,
): Promise<Ending> {
  const reader = createEventReader();
  const stage = {
    write: (bytes: Buffer) => reporter.write(reader.write(bytes).events),
    end: () => reporter.write(reader.end().events),
  };
  const input = file === null ? io.stdin : createReadStream(file);
  try {
    return await runFilter(input, io.stdout, stage, file === null ? patient(signal, 2) : signal);
  } catch (error) {
    throw filterFailure(file ?? 'standard input', error);
  } finally {
    const { unparsed, cut } = reader.counts();
    total.unparsed += unparsed;
    total.cut += cut;
  }
}

function tell(io: Io, { unparsed, cut }: ReadCounts): void {
  if (cut > 0) diagnose(io.stderr, NAME, `lines that were cut: ${cut} (expected at most 1 MiB each)`);
  if (unparsed === 0) return;
  diagnose(
    io.stderr,
    NAME,
    `lines that were no events: ${unparsed} (expected those of pgtrace-events(5))`,
    'text of strace is for pgtrace-parse: pgtrace-parse FILE | pgtrace-resolve | pgtrace-summary',
  );
}
