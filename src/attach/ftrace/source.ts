/** The live source that costs a backend least: the kernel's own trace events, by tracefs alone. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Failure } from '../../cli/diagnostic.js';
import type { Event } from '../../event/types.js';
import { Probes } from '../probes/manager.js';
import { groupOf } from '../probes/uprobes.js';
import type { Source, SourceSink } from '../source.js';
import type { TextOptions } from '../statement/statements.js';
import { type Clock, openClock } from './clock.js';
import { Counting } from './counting.js';
import { type Guard, postGuard } from './guard.js';
import { Joiner } from './join.js';
import { readLink, threadsOf } from './link.js';
import { readMemory } from './memory.js';
import { merge } from './merge.js';
import { Proofs } from './proof.js';
import { Reader } from './reader.js';
import type { Schema } from './schema.js';
import { enableEvents, prepare, readLayouts } from './setup.js';
import {
  findTracefs,
  Instance,
  instanceName,
  instancePath,
  removeStale,
  requireHostPids,
} from './tracefs.js';

/** Between two looks at the buffers, in milliseconds: event to screen within 100 with room for the stages. */
const INTERVAL_MS = 25;

/** So many events are held for a proof at most; a proof that takes longer comes too late for its event. */
const MOST_HELD = 200_000;

/** Processes that are not traced though they are children of what is (5.7 and later). */
const REFUSED = 'set_event_notrace_pid';

export interface FtraceOptions {
  /** Every call, not only those that touch descriptors, files and maps. */
  allCalls?: boolean;
  /** The children of what is traced too, from their first call on: a shell's children as well. */
  followForks?: boolean;
  /** Processes whose children wait from their first call on, until `add` or `refuse` says whether they are wanted. */
  parents?: readonly number[];
  /** The statements of servers, and their accesses of shared buffers. */
  statements?: boolean;
  buffers?: boolean | 'count';
  texts?: TextOptions;
  /** PG_VERSION of a process's data directory; null where it is none of PostgreSQL. */
  version?: (pid: number) => string | null;
}

export class FtraceSource implements Source {
  readonly name = 'ftrace';
  #sink: SourceSink;
  #options: FtraceOptions;
  #guard: Guard | undefined;
  #instance: Instance | undefined;
  #reader: Reader | undefined;
  #clock: Clock | undefined;
  #joiner: Joiner | undefined;
  #schema: Schema | undefined;
  #probes: Probes | undefined;
  #proofs = new Proofs();
  #counting = new Counting();
  /** Events that wait for the proof of a path or a text among them. */
  #held: Event[] = [];
  /** Processes let go, with the time since which they are. */
  #leaving = new Map<number, number>();
  #loop: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #stopping = new AbortController();

  constructor(sink: SourceSink, options: FtraceOptions = {}) {
    this.#sink = sink;
    this.#options = options;
  }

  async start(pids: readonly number[]): Promise<void> {
    const options = this.#options;
    requireHostPids();
    const tracefs = findTracefs();
    removeStale(tracefs);
    const name = instanceName();
    const group = groupOf(name);
    this.#guard = postGuard(instancePath(tracefs, name), tracefs, group);
    const { statements = false, buffers = false, version = () => null } = options;
    const warn = (text: string) => this.#sink.warning(text);
    const probes = new Probes({ tracefs, group, wish: { statements, buffers }, version, warn });
    this.#probes = probes;
    try {
      // Before the instance: kernels up to 5.15 do not filter by pid what comes after the filter.
      for (const pid of pids) probes.define(pid);
      const instance = new Instance(tracefs, name);
      this.#instance = instance;
      const parents = instance.has(REFUSED) ? (options.parents ?? []) : [];
      prepare(instance, [...pids, ...parents]);
      const clock = openClock();
      this.#clock = clock;
      const reader = new Reader(instance.directory, readLayouts(instance, clock.origin));
      this.#reader = reader;
      const countMissed = reader.countMissed.bind(reader);
      const followForks = options.followForks === true || parents.length > 0;
      const schema = enableEvents(instance, { allCalls: options.allCalls === true, followForks });
      this.#schema = schema;
      this.#joiner = new Joiner(schema, this.#proofs, clock.seconds, countMissed, options.texts);
      probes.enable(instance, schema.shapes);
      this.#joiner.processes.expect(parents, options.followForks === true);
      for (const pid of pids) this.#watch(pid);
    } catch (error) {
      await this.#remove();
      throw error instanceof Failure ? error : new Failure(`ftrace cannot be set up: ${messageOf(error)}`);
    }
    this.#loop = this.#run().catch((error) => this.#fail(error));
  }

