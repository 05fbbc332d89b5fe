/** pgtrace-parse: trace text to events. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { diagnose } from '../cli/diagnostic.js';
import { EXIT, type Io } from '../cli/io.js';
import { parseOptions } from '../cli/options.js';
import { VERSION } from '../cli/version.js';
import { encodeEvents } from '../event/encode.js';
import { runFilter } from '../stream/filter.js';
import { blocks, type Cuts } from '../stream/lines.js';
import type { Stage } from '../stream/stage.js';
import { DIALECTS, type Dialect } from './dialect.js';
import { parse } from './events.js';

const NAME = 'pgtrace-parse';

export async function main(io: Io): Promise<number> {
  const options = await parseOptions(
    io,
    {
      name: NAME,
      synopsis: `${NAME} [options] [FILE...]`,
      summary: 'Turns the text of strace into events, one JSON object a line.',
      examples: [[`${NAME} trace.log`, 'events of a trace saved with strace -f -ttt -T -y -o trace.log']],
    },
    (parser) =>
      parser.option('raw', { type: 'boolean', default: false, describe: 'add the line to each event' }),
  );
  if (options === null) return EXIT.ok;
  const [file] = options._;
  const input: Readable = file === undefined ? io.stdin : createReadStream(String(file));
  const cuts: Cuts = { count: 0 };
  const dialect = DIALECTS.strace({ pid: null, date: null, raw: options.raw });
  await runFilter(input, io.stdout, toText(dialect, cuts));
  const { unparsed, firstUnparsed } = dialect.tally;
  if (unparsed > 0)
    diagnose(io.stderr, NAME, `${unparsed} lines not understood (first: line ${firstUnparsed})`);
  return EXIT.ok;
}

function toText(dialect: Dialect, cuts: Cuts): Stage<Buffer, string> {
  const text = blocks(cuts);
  const events = parse(dialect, { source: 'strace', tool: `${NAME} ${VERSION}` });
  return {
    write: (chunk) => encodeEvents(events.write(text.write(chunk))),
    end: () => encodeEvents(events.write(text.end())) + encodeEvents(events.end()),
  };
}
