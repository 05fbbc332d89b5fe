/** Makes an instance trace what we want, in the order that keeps everybody else's events out. */
import { freemem } from 'node:os';
import { Failure } from '../../cli/diagnostic.js';
import { callNumbers } from '../../parse/linux/numbers.js';
import { isTraced } from './calls.js';
import { type Format, parseFormat, parseHeaderEvent, parseHeaderPage } from './format.js';
import type { Layouts } from './page.js';
import { compileSchema, type Schema } from './schema.js';
import type { Instance } from './tracefs.js';

/** Per CPU: 0.7 s of a cached sequential scan, whose 560,000 reads a second are 45 MB a second. */
const BUFFER_KB = 32 * 1024;
const LEAST_BUFFER_KB = 1024;

/** The clock, the buffer and the filter; nothing is recorded yet. @throws Failure where the kernel refuses. */
export function prepare(instance: Instance, pids: readonly number[]): void {
  instance.write('tracing_on', '0');
  instance.write('trace_clock', 'mono');
  // Names of tasks are recorded at each task switch; ours are known.
  instance.tryWrite('trace_options', 'norecord-cmd');
  setBuffer(instance);
  // Pid 0 is each CPU's idle task, which makes no calls: it keeps an empty list from meaning everybody.
  instance.write('set_event_pid', `${[0, ...pids].join(' ')} `);
}

/** As much as wanted, but of all CPUs together no more than a sixteenth of what memory is free. */
function setBuffer(instance: Instance): void {
  const cpus = instance.list('per_cpu').length;
  const fair = Math.floor(freemem() / 16 / 1024 / cpus);
  let size = Math.max(LEAST_BUFFER_KB, Math.min(BUFFER_KB, fair));
  while (!instance.tryWrite('buffer_size_kb', String(size))) {
    size >>= 1;
    if (size < LEAST_BUFFER_KB / 4)
      throw new Failure(`the kernel has no memory for a trace buffer of ${size} kB a CPU`);
  }
}

export function readLayouts(instance: Instance, origin: bigint): Layouts {
  return {
    page: parseHeaderPage(instance.read('events/header_page')),
    entry: parseHeaderEvent(instance.read('events/header_event')),
    origin,
  };
}

export interface Wanted {
  allCalls: boolean;
  /** The kernel adds the children of what it traces, from their first instruction on, and takes off who exits. */
  followForks: boolean;
}

/**
 * Enables the events of the calls, of signals and of the end of processes, and begins to record.
 * @param numbers for kernels that have no event a call.
 * @throws Failure where there are no events of calls.
 */
export function enableEvents(
  instance: Instance,
  { allCalls, followForks }: Wanted,
  numbers = callNumbers(process.arch),
): Schema {
  if (followForks) instance.write('options/event-fork', '1');
  const forks = followForks ? ['sched/sched_process_fork'] : [];
  const perCall = listCalls(instance, allCalls);
  const raw = ['raw_syscalls/sys_enter', 'raw_syscalls/sys_exit'];
  if (perCall.length === 0 && (numbers === undefined || !instance.has(`events/${raw[0]}`)))
    throw new Failure(
      'the kernel has no events for system calls (expected events/syscalls, of CONFIG_FTRACE_SYSCALLS)',
      'use --via strace',
    );
  const others = ['sched/sched_process_exit', 'signal/signal_deliver', ...forks].filter((event) =>
    instance.has(`events/${event}`),
  );
  const formats: Format[] = [];
  for (const event of [...others, ...(perCall.length > 0 ? perCall : raw)]) {
    formats.push(parseFormat(instance.read(`events/${event}/format`)));
    instance.write(`events/${event}/enable`, '1');
  }
  // Only now, so that no call is seen to begin whose end is not enabled yet.
  instance.write('tracing_on', '1');
  return compileSchema(formats, numbers, allCalls);
}

function listCalls(instance: Instance, allCalls: boolean): string[] {
  if (!instance.has('events/syscalls')) return [];
  return instance
    .list('events/syscalls')
    .map((event) => /^sys_(?:enter|exit)_(.+)$/.exec(event))
    .filter((match) => match !== null && (allCalls || isTraced(match[1]!)))
    .map((match) => `syscalls/${match![0]}`);
}
