/**
 * Events to aggregates: the one core of pgtrace-summary and pgtrace-top.
 *
 * Feed it batches of resolved events with `write()`; draw from it at any time: `objects` (rows by relation, each
 * with its tally and forks), `processes`, `calls`, `total`. Everything there is live and to be read only; nothing
 * is computed until it is asked for: progress of a fork by progressAt() (progress.ts), its distinct blocks by
 * blocksOf() (stream.ts), percentiles by tally.latency, what a process is at by activityOf() (activity.ts).
 * Memory grows with objects and processes, not with events.
 */
import type { Pg, PgRelation } from '../event/pg.js';
import type { BufferEvent, BuffersEvent, Event, SampleEvent, SyscallEvent } from '../event/types.js';
import { createObjects, forkOf, type ObjectStat, occupy } from './objects.js';
import { createProcesses, type ProcessStat } from './processes.js';
import { Rate } from './rate.js';
import { readerOf, readOf, regroup, release, scanOf, sized } from './readers.js';
import { streamOf } from './stream.js';
import { createMeasure, measure, Tally } from './tally.js';
import type { Work } from './work.js';

/** A file that is neither below the data directory nor the kernel's own. */
const OUTSIDE = /^\/(?!(?:dev|proc|sys)\/)/;

/** BLCKSZ of all but servers that were built otherwise. */
const BLOCK = 8192;

export interface Aggregates {
  write(events: readonly Event[]): void;
  /** In the order they were met. */
  readonly objects: readonly ObjectStat[];
  /** The objects that events were of since this was called last; null the first time: any may have been. */
  takeTouched(): readonly ObjectStat[] | null;
  /** By pid. Processes that ended stay. */
  readonly processes: ReadonlyMap<number, ProcessStat>;
  readonly calls: ReadonlyMap<string, Tally>;
  readonly total: Tally;
  /** Of late, a second: calls, bytes, and seconds in calls (samples, where only moments are seen). */
  readonly callRate: Rate;
  readonly byteRate: Rate;
  readonly busyRate: Rate;
  /** What the source could not deliver, and what no rule understood. */
  lost(): number;
  unparsed(): number;
  /** The first and the last time in the trace, in seconds; null where it has none. */
  firstTs(): number | null;
  lastTs(): number | null;
  /** The source of the trace event, such as `ftrace`; null where there was none. */
  source(): string | null;
}

