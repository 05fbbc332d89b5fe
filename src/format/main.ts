/** pgtrace-format: events in, text out. */
import { createReadStream } from 'node:fs';
import { diagnose, Failure, UsageError } from '../cli/diagnostic.js';
import { later, onInterrupt } from '../cli/interrupt.js';
import { EXIT, type Io } from '../cli/io.js';
import { parseOptions, type Usage } from '../cli/options.js';
import type { EventBatch } from '../stream/batch.js';
import { createEventReader, type ReadCounts } from '../stream/events.js';
import { type Ending, runFilter } from '../stream/filter.js';
import type { Stage } from '../stream/stage.js';
import { type ColorWhen, PLAIN, themeFor } from './color.js';
import { formatJson } from './json.js';
import type { Selection } from './select.js';
import { createFormatStage } from './stage.js';

const NAME = 'pgtrace-format';

/** Milliseconds from an interrupt to the end of reading a pipe: longer than pgtrace-resolve waits before it. */
const GRACE = 2000;

const USAGE: Usage = {
  name: NAME,
  synopsis: `${NAME} [-n | -d] [--format text|csv|json] [--color WHEN] [--utc] [FILE...]`,
  summary: 'Prints events as lines of text: what strace shows, with tables, indexes and blocks in it.',
  examples: [
    ['pgtrace-parse trace.log | pgtrace-resolve -D DIR | pgtrace-format', 'read a saved trace'],
    [`${NAME} -n events.ndjson`, 'only the calls on files of the cluster'],
    [`${NAME} --format csv events.ndjson > io.csv`, 'a table for a spreadsheet or COPY'],
  ],
};

const FORMATS = ['text', 'csv', 'json'] as const;
const COLORS: readonly ColorWhen[] = ['auto', 'always', 'never'];

interface Options {
  selection: Selection;
  format: (typeof FORMATS)[number];
  color: ColorWhen;
  utc: boolean;
  files: readonly string[];
}

export async function main(io: Io): Promise<number> {
  const options = await readOptions(io);
  if (options === null) return EXIT.ok;
  if (options.files.length === 0 && io.stdin.isTTY) {
    throw new UsageError(
      'nothing to read (expected a FILE or events on standard input, found a terminal)',
      `${NAME} --help shows how to call it`,
    );
  }
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
  return EXIT.ok;
}

/** @param file null for the standard input. @throws Failure where a file cannot be read. */
async function formatInput(
  io: Io,
  file: string | null,
  stage: Stage<Buffer, string>,
  signal: AbortSignal,
): Promise<Ending> {
  if (file === null) return runFilter(io.stdin, io.stdout, stage, later(signal, GRACE));
  try {
    return await runFilter(createReadStream(file), io.stdout, stage, signal);
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === 'open' || syscall === 'read') throw new Failure(`${file}: ${message}`);
    throw error;
  }
}

async function readOptions(io: Io): Promise<Options | null> {
  const parsed = await parseOptions(io, USAGE, (yargs) =>
    yargs
      .option('n', { type: 'boolean', default: false, describe: 'only calls on files of the cluster' })
      .option('d', { type: 'boolean', default: false, describe: 'everything, with ids and paths' })
      .option('format', { choices: FORMATS, default: 'text', requiresArg: true, describe: 'what to print' })
      .option('color', {
        choices: COLORS,
        default: 'auto',
        requiresArg: true,
        describe: 'when to use colours',
      })
      .option('utc', { type: 'boolean', default: false, describe: 'times in UTC, not in the local zone' }),
  );
  if (parsed === null) return null;
  if (parsed.n && parsed.d) {
    throw new UsageError(
      '-n and -d exclude each other (expected one, found both)',
      `${NAME} --help shows the options`,
    );
  }
  return {
    selection: parsed.d ? 'everything' : parsed.n ? 'understood' : 'normal',
    format: parsed.format as Options['format'],
    color: parsed.color as ColorWhen,
    utc: parsed.utc,
    files: parsed._.map(String),
  };
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
    `lines that were no events: ${unparsed} (expected JSON objects with a type)`,
    hint,
  );
}
