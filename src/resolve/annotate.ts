/**
 * Event to `pg`: which file of the cluster it touches, as what object, at which block. One core for events that
 * stay text and events that are objects; only the last step differs.
 */
import { hostname } from 'node:os';
import type { Pg } from '../event/pg.js';
import type { BufferEvent, BuffersEvent, Event } from '../event/types.js';
import { bufferPath } from './buffer.js';
import { createFollower, type Follower, follow } from './follow.js';
import { adoptDirectory } from './locate.js';
import { proveSize, reachBlocks } from './sizes.js';
import { MAX_ID } from './slru.js';
import { createStatements, type Statements, statementOf } from './statements.js';
import { lsnAt, type Target } from './target.js';
import { learnOpened, type Targets, targetOf } from './targets.js';
import { createTouches, type Touch, type Touches } from './touch.js';

export interface Annotator {
  follower: Follower;
  targets: Targets;
  first: Spot;
  second: Spot;
  /** What a buffer access touches; calls have their touches from the follower. */
  buffer: Touches;
  statements: Statements;
  /** The statement that caused the event; -1 where none did. */
  statement: number;
}

/** Where an event touches a target. One object serves all events. */
export interface Spot {
  target: Target | null;
  /** -1 where it is not known, or the event touches no block. */
  block: number;
  blocks: number;
  total: number;
  /** The byte that the call begins with; -1 as for `block`. */
  offset: number;
}

export function createAnnotator(targets: Targets): Annotator {
  return {
    follower: createFollower(),
    targets,
    first: createSpot(),
    second: createSpot(),
    buffer: createTouches(),
    statements: createStatements(),
    statement: -1,
  };
}

/** Takes in an event; `first`, `second` and `statement` say then what becomes its `pg`, `pg2` and `statement`. */
export function annotate(annotator: Annotator, event: Event): void {
  const { targets } = annotator;
  annotator.statement = statementOf(annotator.statements, event);
  const touches = touchesOf(annotator, event);
  const { first, second } = touches;
  if (event.type === 'process') learnDatabase(targets, event.pid, event.database);
  else if (event.type === 'trace') {
    targets.databases.clear();
    targets.places.local = event.host === hostname();
  }
  // A process that has a version stands in its data directory: who wrote the event has looked.
  if (event.type === 'process' && event.cwd !== undefined && event.version !== undefined)
    adoptDirectory(targets.places, event.cwd);
  if (touches.opened !== null && first.file !== null) learnOpened(targets, touches.opened, first.file);
  spot(annotator, annotator.first, first);
  spot(annotator, annotator.second, second);
}

function touchesOf(annotator: Annotator, event: Event): Touches {
  if (event.type === 'buffer') return touchBuffer(annotator, event);
  if (event.type === 'buffers') return touchFork(annotator, event);
  return follow(annotator.follower, event);
}

/** A pid that is told again without a database is another process. */
function learnDatabase({ databases }: Targets, pid: number, database: string | undefined): void {
  if (database === undefined) databases.delete(pid);
  else databases.set(pid, database);
}

/** A spot's `pg` as JSON. */
export function spotText(at: Spot): string {
  const { head, tail, lsn, perPage } = at.target!;
  if (at.block < 0) {
    if (lsn !== null && at.offset >= 0) return `${head},"lsn":"${lsnAt(lsn, at.offset)}"${tail}`;
    return at.total < 0 ? head + tail : `${head},"total":${at.total}${tail}`;
  }
  let text = `${head},"block":${at.block}`;
  if (at.blocks >= 0) text += `,"blocks":${at.blocks}`;
  if (at.total >= 0) text += `,"total":${at.total}`;
  if (perPage > 0) text += `,"first":${firstId(at, perPage)},"last":${lastId(at, perPage)}`;
  return text + tail;
}

/** A spot's `pg` as an object; one without numbers of the call's own may be shared. */
export function spotObject(at: Spot): Pg {
  const target = at.target!;
  const inWal = target.lsn !== null && at.offset >= 0;
  if (at.block < 0 && !inWal) return plainObject(target, at);
  const complete = inWal || (at.blocks >= 0 && (target.size === null || at.total >= 0));
  if (!complete) return JSON.parse(spotText(at)) as Pg;
  target.whole ??= JSON.parse(spotText(at)) as Pg;
  const pg = { ...target.whole } as Numbers;
  if (inWal) {
    pg.lsn = lsnAt(target.lsn!, at.offset);
    return pg as Pg;
  }
  pg.block = at.block;
  pg.blocks = at.blocks;
  if (target.size !== null) pg.total = at.total;
  if (target.perPage > 0) {
    pg.first = firstId(at, target.perPage);
    pg.last = lastId(at, target.perPage);
  }
  return pg as Pg;
}

/** What changes with each call. */
type Numbers = { kind: Pg['kind'] } & Partial<
  Record<'block' | 'blocks' | 'total' | 'first' | 'last', number> & Record<'lsn', string>
>;

function plainObject(target: Target, at: Spot): Pg {
  if (target.plain === null || target.plainTotal !== at.total) {
    target.plain = JSON.parse(spotText(at)) as Pg;
    target.plainTotal = at.total;
  }
  return target.plain;
}

function createSpot(): Spot {
  return { target: null, block: -1, blocks: -1, total: -1, offset: -1 };
}

function spot({ targets, follower }: Annotator, at: Spot, touch: Touch): void {
  const target = targetOf(targets, touch, follower.processes.lossy);
  at.target = target;
  at.block = -1;
  at.blocks = -1;
  at.total = -1;
  at.offset = touch.offset;
  if (target === null) return;
  if (target.counter !== null) target.counter.events++;
  // A map is written under another name and renamed.
  if (target.isCatalog && (touch.reaches || touch.file === null)) targets.moved = true;
  const { base, size } = target;
  if (base === null) return;
  const { blockSize } = targets.cluster!;
  const { offset, length } = touch;
  if (offset >= 0) {
    const before = Math.floor(offset / blockSize);
    at.block = base + before;
    if (length >= 0)
      at.blocks = length === 0 ? 0 : Math.floor((offset + length - 1) / blockSize) - before + 1;
  }
  if (size === null) return;
  if (touch.size >= 0) {
    const { file } = target.located;
    proveSize(size, file.kind === 'relation' ? file.segment : 0, touch.size, blockSize);
  } else if (touch.reaches && at.blocks > 0) {
    reachBlocks(size, at.block + at.blocks);
  }
  at.total = size.blocks;
}

function firstId(at: Spot, perPage: number): number {
  return at.block * perPage;
}

function lastId(at: Spot, perPage: number): number {
  return Math.min(firstId(at, perPage) + Math.max(1, at.blocks) * perPage - 1, MAX_ID);
}

function touchFork({ buffer, targets }: Annotator, event: BuffersEvent): Touches {
  const { first } = buffer;
  first.path = bufferPath(event, 0, targets.cluster?.versionFolder ?? null);
  first.offset = -1;
  first.length = -1;
  return buffer;
}

function touchBuffer({ buffer, targets }: Annotator, event: BufferEvent): Touches {
  const { first } = buffer;
  const { cluster } = targets;
  const segment = cluster === null ? 0 : Math.floor(event.block / cluster.segmentBlocks);
  first.path = bufferPath(event, segment, cluster?.versionFolder ?? null);
  first.offset = cluster === null ? -1 : (event.block - segment * cluster.segmentBlocks) * cluster.blockSize;
  first.length = cluster === null ? -1 : cluster.blockSize;
  return buffer;
}
