/** Every file that the trace shows, looked up once. */
import type { OpenFile } from './descriptors.js';
import { learn, locate, type Places } from './locate.js';
import type { Cause, Reload } from './reload.js';
import { createSize, type Size } from './sizes.js';
import { type ClusterView, type Counter, createTarget, refreshTarget, type Target } from './target.js';
import type { Touch } from './touch.js';

export interface Targets {
  places: Places;
  cluster: ClusterView | null;
  byPath: Map<string, Target>;
  sizes: Map<string, Size>;
  counters: Map<string, Counter>;
  /** The database that a process works in, by pid, where an event has told it. */
  databases: Map<number, string>;
  /** Grows with time, at most once a batch; what is said of a file is asked for once in each. */
  tick: number;
  /** As `tick`, but more often: for what has no name yet. */
  quick: number;
  /** A catalog was seen being written, and not read again since. */
  moved: boolean;
  /** The names are those of a time after this batch of events came. */
  current: boolean;
  /** How often the catalogs were read again. */
  readings: number;
  reload: Reload;
}

/** Entries that are kept; beyond, all are dropped, and made again when they are asked for. */
const MAX_KEPT = 20_000;
/** Reasons that are counted by their own names. */
const MAX_REASONS = 100;
const UNSEEN = 'descriptor was not seen being opened';
const UNSEEN_LOST = 'descriptor was not seen being opened; events were lost';
const UNPLACED = 'path counts from a directory that is not known';

export function createTargets(
  places: Places,
  cluster: ClusterView | null,
  reload: Reload = () => false,
): Targets {
  return {
    places,
    cluster,
    byPath: new Map(),
    sizes: new Map(),
    counters: new Map(),
    databases: new Map(),
    tick: 0,
    quick: 0,
    moved: false,
    current: false,
    readings: 0,
    reload,
  };
}

/** Another cluster answers from now on. */
export function setCluster(targets: Targets, cluster: ClusterView): void {
  targets.cluster = cluster;
  targets.places.generation++;
}

/** What is touched; null where the event touches nothing that can be told. */
export function targetOf(targets: Targets, touch: Touch, lossy: boolean): Target | null {
  let target: Target | null;
  if (touch.file !== null) target = targetOfFile(targets, touch.file);
  else if (touch.path !== null) target = targetOfPath(targets, touch.path);
  else if (touch.unknown) target = unresolved(targets, lossy ? UNSEEN_LOST : UNSEEN);
  else target = touch.unplaced ? unresolved(targets, UNPLACED) : null;
  if (target === null) return null;
  const due = target.reason === null ? target.tick !== targets.tick : target.quick !== targets.quick;
  if (due) {
    target.quick = targets.quick;
    ask(targets, target);
  }
  // What a process makes short, or touches by its path alone, it may just have dropped.
  if (target.reason !== null || touch.size === 0 || touch.file === null) readFor(targets, target, 'pressing');
  if (due) readFor(targets, target, 'tick');
  if (target.reading !== targets.readings) refreshName(targets, target);
  return target;
}

/** Begins a batch: reads the catalogs again if something in them may have changed, and it is time for it. */
export function catchUp(targets: Targets): void {
  targets.current = false;
  if (targets.cluster !== null)
    readAgain(targets, targets.cluster, targets.moved ? 'written' : 'batch', () => undefined);
}

/** Learns from a path that was opened and what the trace shows of the descriptor that it gave. */
export function learnOpened(targets: Targets, opened: string, file: OpenFile): void {
  if (file.path !== null && file.path !== opened && !targets.byPath.has(file.path))
    learn(targets.places, opened, file.path);
}

export function targetOfPath(targets: Targets, path: string): Target {
  const known = targets.byPath.get(path);
  if (known !== undefined && known.generation === targets.places.generation) return known;
  const located = locate(targets.places, path);
  if (targets.byPath.size >= MAX_KEPT) targets.byPath.clear();
  const target = createTarget(located, targets.places.generation, targets.cluster, (first, segmentBlocks) =>
    sizeOf(targets, first, segmentBlocks),
  );
  targets.byPath.set(path, target);
  return target;
}

function targetOfFile(targets: Targets, file: OpenFile): Target {
  const { target } = file;
  if (target !== null && target.generation === targets.places.generation) return target;
  file.target = file.path === null ? made(targets, file.made) : targetOfPath(targets, file.path);
  return file.target;
}

/** A descriptor without a path: its call says what it is. */
function made(targets: Targets, kind: OpenFile['made']): Target {
  const located = { file: { kind, file: '', database: null, tablespace: null, slot: null }, reason: null };
  return createTarget(located, targets.places.generation, null, createSize);
}

/** The catalogs have been read since: what changed there may have changed its name. */
function refreshName(targets: Targets, target: Target): void {
  const { cluster, readings } = targets;
  target.reading = readings;
  const { file } = target.located;
  if (cluster === null || file.kind !== 'relation' || target.located.reason !== null) return;
  if (cluster.names.edition(file.database) !== target.edition) ask(targets, target);
}

/** Reads the catalogs again if it is time for it, for the sake of a relation's name. */
function readFor(targets: Targets, target: Target, cause: Cause): void {
  const { cluster, current } = targets;
  const { file, reason } = target.located;
  if ((current && cause === 'pressing') || cluster === null || file.kind !== 'relation' || reason !== null)
    return;
  readAgain(targets, cluster, cause, () => refreshName(targets, target));
}

function readAgain(targets: Targets, cluster: ClusterView, cause: Cause, use: () => void): void {
  const current = targets.reload(cluster, cause, () => {
    targets.moved = false;
    targets.readings++;
    use();
  });
  targets.current ||= current;
}

function ask(targets: Targets, target: Target): void {
  const { cluster, readings } = targets;
  const { file } = target.located;
  refreshTarget(
    target,
    cluster,
    targets.tick,
    (reason) => counterOf(targets, reason),
    (pid) => targets.databases.get(pid),
  );
  target.reading = readings;
  if (cluster !== null && file.kind === 'relation' && target.located.reason === null)
    target.edition = cluster.names.edition(file.database);
}

function unresolved(targets: Targets, reason: string): Target {
  const key = `\0${reason}`;
  let target = targets.byPath.get(key);
  if (target === undefined) {
    const file = { kind: 'other', file: '', database: null, tablespace: null, slot: null } as const;
    target = createTarget({ file, reason }, 0, null, createSize);
    targets.byPath.set(key, target);
  }
  return target;
}

function sizeOf(targets: Targets, first: string, segmentBlocks: number): Size {
  let size = targets.sizes.get(first);
  if (size === undefined) {
    if (targets.sizes.size >= MAX_KEPT) targets.sizes.clear();
    size = createSize(first, segmentBlocks);
    targets.sizes.set(first, size);
  }
  return size;
}

function counterOf(targets: Targets, reason: string): Counter {
  const name = targets.counters.size < MAX_REASONS ? reason : 'other reasons';
  let counter = targets.counters.get(name);
  if (counter === undefined) {
    counter = { events: 0 };
    targets.counters.set(name, counter);
  }
  return counter;
}
