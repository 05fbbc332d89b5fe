/** Reads what pgtrace-format was given, and prints it. */
import { createReadStream } from 'node:fs';
import { diagnose } from '../cli/diagnostic.js';
import { onInterrupt, patient } from '../cli/interrupt.js';
import type { Io } from '../cli/io.js';
import { filterFailure } from '../cli/reading.js';
import type { EventBatch } from '../stream/batch.js';
import { createEventReader, type ReadCounts } from '../stream/events.js';
import { type Ending, runFilter } from '../stream/filter.js';
import type { Stage } from '../stream/stage.js';
import { PLAIN, themeFor } from './color.js';
import { formatJson } from './json.js';
import { NAME, type Options } from './options.js';
import { createFormatStage } from './stage.js';

/** Prints every input in turn. @throws Failure where one cannot be read. */
export async function formatInputs(io: Io, options: Options): Promise<void> {
  const print = createPrinter(options, io);
  const total: ReadCounts = { unparsed: 0, cut: 0 };
  const interrupt = onInterrupt();
  try {
    for (const file of options.files.length === 0 ? [null] : options.files) {
      const reader = createEventReader(options.format === 'json');
      const stage: Stage<Buffer, string> = {
        write: (bytes) => print(reader.write(bytes)),
        end: () => print(reader.end()),
      };
      const ending = await formatInput(io, file, stage, interrupt.signal);
      const { unparsed, cut } = reader.counts();
      total.unparsed += unparsed;
      total.cut += cut;
      if (ending !== 'end') break;
    }
  } finally {
    interrupt.release();
  }
  tell(io, total);
}

/** @param file null for the standard input. @throws Failure where a file cannot be read. */
async function formatInput(
  io: Io,
  file: string | null,
  stage: Stage<Buffer, string>,
  signal: AbortSignal,
): Promise<Ending> {
  if (file === null) return runFilter(io.stdin, io.stdout, stage, patient(signal, 2));
  try {
    return await runFilter(createReadStream(file), io.stdout, stage, signal);
  } catch (error) {
    throw filterFailure(file, error);
  }
}

function createPrinter({ selection, format, color, utc }: Options, io: Io): (batch: EventBatch) => string {
  if (format === 'json') return ({ events, lines }) => formatJson(events, lines, selection);
  const theme = format === 'csv' ? PLAIN : themeFor(color, io);
  const stage = createFormatStage({ format, selection, theme, utc });
  return ({ events }) => stage.write(events);
}

function tell(io: Io, { unparsed, cut }: ReadCounts): void {
  if (cut > 0) diagnose(io.stderr, NAME, `lines that were cut: ${cut} (expected at most 1 MiB each)`);
  if (unparsed === 0) return;
  const hint = 'text of strace is for pgtrace-parse: pgtrace-parse FILE | pgtrace-format';
  diagnose(
    io.stderr,
    NAME,
    `lines that were no events: ${unparsed} (expected those of pgtrace-events(5))`,
    hint,
  );
}
