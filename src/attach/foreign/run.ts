/** A capture on macOS, the BSDs and illumos: the system's own tracer, between two looks at what is open. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../cli/diagnostic.js';
import { VERSION } from '../../cli/version.js';
import { type Event, SCHEMA } from '../../event/types.js';
import { describe, type Found, inBoth, listFiles, listProcesses } from './inventory.js';
import type { System } from './systems.js';
import { spawnForeign } from './tracer.js';

/** An idle process gives its tracer nothing to print. */
const START_MS = 3000;

export interface ForeignOptions {
  pids: readonly number[];
  directory: string | undefined;
  via: string;
  /** In seconds. */
  duration: number | undefined;
}

export interface ForeignSink {
  emit(events: Event[]): Promise<void> | null;
  warn(message: string, hint?: string): void;
}

/** @throws Failure where there is nothing to trace, or the tracer does not work. */
export async function attachForeign(
  system: System,
  name: string,
  options: ForeignOptions,
  { emit, warn }: ForeignSink,
  stop: AbortSignal,
): Promise<void> {
  if (options.via !== 'auto') {
    throw new Failure(`--via ${options.via} is of Linux (expected auto: here it is ${system.tracer})`);
  }
  const all = listProcesses();
  const found =
    options.pids.length > 0 ? findPids(all, options.pids) : findCluster(all, options.directory ?? '');
  const pids = found.map(({ pid }) => pid);
  const before = listFiles(system.files, pids);
  const scratch = mkdtempSync(join(tmpdir(), 'pgtrace-'));
  // What is traced waits until it is told what was open before.
  let waiting: Event[] | null = [];
  const pass = (events: Event[]): Promise<void> | null => {
    if (waiting === null) return emit(events);
    for (const event of events) waiting.push(event);
    return null;
  };
  const groups = system.several ? [pids] : pids.map((pid) => [pid]);
  const tracers = groups.map((group) => spawnForeign(system, scratch, group, pass));
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number) =>
    new Promise<null>((resolve) => timers.push(setTimeout(() => resolve(null), ms)));
  try {
    for (const failure of await Promise.all(
      tracers.map(({ started }) => Promise.race([started, after(START_MS)])),
    ))
      if (failure !== null)
        throw new Failure(`${system.tracer} does not work here (found: ${failure})`, 'run it as root');
    warn(`tracing via ${system.tracer}`);
    const listing = listFiles(system.files, pids);
    if (listing === null) warn('what is open already has no names here: no program tells them');
    const cwds = new Map(listing?.cwds.map(({ pid, cwd }) => [pid, cwd]));
    emit([
      {
        type: 'trace',
        schema: SCHEMA,
        source: system.tracer,
        host: hostname(),
        clock: system.clock,
        tool: `${name} ${VERSION}`,
      },
      ...found.map((process) => describe(process, all, cwds.get(process.pid))),
      ...(before === null || listing === null ? [] : inBoth(before, listing)),
    ]);
    const held = waiting;
    waiting = null;
    emit(held);
    const aborted = new Promise<null>((resolve) => {
      stop.addEventListener('abort', () => resolve(null), { once: true });
      if (stop.aborted) resolve(null);
    });
    const ends = [Promise.all(tracers.map(({ closed }) => closed)), aborted];
    const first = await Promise.race(
      options.duration === undefined ? ends : [...ends, after(options.duration * 1000)],
    );
    const failure = first?.find((reason) => reason !== null);
    if (failure) throw new Failure(`the trace broke off: ${system.tracer}: ${failure}`);
  } finally {
    timers.forEach(clearTimeout);
    for (const tracer of tracers) tracer.stop();
    await Promise.all(tracers.map(({ closed }) => closed));
    rmSync(scratch, { recursive: true, force: true });
  }
}

function findPids(all: readonly Found[], pids: readonly number[]): Found[] {
  const found = all.filter(({ pid }) => pids.includes(pid));
  if (found.length > 0) return found;
  throw new Failure(`no process ${pids.join(', ')} (expected the pid of a running process)`);
}

/** The postmaster of a data directory and its children. */
function findCluster(all: readonly Found[], directory: string): Found[] {
  const file = join(directory, 'postmaster.pid');
  let postmaster: number;
  try {
    postmaster = Number.parseInt(readFileSync(file, 'latin1'), 10);
  } catch {
    throw new Failure(
      `no server runs in ${directory} (expected ${file}, found none)`,
      'is it the data directory?',
    );
  }
  const found = all.filter(({ pid, parent }) => pid === postmaster || parent === postmaster);
  if (found.length > 0) return found;
  throw new Failure(`no server runs in ${directory} (expected process ${postmaster}, found none)`);
}
