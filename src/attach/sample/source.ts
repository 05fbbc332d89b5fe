/** Sampling as a source: what each process is doing, so many times a second, at no cost to the process. */
import { Failure } from '../../cli/diagnostic.js';
import type { Event } from '../../event/types.js';
import { realtime } from '../clock.js';
import type { Source, SourceSink } from '../source.js';
import { openReader, type Reader } from './reader.js';
import { syscallNames } from './syscalls.js';

/** The most of one processor that sampling takes; with more processes than that allows, the rate sinks. */
const SHARE = 0.25;

/** Rounds. */
const SMOOTHING = 10;

export interface SampleOptions {
  /** Samples a second of each process. */
  rate: number;
}

export function openSample(sink: SourceSink, { rate }: SampleOptions): Source {
  const names = syscallNames(process.arch);
  const readers = new Map<number, Reader>();
  const period = 1000 / rate;
  let wait = period;
  let timer: NodeJS.Timeout | null = null;
  let told = false;
  let took = 0;

  let held: Promise<void> | null = null;
  let missed = 0;

  const round = () => {
    if (held !== null) missed += readers.size;
    else tick();
    if (timer !== null) timer = setTimeout(round, Math.max(1, wait - took));
  };

  const tick = () => {
    const began = performance.now();
    const batch: Event[] = [];
    if (missed > 0) {
      batch.push({
        type: 'lost',
        ts: realtime(),
        count: missed,
        reason: 'samples not taken while the reader was slow',
      });
      missed = 0;
    }
    for (const [pid, reader] of readers) {
      const event = reader.sample(realtime());
      if (event === undefined) forget(pid);
      else if (event !== null) batch.push(event);
    }
    if (batch.length > 0) held = sink.events(batch);
    held?.then(() => {
      held = null;
    });
    took = performance.now() - began;
    pace();
  };

  /** What a round takes, smoothed: one slow round may be the machine's. */
  let usual = 0;
  let rounds = 0;
  const pace = () => {
    rounds++;
    usual += (took - usual) / Math.min(rounds, SMOOTHING);
    wait = Math.max(period, usual / SHARE);
    if (told || rounds < SMOOTHING || wait < 2 * period) return;
    told = true;
    const found = Math.max(1, Math.round(1000 / wait));
    sink.warning(`${rate} samples a second are too many here (processes: ${readers.size}); taking ${found}`);
  };

  const forget = (pid: number) => {
    readers.get(pid)?.close();
    readers.delete(pid);
  };

  const join = (pid: number): Reader | null => {
    try {
      const reader = openReader(pid, names);
      readers.set(pid, reader);
      return reader;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EMFILE')
        sink.warning(`process ${pid} is not sampled: too many open files (see ulimit -n)`);
      return null;
    }
  };

  return {
    name: 'sample',
    async start(pids) {
      const joined = pids.map(join).filter((reader) => reader !== null);
      requireAccess(pids, joined, sink);
      if (names === undefined) {
        sink.warning(`the calls' numbers on ${process.arch} are not known: states and counters only`);
      }
      timer = setTimeout(round, 0);
    },
    add(pid) {
      if (!readers.has(pid)) join(pid);
    },
    remove: forget,
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      for (const pid of [...readers.keys()]) forget(pid);
    },
  };
}

/** @throws Failure where nothing but the state can be seen of any process. */
function requireAccess(pids: readonly number[], readers: readonly Reader[], sink: SourceSink): void {
  if (pids.length > 0 && readers.length === 0) {
    throw new Failure(`no process to sample (expected ${pids.join(', ')} alive, found none)`);
  }
  if (readers.every(({ denied }) => denied.io !== undefined && denied.syscall !== undefined)) {
    throw new Failure(
      'the calls and counters of the process may not be read (expected access to /proc/PID/syscall and /proc/PID/io)',
      'run it as root or as the user of the process',
    );
  }
  if (readers.every(({ denied }) => denied.syscall !== undefined)) {
    sink.warning(
      'the calls may not be seen (/proc/PID/syscall: Yama, or a kernel without it): states and counters only',
    );
  }
}
