/** A saved trace on standard input, through all stages. */
import { diagnose } from '../cli/diagnostic.js';
import { EXIT, type Io } from '../cli/io.js';
import { VERSION } from '../cli/version.js';
import { DIALECTS } from '../parse/dialect.js';
import { parse } from '../parse/events.js';
import { runFilter } from '../stream/filter.js';
import { blocks, type Cuts, LONGEST_LINE } from '../stream/lines.js';
import type { Pipeline } from './pipeline.js';

export async function replay(io: Io, name: string, pipeline: Pipeline, signal: AbortSignal): Promise<number> {
  const cuts: Cuts = { count: 0 };
  const text = blocks(cuts);
  const dialect = DIALECTS.strace({ pid: null, date: null, raw: false });
  const events = parse(dialect, { source: 'strace', tool: `${name} ${VERSION}` });
  await runFilter(
    io.stdin,
    io.stdout,
    {
      write: (chunk: Buffer) => pipeline.write(events.write(text.write(chunk))),
      end: () => pipeline.write(events.write(text.end())) + pipeline.write(events.end()) + pipeline.end(),
    },
    signal,
  );
  const { unparsed, firstUnparsed } = dialect.tally;
  if (unparsed > 0)
    diagnose(io.stderr, name, `${unparsed} lines not understood (first: line ${firstUnparsed})`);
  if (cuts.count > 0)
    diagnose(io.stderr, name, `${cuts.count} lines longer than ${LONGEST_LINE} bytes and cut there`);
  pipeline.report();
  return EXIT.ok;
}
