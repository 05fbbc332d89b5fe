/** pgtrace-summary: events in, a table of what they come to out. */
import { onInterrupt, patient } from '../../cli/interrupt.js';
import { EXIT, type Io } from '../../cli/io.js';
import { openSink } from '../../stream/filter.js';
import { createInputs, expectInput } from '../reading.js';
import { NAME, readOptions } from './options.js';
import { createReporter } from './reporter.js';

export async function main(io: Io): Promise<number> {
  const options = await readOptions(io);
  if (options === null) return EXIT.ok;
  expectInput(io, NAME, options.files);
  const { signal, release } = onInterrupt();
  const reporter = createReporter(io, options);
  const inputs = createInputs(io, NAME, options.files, reporter);
  try {
    const ending = await inputs.read({ stdin: patient(signal, 2), file: signal });
    if (ending !== 'closed') await openSink(io.stdout).write(reporter.end());
  } finally {
    reporter.stop();
    release();
  }
  inputs.tell();
  return EXIT.ok;
}
