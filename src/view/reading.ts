/** Reads the events that pgtrace-summary and pgtrace-top were given. */
import { createReadStream } from 'node:fs';
import { diagnose, UsageError } from '../cli/diagnostic.js';
import type { Io } from '../cli/io.js';
import { filterFailure } from '../cli/reading.js';
import type { Taker } from '../stream/batch.js';
import { createTakenReader, type ReadCounts } from '../stream/events.js';
import { type Ending, runFilter } from '../stream/filter.js';
import { pipeOf, readPipe } from './pipe.js';

/** Where the events go; what they come to is asked for elsewhere. */
export interface Counting extends Taker {
  /** All that had come by now was taken. */
  pause(): void;
}

/** What ends the reading: of standard input, whose writers may have more to say, and of a file. */
export interface Ends {
  stdin: AbortSignal;
  file: AbortSignal;
}

/** @throws UsageError where standard input would be read, and is a terminal. */
export function expectInput({ stdin }: Io, name: string, files: readonly string[]): void {
  if (files.length > 0 || !stdin.isTTY) return;
  throw new UsageError(
    'nothing to read (expected a FILE or events on standard input, found a terminal)',
    `${name} --help shows how to call it`,
  );
}

/** Reads `files`, or standard input where there are none, and tells at the end what was no event. */
export function createInputs(io: Io, name: string, files: readonly string[], counting: Counting) {
  const total: ReadCounts = { unparsed: 0, cut: 0 };

  /** @param file null for standard input. */
  async function readOne(file: string | null, { stdin, file: ofFile }: Ends): Promise<Ending> {
    const reader = createTakenReader(counting);
    const ends = file === null ? stdin : ofFile;
    const stage = {
      write(bytes: Buffer) {
        reader.write(bytes);
        counting.pause();
        return '';
      },
      end() {
        // What a signal cut off is no event that was not understood.
        if (!ends.aborted) reader.end();
        counting.pause();
        return '';
      },
    };
    try {
      if (file !== null) return await runFilter(createReadStream(file), io.stdout, stage, ends);
      const pipe = pipeOf(io.stdin);
      if (pipe === null) return await runFilter(io.stdin, io.stdout, stage, ends);
      const ending = await readPipe(pipe, stage.write, ends);
      stage.end();
      return ending;
    } catch (error) {
      throw filterFailure(file ?? 'standard input', error);
    } finally {
      const { unparsed, cut } = reader.counts();
      total.unparsed += unparsed;
      total.cut += cut;
    }
  }

  return {
    /** @throws Failure, with the input's name, where reading it failed. */
    async read(ends: Ends): Promise<Ending> {
      for (const file of files.length === 0 ? [null] : files) {
        const ending = await readOne(file, ends);
        if (ending !== 'end') return ending;
      }
      return 'end';
    },
    tell: () => tell(io, name, total),
  };
}

function tell({ stderr }: Io, name: string, { unparsed, cut }: ReadCounts): void {
  if (cut > 0) diagnose(stderr, name, `lines that were cut: ${cut} (expected at most 1 MiB each)`);
  if (unparsed === 0) return;
  diagnose(
    stderr,
    name,
    `lines that were no events: ${unparsed} (expected those of pgtrace-events(5))`,
    `text of strace is for pgtrace-parse: pgtrace-parse FILE | pgtrace-resolve | ${name}`,
  );
}
