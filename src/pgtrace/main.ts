/** pgtrace: a live process, or a saved trace on standard input, to text; all stages in one process. */
import type { AttachOptions } from '../attach/options.js';
import { attach } from '../attach/run.js';
import { onSignals } from '../attach/signals.js';
import { diagnose, UsageError } from '../cli/diagnostic.js';
import { EXIT, type Io } from '../cli/io.js';
import type { Event } from '../event/types.js';
import { themeFor } from '../format/color.js';
import { createFormatStage } from '../format/stage.js';
import type { Tell } from '../resolve/discover.js';
import { openSink } from '../stream/filter.js';
import type { Stage } from '../stream/stage.js';
import { createReporter } from '../view/summary/reporter.js';
import { openTop } from '../view/top/top.js';
import { NAME, type Options, readOptions } from './options.js';
import { createPipeline, type Pipeline } from './pipeline.js';
import { replay } from './replay.js';

export async function main(io: Io): Promise<number> {
  const options = await readOptions(io);
  if (options === null) return EXIT.ok;
  const { pids, directory, duration, via } = options.attach;
  // Under cron standard input is no terminal, and no trace either; an option of live tracing tells.
  const asked = directory !== undefined && (duration !== undefined || via !== 'auto');
  const live = pids.length > 0 || asked || io.stdin.isTTY === true;
  if (live && pids.length === 0 && directory === undefined) {
    throw new UsageError(
      'nothing to trace (expected -p PID, -D DIR, or a trace on standard input)',
      `${NAME} --help shows the options`,
    );
  }
  // Without -D a live process shows where its files are; a trace of another day may be of $PGDATA.
  const named = directory ?? (live || !io.env.PGDATA ? null : io.env.PGDATA);
  const stop = new AbortController();
  const reporter = options.summary === null ? null : createReporter(io, options.summary);
  const top = options.top === null ? null : await openTop(io, options.top, stop);
  const own = top === null ? io : { ...io, stderr: top.stderr };
  const tell: Tell = (message, help) => diagnose(own.stderr, NAME, message, help);
  try {
    const pipeline = createPipeline(named, top ?? reporter ?? createPrinter(io, options), tell);
    if (!live) return await replay(own, NAME, pipeline, tell, stop);
    return await trace(own, options.attach, pipeline, stop);
  } finally {
    reporter?.stop();
    top?.close();
  }
}

function createPrinter(io: Io, { selection }: Options): Stage<Event[], string> {
  return createFormatStage({ format: 'text', selection, theme: themeFor('auto', io), utc: false });
}

/** A live process, until it ends, a signal ends the tracing, or the view aborts `stop`. */
async function trace(
  io: Io,
  options: AttachOptions,
  pipeline: Pipeline,
  stop: AbortController,
): Promise<number> {
  const signals = onSignals(stop);
  try {
    const output = openSink(io.stdout);
    io.stdout.once('close', () => stop.abort());
    await attach(
      io,
      NAME,
      options,
      (events) => {
        const wait = output.write(pipeline.write(events));
        if (output.closed()) stop.abort();
        return wait;
      },
      stop.signal,
    );
    await output.write(pipeline.end());
    await pipeline.finish();
    pipeline.report();
  } finally {
    signals.release();
  }
  return signals.received() ? EXIT.interrupted : EXIT.ok;
}
