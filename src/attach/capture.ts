/** One capture: a source, the processes it watches, and the events in their order. */
import { hostname } from 'node:os';
import { Failure } from '../cli/diagnostic.js';
import { VERSION } from '../cli/version.js';
import { type Event, SCHEMA } from '../event/types.js';
import { openAnnouncer } from './announce.js';
import { type Choice, startFirst } from './choose.js';
import type { Inventory } from './inventory/describe.js';
import type { ProcFs } from './inventory/procfs.js';
import type { Source, SourceSink } from './source.js';
import type { Change, Watch } from './watch.js';

/** A worker that lives shorter than this may be missed. A look costs some ten microseconds. */
const CHILDREN_MS = 5;
const TITLES_MS = 500;
/** Processes described before timers and the source get their turn. */
const DESCRIBED_AT_ONCE = 50;

export interface CaptureOptions {
  proc: ProcFs;
  inventory: Inventory;
  watch: Watch;
  /** Sources in the order to be tried. */
  sources: readonly ((sink: SourceSink) => Source)[];
  /** In seconds; undefined for no end. */
  duration: number | undefined;
  /** Where events go; a promise asks to wait. */
  emit(events: Event[]): Promise<void> | null;
  /** Hears which source is taken, before its first event. */
  chosen(choice: Choice): void;
  warn(message: string, hint?: string): void;
}

/**
 * Traces until the processes are gone, the duration is over or `stop` aborts; then lets everything go.
 * @throws Failure where no source works, or the source breaks.
 */
export async function capture(options: CaptureOptions, stop: AbortSignal): Promise<void> {
  const { watch, warn } = options;
  const ending = openEnding(stop, options.duration);
  const gate = openGate(options.emit);
  const announcer = openAnnouncer({ ...options, members: () => watch.members.keys(), emit: gate.emit });
  const sink: SourceSink = {
    events(batch) {
      announcer.pass(batch);
      return gate.wait();
    },
    warning: warn,
    ended: (reason) => ending.fail(new Failure(`the trace broke off: ${reason}`)),
  };

  const { joined } = watch.start();
  for (const pid of joined) announcer.begin(pid, false);
  const choice = await startFirst(
    options.sources.map((open) => () => open(sink)),
    joined,
  );
  const { source } = choice;
  options.chosen(choice);
  // A sample does not depend on what came before it.
  const holds = source.name !== 'sample';
  if (!holds) announcer.finish();

  const join = async ({ joined, left, refused }: Change) => {
    for (const pid of left) source.remove(pid);
    for (const pid of refused) source.refuse?.(pid);
    if (holds) for (const pid of joined) announcer.begin(pid, !source.sawBirth?.(pid));
    joined.forEach(announcer.describe);
    const learnOne = async (pid: number) => {
      await source.add(pid);
      announcer.learn(pid);
    };
    await Promise.all(joined.map(learnOne));
  };
  const poll = () => {
    const change = watch.poll();
    if (change.joined.length + change.left.length + change.refused.length > 0) void join(change);
    change.named.forEach(announcer.describe);
    if (watch.ended()) ending.reach();
  };

  const timers: NodeJS.Timeout[] = [];
  try {
    gate.emit([traceEvent(source.name)]);
    for (const [i, pid] of joined.entries()) {
      announcer.describe(pid);
      announcer.learn(pid);
      if (i % DESCRIBED_AT_ONCE === DESCRIBED_AT_ONCE - 1) await new Promise(setImmediate);
    }
    timers.push(setInterval(poll, CHILDREN_MS));
    timers.push(setInterval(() => watch.retitled().forEach(announcer.describe), TITLES_MS));
    await ending.reached;
  } finally {
    timers.forEach(clearInterval);
    ending.close();
    await source.stop();
    announcer.finish();
  }
}

interface Ending {
  /** Resolves at the end; rejects where the source broke. */
  reached: Promise<void>;
  reach(): void;
  fail(failure: Failure): void;
  close(): void;
}

function openEnding(stop: AbortSignal, duration: number | undefined): Ending {
  let reach!: () => void;
  let fail!: (failure: Failure) => void;
  const reached = new Promise<void>((resolve, reject) => {
    reach = resolve;
    fail = reject;
  });
  // A source may break while it is started; then its start fails as well, and nobody waits here.
  reached.catch(() => undefined);
  const timer = duration === undefined ? undefined : setTimeout(reach, duration * 1000);
  stop.addEventListener('abort', reach, { once: true });
  if (stop.aborted) reach();
  return {
    reached,
    reach,
    fail,
    close() {
      clearTimeout(timer);
      stop.removeEventListener('abort', reach);
    },
  };
}

/** Remembers that the reader asked to wait, whoever of us wrote last. */
function openGate(emit: CaptureOptions['emit']) {
  let waiting: Promise<void> | null = null;
  return {
    emit(events: Event[]): void {
      if (events.length === 0) return;
      const asked = emit(events);
      if (asked === null) return;
      waiting = asked;
      const done = () => {
        if (waiting === asked) waiting = null;
      };
      asked.then(done, done);
    },
    wait: () => waiting,
  };
}

function traceEvent(source: string): Event {
  return {
    type: 'trace',
    schema: SCHEMA,
    source,
    host: hostname(),
    clock: 'realtime',
    tool: `pgtrace-attach ${VERSION}`,
  };
}
