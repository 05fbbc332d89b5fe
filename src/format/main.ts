/** pgtrace-format: events in, text out. */
import { UsageError } from '../cli/diagnostic.js';
import { EXIT, type Io } from '../cli/io.js';
import { NAME, readOptions } from './options.js';

export async function main(io: Io): Promise<number> {
  const options = await readOptions(io);
  if (options === null) return EXIT.ok;
  if (options.files.length === 0 && io.stdin.isTTY) {
    throw new UsageError(
      'nothing to read (expected a FILE or events on standard input, found a terminal)',
      `${NAME} --help shows how to call it`,
    );
  }
  // Loaded only now: what reads and formats takes as long to load as all that --help needs.
  const { formatInputs } = await import('./run.js');
  await formatInputs(io, options);
  return EXIT.ok;
}
