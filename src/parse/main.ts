/** pgtrace-parse: trace text to events. */
import { Readable } from 'node:stream';
import { diagnose, Failure, UsageError } from '../cli/diagnostic.js';
import { onInterrupt } from '../cli/interrupt.js';
import { EXIT, type Io } from '../cli/io.js';
import { VERSION } from '../cli/version.js';
import { encodeBytes } from '../event/encode.js';
import type { Event } from '../event/types.js';
import { runFilter } from '../stream/filter.js';
import { blocks, type Cuts, LONGEST_LINE, lines } from '../stream/lines.js';
import type { Stage } from '../stream/stage.js';
import { openDialect } from './detect.js';
import type { Dialect } from './dialect.js';
import { led, readBlocks, readLines, traceEvent } from './events.js';
import { mergeByTime } from './merge.js';
import { NAME, type Options, readOptions } from './options.js';
import { createReading } from './reading.js';
import { chunks, fileSource, type Source, standardInput } from './sources.js';

/** Chunks that a single trace is read in, and all that several traces' chunks take together. */
const CHUNK = 256 << 10;
const CHUNKS = 4 << 20;

/** A source, and what reading it came to. */
interface Trace {
  source: Source;
  dialect: Dialect;
  cuts: Cuts;
}

/** The chunks of a source, of at most `size` bytes. */
type Open = (source: Source, size: number) => AsyncIterable<Buffer>;

export async function main(io: Io): Promise<number> {
  const options = await readOptions(io);
  if (options === null) return EXIT.ok;
  if (options.files.length === 0 && io.stdin.isTTY) {
    throw new UsageError(
      'nothing to read (expected a FILE or a trace on standard input, found a terminal)',
      `${NAME} --help shows how to call it`,
    );
  }
  const traces = await openTraces(io, options);
  const interrupt = onInterrupt();
  const reading = createReading(
    io,
    traces.map(({ source }) => source),
  );
  const open: Open = (source, size) => reading.count(chunks(source, size, interrupt.signal));
  try {
    const [only] = traces;
    if (traces.length === 1) await runSingle(io, options, only!, open);
    else await runMerged(io, options, traces, open);
  } finally {
    interrupt.release();
    reading.end();
    for (const trace of traces) report(io, trace);
  }
  return EXIT.ok;
}

async function openTraces(io: Io, options: Options): Promise<Trace[]> {
  const { files } = options;
  const sources: Source[] = [];
  for (const file of files) sources.push(file === '-' ? standardInput(io.stdin) : await fileSource(file));
  if (files.length === 0) sources.push(standardInput(io.stdin));
  return sources.map((source) => {
    const { pid, file, lastWritten } = source;
    const date =
      options.date !== null ? { first: options.date } : lastWritten === null ? null : { lastWritten };
    const dialect = openDialect(options.dialect, {
      pid,
      date,
      raw: options.raw,
      ...(file === undefined ? {} : { file }),
    });
    return { source, dialect, cuts: { count: 0 } };
  });
}

/** The hot path: bytes to events to text, block by block. */
async function runSingle(io: Io, options: Options, trace: Trace, open: Open): Promise<void> {
  const { dialect, source, cuts } = trace;
  const text = blocks(cuts);
  const events = led(readBlocks(dialect), dialect, () => start(dialect));
  const check = checker(options, trace);
  const stage: Stage<Buffer, Buffer> = {
    write(chunk) {
      check();
      return encodeBytes(events.write(text.write(chunk)));
    },
    end() {
      check();
      return encodeBytes(events.write(text.end()).concat(events.end()));
    },
  };
  await runFilter(Readable.from(open(source, CHUNK)), io.stdout, stage);
  check();
}

async function runMerged(io: Io, options: Options, traces: Trace[], open: Open): Promise<void> {
  const size = Math.max(4096, Math.min(CHUNK, Math.floor(CHUNKS / traces.length)));
  const checks = traces.map((trace) => checker(options, trace));
  const [first] = traces;
  const batches = mergeByTime(
    traces.map((trace) => eventsOf(trace, size, open)),
    () => [start(first!.dialect)],
  );
  const stage: Stage<Event[], Buffer> = {
    write(events) {
      for (const check of checks) check();
      return encodeBytes(events);
    },
    end: () => Buffer.alloc(0),
  };
  await runFilter(Readable.from(batches), io.stdout, stage);
  for (const check of checks) check();
}

/** Several traces are read line by line: the merge costs more than what a block at a time would save. */
async function* eventsOf(trace: Trace, size: number, open: Open): AsyncGenerator<Event[]> {
  const text = lines(trace.cuts);
  const events = readLines(trace.dialect);
  for await (const chunk of open(trace.source, size)) yield events.write(text.write(chunk));
  yield events.write(text.end()).concat(events.end());
}

function start(dialect: Dialect): Event {
  return traceEvent(dialect, { source: dialect.name, tool: `${NAME} ${VERSION}` });
}

/** With --strict, what fails once a line was not understood; the events before it have been written by then. */
function checker(options: Options, { source, dialect }: Trace): () => void {
  return () => {
    if (!options.strict || dialect.tally.unparsed === 0) return;
    throw new Failure(
      `${of(source)}line ${dialect.tally.firstUnparsed} is not understood (expected what ${dialect.name} prints)`,
      'without --strict it becomes an "unparsed" event, which shows the line',
    );
  };
}

/** Tells what was not understood, or not whole. */
function report(io: Io, { source, dialect, cuts }: Trace): void {
  const { unparsed, firstUnparsed } = dialect.tally;
  if (unparsed > 0) {
    const what = unparsed === 1 ? '1 line' : `${unparsed} lines`;
    diagnose(io.stderr, NAME, `${of(source)}${what} not understood (first: line ${firstUnparsed})`);
  }
  if (cuts.count > 0) {
    const what = cuts.count === 1 ? '1 line was' : `${cuts.count} lines were`;
    diagnose(io.stderr, NAME, `${of(source)}${what} longer than ${LONGEST_LINE} bytes and cut there`);
  }
}

function of({ file }: Source): string {
  return file === undefined ? '' : `${file}: `;
}
