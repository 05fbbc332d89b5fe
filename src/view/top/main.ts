/** pgtrace-top: events in, a live screen out. */
import { onInterrupt, patient } from '../../cli/interrupt.js';
import { EXIT, type Io } from '../../cli/io.js';
import { createInputs, expectInput } from '../reading.js';
import { NAME, readOptions } from './options.js';
import { isScreen } from './terminal.js';
import { openTop } from './top.js';

export async function main(io: Io): Promise<number> {
  const options = await readOptions(io);
  if (options === null) return EXIT.ok;
  expectInput(io, NAME, options.files);
  const stop = new AbortController();
  const interrupt = onInterrupt();
  interrupt.signal.addEventListener('abort', () => stop.abort());
  const top = await openTop(io, options, stop);
  const inputs = createInputs(io, NAME, options.files, top);
  // A screen goes at once; a table is to have what the commands before this still write.
  const stdin = isScreen(io) ? stop.signal : patient(stop.signal, 2);
  try {
    const ending = await inputs.read({ stdin, file: stop.signal });
    top.end();
    if (ending !== 'closed') await top.finish();
  } finally {
    top.close();
    interrupt.release();
  }
  inputs.tell();
  return EXIT.ok;
}
