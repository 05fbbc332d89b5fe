/** From the command line's wishes to a running capture. */
import { resolve } from 'node:path';
import { diagnose, Failure } from '../cli/diagnostic.js';
import type { Io } from '../cli/io.js';
import type { Event } from '../event/types.js';
import { capture } from './capture.js';
import { attachForeign } from './foreign/run.js';
import { SYSTEMS } from './foreign/systems.js';
import { openInventory } from './inventory/describe.js';
import { openProc, type ProcFs } from './inventory/procfs.js';
import type { AttachOptions } from './options.js';
import { openSource, PRICES, SOURCE_NAMES, type SourceName } from './sources.js';
import { findPids, findPostmaster } from './targets.js';
import { openWatch } from './watch.js';

/**
 * Traces what `options` ask for into `emit`, until it is gone or `stop` aborts.
 * @throws Failure where there is nothing to trace or no source works.
 */
export async function attach(
  io: Io,
  name: string,
  options: AttachOptions,
  emit: (events: Event[]) => Promise<void> | null,
  stop: AbortSignal,
): Promise<void> {
  const warn = (message: string, hint?: string) => diagnose(io.stderr, name, message, hint);
  const foreign = SYSTEMS[process.platform];
  if (foreign !== undefined) return attachForeign(foreign, name, options, { emit, warn }, stop);
  const proc = openProc();
  requireProc(proc);
  const { pids, directory, via, workers } = options;
  const whole = pids.length === 0;
  const watch = openWatch(proc, {
    pids: findPids(proc, pids, warn),
    postmasters: whole && directory !== undefined ? [findPostmaster(proc, resolve(directory))] : [],
    workers,
  });
  const children = whole && workers;
  const names = via === 'auto' ? SOURCE_NAMES : [via];
  return capture(
    {
      proc,
      inventory: openInventory(proc),
      watch,
      sources: names.map(
        (source) => (sink) =>
          openSource(source, proc, { ...options, children, parents: workers ? watch.parents : [] }, sink),
      ),
      duration: options.duration,
      emit,
      warn,
      chosen({ source, refused }) {
        for (const { name: other, failure } of refused)
          warn(`not via ${other}: ${failure.message}`, failure.hint);
        const price = PRICES[source.name];
        const untold = missing(source.name, options);
        if (untold !== '')
          warn(`no ${untold}: --via ${source.name} does not tell them`, 'they need --via ftrace');
        warn(`tracing via ${source.name}${price === null ? '' : `; ${price}`}`);
      },
    },
    stop,
  );
}

function missing(source: SourceName, { statements, buffers }: AttachOptions): string {
  const untold = [
    ...(statements && source === 'sample' ? ['statements'] : []),
    ...(buffers !== false && source !== 'ftrace' ? ['buffers'] : []),
  ];
  return untold.join(' and ');
}

function requireProc(proc: ProcFs): void {
  if (proc.mounted) return;
  throw new Failure(
    'there is no /proc here (expected Linux with its proc file system mounted)',
    "elsewhere save a trace with the system's own tracer and read it with pgtrace-parse",
  );
}
