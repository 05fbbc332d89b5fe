/** Every file that the trace shows, looked up once. */
import type { OpenFile } from './descriptors.js';
import { learn, locate, type Places } from './locate.js';
import type { Reload } from './reload.js';
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
  reload: Reload = () => undefined,
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
  if (due) refresh(targets, target);
  return target;
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

function refresh(targets: Targets, target: Target): void {
  const { cluster, tick } = targets;
  const counter = (reason: string) => counterOf(targets, reason);
  const databaseOf = (pid: number) => targets.databases.get(pid);
  target.quick = targets.quick;
  refreshTarget(target, cluster, tick, counter, databaseOf);
  const { file, reason } = target.located;
  if (cluster === null || file.kind !== 'relation' || reason !== null) return;
  const unnamed = target.reason !== null;
  targets.reload(cluster, unnamed || targets.moved, () => {
    targets.moved = false;
    refreshTarget(target, cluster, tick, counter, databaseOf);
  });
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