export function createAggregates(): Aggregates {
  const objects = createObjects();
  const processes = createProcesses();
  const calls = new Map<string, Tally>();
  const total = new Tally();
  const callRate = new Rate();
  const byteRate = new Rate();
  const busyRate = new Rate();
  const call = createMeasure();
  /** Null while nobody asks for it. */
  let touched: ObjectStat[] | null = null;
  let lost = 0;
  let unparsed = 0;
  let firstTs: number | null = null;
  let lastTs: number | null = null;
  let source: string | null = null;

  function syscall(event: SyscallEvent): void {
    const { ts, pg } = event;
    measure(call, event);
    const process = processes.of(event.pid);
    const object = objects.of(pg, event.path);
    total.add(call);
    process.tally.add(call);
    object.tally.add(call);
    callTally(event.call).add(call);
    occupy(object, process, ts, event.dur ?? 0, call.bytes);
    if (!object.touched) touch(object);
    if (ts !== null) timed(process, ts, event.dur ?? 0);
    if (pg?.kind === 'relation') relationCall(event, process, object);
    else if (pg !== undefined) otherCall(pg, event, process.group.work);
    else if (event.call === 'unlink' && !call.failed) process.group.work.spill.unlinked();
    if (event.pg2 !== undefined && call.flow === 'copy') {
      const written = objects.of(event.pg2, event.outpath);
      written.tally.written += call.bytes;
      if (!written.touched) touch(written);
    }
  }

  function touch(object: ObjectStat): void {
    if (touched === null) return;
    object.touched = true;
    touched.push(object);
  }

  function takeTouched(): readonly ObjectStat[] | null {
    const taken = touched;
    touched = [];
    for (const object of taken ?? []) object.touched = false;
    return taken;
  }

  function timed(process: ProcessStat, ts: number, dur: number): void {
    see(process, ts, ts + dur);
    callRate.add(1, ts);
    busyRate.add(dur, ts);
    if (call.bytes === 0) return;
    byteRate.add(call.bytes, ts);
    if (call.flow !== 'write') process.reading.add(call.bytes, ts);
    if (call.flow !== 'read') process.writing.add(call.bytes, ts);
  }

  function relationCall(event: SyscallEvent, process: ProcessStat, object: ObjectStat): void {
    const pg = event.pg as PgRelation;
    const fork = forkOf(object, pg.fork ?? 'main');
    if (pg.total !== undefined) fork.total = pg.total;
    const writes = call.flow === 'write';
    const { work } = process.group;
    if (event.whence === 'SEEK_END') {
      sized(fork, process.group, event.ts);
      work.size(fork, pg.segment ?? 0);
    }
    if (fork.name !== 'main') work.touchMap(fork);
    else if (event.flags?.includes('O_CREAT') && !call.failed) work.create(object);
    // 16 and later extend a relation by fallocate(2), too.
    else if (event.call === 'fallocate') work.write(fork);
    if (call.bytes === 0 || pg.block === undefined) return;
    const blocks = pg.blocks ?? 1;
    const stream = streamOf(process, fork);
    if (stream.next >= 0) followUp(process, object, pg.block === stream.next);
    stream.blocks.add(pg.block, blocks);
    const group = writes ? process.group : readerOf(fork, process.group, pg.block);
    const scan = writes ? scanOf(fork, fork.writes, group) : readOf(fork, group, process.group);
    scan.step(pg.block, blocks, stream.next, fork.total, event.ts, false);
    if (event.ts !== null) scan.bytes.add(call.bytes, event.ts);
    stream.next = pg.block + blocks;
    if (writes) work.write(fork);
    else group.work.read(fork, pg.block, event.ts);
  }

  function otherCall(pg: Pg, { call: name, size }: SyscallEvent, work: Work): void {
    if (pg.kind === 'temp') work.spill.call(pg, name, call);
    else if (pg.kind === 'socket') work.socket(call);
    else if (pg.kind === 'wal') work.wal(pg, call);
    else if (pg.kind === 'pipe') work.pipe(call);
    else if (pg.kind === 'other' && pg.file !== undefined && OUTSIDE.test(pg.file)) {
      if (size !== undefined) work.open(pg.file, size);
      work.outside(pg.file, name, call);
    }
  }

  function followUp(process: ProcessStat, object: ObjectStat, continues: boolean): void {
    for (const tally of [total, process.tally, object.tally]) {
      tally.steps++;
      if (continues) tally.sequential++;
    }
  }

  /** A block that no call reads, since it is in shared buffers, moves a scan on as well. */
  function access({ pid, ts, fork: name, hit, pg }: BufferEvent): void {
    const process = processes.of(pid);
    const object = objects.of(pg, undefined);
    accessed(process, object, 1);
    if (hit !== true || pg?.kind !== 'relation' || pg.block === undefined) return;
    see(process, ts, ts);
    occupy(object, process, ts, 0, 0);
    const fork = forkOf(object, name);
    if (pg.total !== undefined) fork.total = pg.total;
    const stream = streamOf(process, fork);
    const scan = readOf(fork, readerOf(fork, process.group, pg.block), process.group);
    scan.step(pg.block, 1, stream.next, fork.total, ts, false);
    stream.next = pg.block + 1;
    process.group.work.read(fork, pg.block, ts);
  }

  function accesses({ pid, ts, count, pg }: BuffersEvent): void {
    const process = processes.of(pid);
    const object = objects.of(pg, undefined);
    accessed(process, object, count);
    see(process, ts, ts);
    occupy(object, process, ts, 0, 0);
  }

  function accessed(process: ProcessStat, object: ObjectStat, count: number): void {
    for (const tally of [total, process.tally, object.tally]) tally.accesses += count;
    if (!object.touched) touch(object);
  }

  function sample(event: SampleEvent): void {
    const process = processes.of(event.pid);
    const object = objects.of(event.pg, event.path);
    see(process, event.ts, event.ts);
    for (const tally of [total, process.tally, object.tally]) tally.samples++;
    occupy(object, process, event.ts, 1, 0);
    if (!object.touched) touch(object);
    busyRate.add(1, event.ts);
    counters(process, event);
    if (event.pg?.kind !== 'relation') return;
    const fork = forkOf(object, event.pg.fork ?? 'main');
    if (event.pg.total !== undefined) fork.total = event.pg.total;
    if (event.pg.block === undefined) return;
    const stream = streamOf(process, fork);
    stream.blocks.add(event.pg.block, event.pg.blocks ?? 1);
    const writes = event.call?.includes('write') === true;
    const group = writes ? process.group : readerOf(fork, process.group, event.pg.block);
    const scan = writes ? scanOf(fork, fork.writes, group) : readOf(fork, group, process.group);
    const begins = scan.position < 0;
    scan.step(event.pg.block, event.pg.blocks ?? 1, stream.next, fork.total, event.ts, true);
    if (begins && !writes && process.rchar >= 0)
      scan.counted((process.rchar - process.firstRchar) / BLOCK, fork.total);
    stream.next = event.pg.block + (event.pg.blocks ?? 1);
  }

  /** Between two samples the counters of /proc/PID/io say how much there was. */
  function counters(process: ProcessStat, { ts, rchar, wchar }: SampleEvent): void {
    if (rchar === undefined || wchar === undefined) return;
    if (process.rchar >= 0) {
      const read = Math.max(0, rchar - process.rchar);
      const written = Math.max(0, wchar - process.wchar);
      for (const tally of [total, process.tally]) {
        tally.read += read;
        tally.written += written;
      }
      process.reading.add(read, ts);
      process.writing.add(written, ts);
      byteRate.add(read + written, ts);
    }
    if (process.rchar < 0) process.firstRchar = rchar;
    process.rchar = rchar;
    process.wchar = wchar;
  }

  function see(process: ProcessStat, ts: number, end: number): void {
    firstTs ??= ts;
    if (lastTs === null || end > lastTs) lastTs = end;
    process.firstTs ??= ts;
    if (process.lastTs === null || end > process.lastTs) process.lastTs = end;
  }

  function callTally(name: string): Tally {
    let tally = calls.get(name);
    if (tally === undefined) {
      tally = new Tally();
      calls.set(name, tally);
    }
    return tally;
  }

  function learn(event: Event & { type: 'process' }): void {
    const process = processes.of(event.pid);
    const left = processes.learn(event);
    if (left !== null) regroup(left, process.group);
  }

  function end(process: ProcessStat): void {
    const { group } = process;
    processes.end(process);
    if (group.members.size === 0) release(group);
  }

  function take(event: Event): void {
    if (event.type === 'syscall') syscall(event);
    else if (event.type === 'buffer') access(event);
    else if (event.type === 'buffers') accesses(event);
    else if (event.type === 'sample') sample(event);
    else if (event.type === 'process') learn(event);
    else if (event.type === 'exit') end(processes.of(event.pid));
    else if (event.type === 'lost') lost += event.count;
    else if (event.type === 'unparsed') unparsed++;
    else if (event.type === 'trace') source = event.source;
  }

  return {
    write: (events) => events.forEach(take),
    objects: objects.all,
    takeTouched,
    processes: processes.all,
    calls,
    total,
    callRate,
    byteRate,
    busyRate,
    lost: () => lost,
    unparsed: () => unparsed,
    firstTs: () => firstTs,
    lastTs: () => lastTs,
    source: () => source,
  };
}
