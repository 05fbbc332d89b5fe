/** A saved trace on standard input, through all stages. */
import { Readable } from 'node:stream';
import { onInterrupt } from '../cli/interrupt.js';
import { EXIT, type Io } from '../cli/io.js';
import { VERSION } from '../cli/version.js';
import { openDialect } from '../parse/detect.js';
import { led, readBlocks, traceEvent } from '../parse/events.js';
import { chunks, standardInput } from '../parse/sources.js';
import type { Tell } from '../resolve/discover.js';
import { runFilter } from '../stream/filter.js';
import { blocks, type Cuts, LONGEST_LINE } from '../stream/lines.js';
import type { Pipeline } from './pipeline.js';

/** What is read at a time. */
const CHUNK = 256 << 10;

/** @param stop aborted at an interrupt, or by the view. */
export async function replay(
  io: Io,
  name: string,
  pipeline: Pipeline,
  tell: Tell,
  stop: AbortController,
): Promise<number> {
  const cuts: Cuts = { count: 0 };
  const text = blocks(cuts);
  const input = standardInput(io.stdin);
  const { pid, lastWritten } = input;
  const dialect = openDialect('auto', {
    pid,
    date: lastWritten === null ? null : { lastWritten },
    raw: false,
  });
  const start = () => traceEvent(dialect, { source: dialect.name, tool: `${name} ${VERSION}` });
  const events = led(readBlocks(dialect), dialect, start);
  const interrupt = onInterrupt();
  interrupt.signal.addEventListener('abort', () => stop.abort());
  try {
    await runFilter(Readable.from(chunks(input, CHUNK, stop.signal)), io.stdout, {
      write: (chunk: Buffer) => pipeline.write(events.write(text.write(chunk))),
      end: () => pipeline.write(events.write(text.end()).concat(events.end())) + pipeline.end(),
    });
    await pipeline.finish();
  } finally {
    interrupt.release();
    const { unparsed, firstUnparsed } = dialect.tally;
    if (unparsed > 0) tell(`${unparsed} lines not understood (first: line ${firstUnparsed})`);
    if (cuts.count > 0) tell(`${cuts.count} lines longer than ${LONGEST_LINE} bytes and cut there`);
    pipeline.report();
  }
  return EXIT.ok;
}