  add(pid: number): void {
    this.#leaving.delete(pid);
    this.#watch(pid);
    if (this.#instance?.tryWrite('set_event_pid', `${pid} `) === false)
      this.#sink.warning(`cannot trace process ${pid}: the kernel refuses its pid`);
    if (this.#instance === undefined || this.#schema === undefined) return;
    try {
      this.#probes?.define(pid);
      this.#probes?.enable(this.#instance, this.#schema.shapes);
    } catch (error) {
      this.#sink.warning(`cannot probe process ${pid}: ${messageOf(error)}`);
    }
  }

  sawBirth(pid: number): boolean {
    if (this.#joiner === undefined || this.#reader === undefined) return false;
    // The record of its fork may not have been read yet.
    try {
      this.#round(this.#clock!.now());
    } catch {
      // The next round, which the source runs itself, fails as well and says so.
      return false;
    }
    return this.#joiner.processes.sawBirth(pid);
  }

  refuse(pid: number): void {
    this.#instance?.tryWrite(REFUSED, `${pid} `);
    if (this.#clock !== undefined) this.#joiner?.refuse(pid, this.#clock.now());
  }

  #watch(pid: number): void {
    this.#joiner?.processes.watch(pid);
    if (threadsOf(pid) > 1)
      this.#sink.warning(
        `process ${pid} has threads: only its first is traced, and what it opens stays unknown`,
      );
  }

  /** The kernel's filter keeps the pid (to shorten the list is to trace everybody meanwhile); its events are dropped. */
  remove(pid: number): void {
    if (this.#clock !== undefined) this.#leaving.set(pid, this.#clock.now());
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    try {
      if (this.#instance !== undefined && this.#joiner !== undefined) await this.#drain(this.#instance);
    } finally {
      await this.#remove();
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const drained = this.#round(this.#clock!.now());
      if (this.#counting.isDue(this.#clock!.now())) this.#tellCounts();
      await this.#deliver();
      if (drained && this.#pending() === 0)
        await setTimeout(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
      else await setImmediate();
    }
  }

  /** Reads, joins and proves once, up to `horizon`; true where the buffers were read to their ends. */
  #round(horizon: number): boolean {
    const clock = this.#clock!;
    clock.check();
    const drained = this.#reader!.read();
    const reached = merge(this.#reader!.streams, horizon, this.#joiner!);
    for (const [pid, since] of this.#leaving) {
      if (since > reached) continue;
      this.#joiner!.forget(pid, since);
      this.#leaving.delete(pid);
    }
    for (const pid of this.#joiner!.processes.takeStrangers()) this.refuse(pid);
    this.#joiner!.processes.settle(reached);
    this.#proofs.settle(reached);
    this.#proofs.read(readLink, clock.now);
    const { longTexts } = this.#joiner!;
    longTexts.settle(reached);
    longTexts.read(readMemory, clock.now);
    return drained;
  }

  #tellCounts(): void {
    if (this.#instance !== undefined && this.#probes?.counts === true)
      this.#counting.tell(this.#probes, this.#instance, this.#clock!, this.#joiner!.processes);
  }

  /** How many events wait for their path or their text. */
  #pending(): number {
    return this.#proofs.pending + this.#joiner!.longTexts.pending;
  }

  /** Hands on the events, except while one of them waits for a proof: the rounds follow at once then. */
  async #deliver(): Promise<void> {
    const events = this.#joiner!.takeEvents(this.#clock!.seconds(this.#clock!.now()));
    const batch = this.#held.length === 0 ? events : this.#held.concat(events);
    this.#held = [];
    if (this.#pending() > 0 && batch.length < MOST_HELD) this.#held = batch;
    else if (batch.length > 0) await this.#sink.events(this.#joiner!.lossy ? batch.filter(isTold) : batch);
  }

  /** What was traced until now, and the proofs that it allows; then the trace's own end. */
  async #drain(instance: Instance): Promise<void> {
    for (let rounds = 0; rounds < 2; rounds++) {
      this.#round(this.#clock!.now());
      await this.#deliver();
    }
    instance.write('tracing_on', '0');
    while (!this.#round(Number.POSITIVE_INFINITY)) await this.#deliver();
    this.#tellCounts();
    this.#proofs.gap();
    this.#joiner!.end();
    await this.#deliver();
    const now = this.#clock!.seconds(this.#clock!.now());
    const lost = this.#reader!.untold().map(([cpu, count]): Event => {
      return { type: 'lost', ts: now, count, reason: `the kernel’s trace buffer of CPU ${cpu} was full` };
    });
    if (lost.length > 0) await this.#sink.events(lost);
    if (this.#joiner!.processes.unjudged > 0)
      this.#sink.warning(
        `${this.#joiner!.processes.unjudged} processes that the server started ended before it was seen what they were`,
      );
    if (this.#proofs.unproven > 0)
      this.#sink.warning(
        `${this.#proofs.unproven} descriptors were closed before their path could be read; their files are unknown`,
      );
  }

  async #remove(): Promise<void> {
    this.#reader?.close();
    this.#reader = undefined;
    try {
      this.#instance?.remove();
    } catch (error) {
      this.#sink.warning(`cannot remove ${this.#instance?.directory}: ${messageOf(error)}`);
    }
    this.#instance = undefined;
    try {
      this.#probes?.remove();
      await this.#guard?.dismiss();
    } catch (error) {
      this.#sink.warning(`cannot remove a probe yet: ${messageOf(error)}; it is tried again for ten seconds`);
      this.#guard?.leave();
    }
    this.#probes = undefined;
    this.#guard = undefined;
  }

  #fail(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#joiner = undefined;
    this.#sink.ended(`tracing by ftrace broke off: ${messageOf(error)}`);
  }
}

/** False for a descriptor that was in use when events were lost, and whose path could not be proven since. */
function isTold(event: Event): boolean {
  return event.type !== 'fd' || event.path !== '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
