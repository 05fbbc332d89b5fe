/** pgtrace-top: events in, a live screen out. */
import { createReadStream } from 'node:fs';
import { diagnose, Failure, UsageError } from '../../cli/diagnostic.js';
import { onInterrupt, patient } from '../../cli/interrupt.js';
import { EXIT, type Io } from '../../cli/io.js';
import { createEventReader, type ReadCounts } from '../../stream/events.js';
import { type Ending, runFilter } from '../../stream/filter.js';
import { NAME, readOptions } from './options.js';
import { isScreen } from './terminal.js';
import { openTop, type Top } from './top.js';

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
  const stop = new AbortController();
  const interrupt = onInterrupt();
  interrupt.signal.addEventListener('abort', () => stop.abort());
  const total: ReadCounts = { unparsed: 0, cut: 0 };
  const top = await openTop(io, options, stop);
  // A screen goes at once; a table is to have what the commands before this still write.
  const signal = isScreen(io) ? stop.signal : patient(stop.signal, 2);
  try {
    let ending: Ending = 'end';
    for (const file of files.length === 0 ? [null] : files) {
      ending = await read(io, file, top, file === null ? signal : stop.signal, total);
      if (ending !== 'end') break;
    }
    top.end();
    if (ending !== 'closed') await top.finish();
  } finally {
    top.close();
    interrupt.release();
  }
  tell(io, total);
  return EXIT.ok;
}

/** @param file null for standard input. @throws Failure, with the input's name, where reading it failed. */
async function read(
  io: Io,
  file: string | null,
  top: Top,
  signal: AbortSignal,
  total: ReadCounts,
): Promise<Ending> {
  const reader = createEventReader();
  const stage = {
    write: (bytes: Buffer) => top.write(reader.write(bytes).events),
    end: () => top.write(reader.end().events),
  };
  const input = file === null ? io.stdin : createReadStream(file);
  try {
    return await runFilter(input, io.stdout, stage, signal);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Failure(`${file ?? 'standard input'}: cannot be read (${message})`);
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
    `lines that were no events: ${unparsed} (expected JSON objects with a type)`,
    `text of strace is for pgtrace-parse: pgtrace-parse FILE | pgtrace-resolve | ${NAME}`,
  );
}
