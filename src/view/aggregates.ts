/**
 * Events to aggregates: the one core of pgtrace-summary and pgtrace-top.
 *
 * Feed it resolved events with `write()` or `take()`; draw from it at any time: `objects` (rows by relation, each with its tally
 * and forks), `processes`, `calls`, `total()`. Everything there is live and to be read only; nothing is computed until
 * it is asked for: progress of a fork by progressAt() (progress.ts), its distinct blocks by blocksOf() (stream.ts),
 * percentiles by tally.latency, what a process is at by activityOf() (activity.ts).
 * Memory grows with objects and processes, not with events.
 */

import { SLOT } from '../event/cut.js';
import { cast, type Mould, type Values } from '../event/mould.js';
import type { Pg } from '../event/pg.js';
import type { BufferEvent, BuffersEvent, Event, SampleEvent, SyscallEvent } from '../event/types.js';
import { createForm, type Form, type Role, roleOf } from './forms.js';
import { createMeasure, hasNumber, type Measure, measure, measureLike, measureMoment } from './measure.js';
import { createObjects, type ForkStat, forkOf, type ObjectStat, occupy } from './objects.js';
import { createProcesses, type ProcessStat } from './processes.js';
import { Pace, Rate } from './rate.js';
import { regroup, release, sized } from './readers.js';
import { stepByAccess, stepByCall, stepBySample } from './steps.js';
import { Tally } from './tally.js';
import type { Work } from './work.js';

/** A file that is neither below the data directory nor the kernel's own. */
const OUTSIDE = /^\/(?!(?:dev|proc|sys)\/)/;

export interface Aggregates {
  write(events: readonly Event[]): void;
  take(event: Event): void;
  /** Takes the event that cast() would make of these, as take() does, and faster. */
  takeLike(mould: Mould, values: Values): void;
  /** In the order they were met. */
  readonly objects: readonly ObjectStat[];
  /** The objects that events were of since this was called last; null the first time: any may have been. */
  takeTouched(): readonly ObjectStat[] | null;
  /** By pid. Processes that ended stay. */
  readonly processes: ReadonlyMap<number, ProcessStat>;
  readonly calls: ReadonlyMap<string, Tally>;
  /** The sum of all processes. */
  total(): Tally;
  /** Of late: calls; seconds in them (samples, where only moments are seen) and bytes moved. */
  readonly callRate: Rate;
  readonly pace: Pace;
  /** What the source could not deliver, and what no rule understood. */
  lost(): number;
  unparsed(): number;
  /** The first and the last time in the trace, in seconds; null where it has none. */
  firstTs(): number | null;
  lastTs(): number | null;
  /** The source of the trace event, such as `ftrace`; null where there was none. */
  source(): string | null;
}

/** What take() is to see, whatever its form. */
const OTHER = {};

export function createAggregates(): Aggregates {
  const objects = createObjects();
  const processes = createProcesses();
  const calls = new Map<string, Tally>();
  const callRate = new Rate();
  const pace = new Pace();
  const call = createMeasure();
  /** Null while nobody asks for it. */
  let touched: ObjectStat[] | null = null;
  let lost = 0;
  let unparsed = 0;
  /** In the trace's seconds; NaN before anything with a time. */
  const span = { first: Number.NaN, last: Number.NaN };
  let source: string | null = null;

  function syscall(event: SyscallEvent): void {
    const { pg } = event;
    measure(call, event);
    const process = processes.of(event.pid);
    const object = objects.of(pg, event.path);
    count(process, object, callTally(event.call));
    if (pg?.kind === 'relation')
      relationCall(process, forkOf(object, pg.fork ?? 'main'), roleOf(event), pg.segment ?? 0);
    else otherCall(pg, event.call, event.size ?? -1, process.group.work);
    if (event.pg2 !== undefined && call.flow === 'copy') {
      const written = objects.of(event.pg2, event.outpath);
      written.tally.written += call.bytes;
      if (!written.touched) touch(written);
    }
  }

  function takeLike(mould: Mould, values: Values): void {
    mould.kept ??= keep(mould);
    if (mould.kept === OTHER) take(cast(mould, values));
    else formed(mould.kept as Form, values.numbers);
  }

  /** Where a temporary file is read, and of WAL what, is in its `pg`, which only take() is given. */
  function keep({ event, slots }: Mould): Form | typeof OTHER {
    if (event.type !== 'syscall' || event.pg2 !== undefined) return OTHER;
    const { pg, path } = event;
    if (pg?.kind === 'temp' || pg?.kind === 'wal') return OTHER;
    const object = objects.of(pg, path);
    const fork = pg?.kind === 'relation' ? forkOf(object, pg.fork ?? 'main') : null;
    return createForm(event, slots, object, fork, callTally(event.call));
  }

  function formed(form: Form, numbers: Float64Array): void {
    measureLike(call, form, numbers);
    const { object, fork } = form;
    const process = processes.of(hasNumber(form, SLOT.pid) ? numbers[SLOT.pid]! : form.pid);
    // Another form may have told another name since.
    if (object.pg !== form.named) form.named = objects.of(form.pg, form.path).pg;
    count(process, object, form.calls);
    if (fork !== null) relationCall(process, fork, form.role, form.segment);
    else {
      const size = hasNumber(form, SLOT.size) ? numbers[SLOT.size]! : -1;
      otherCall(form.pg, form.call, size, process.group.work);
    }
  }

  /** The call that was measured. */
  function count(process: ProcessStat, object: ObjectStat, tally: Tally): void {
    process.tally.add(call);
    object.tally.add(call);
    tally.add(call);
    occupy(object, process, call);
    if (!object.touched) touch(object);
    see(process, call);
    callRate.add(1, call);
    pace.add(call);
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

  function relationCall(process: ProcessStat, fork: ForkStat, role: Role, segment: number): void {
    const { group } = process;
    if (call.total >= 0) fork.total = call.total;
    if (role === 'sized') {
      sized(fork, group, call.ts);
      group.work.size(fork, segment);
    }
    if (fork.name !== 'main') group.work.touchMap(fork);
    else if (role === 'made' && !call.failed) group.work.create(fork.object);
    else if (role === 'extended') group.work.write(fork);
    if (call.bytes > 0 && call.block >= 0) stepByCall(process, fork, call);
  }

  /** @param size of the file, -1 where the call does not tell */
  function otherCall(pg: Pg | undefined, name: string, size: number, work: Work): void {
    if (pg === undefined) {
      if (name === 'unlink' && !call.failed) work.spill.unlinked();
    } else if (pg.kind === 'temp') work.spill.call(pg, name, call);
    else if (pg.kind === 'socket') work.socket(call);
    else if (pg.kind === 'wal') work.wal(pg, call);
    else if (pg.kind === 'pipe') work.pipe(call);
    else if (pg.kind === 'other' && pg.file !== undefined && OUTSIDE.test(pg.file)) {
      if (size >= 0) work.open(pg.file, size);
      work.outside(pg.file, name, call);
    }
  }

  function access({ pid, ts, fork: name, hit, pg }: BufferEvent): void {
    const process = processes.of(pid);
    const object = objects.of(pg, undefined);
    accessed(process, object, 1);
    if (hit !== true || pg?.kind !== 'relation' || pg.block === undefined) return;
    measureMoment(call, ts, pg);
    see(process, call);
    occupy(object, process, call);
    const fork = forkOf(object, name);
    if (call.total >= 0) fork.total = call.total;
    stepByAccess(process, fork, call);
  }

  function accesses({ pid, ts, count, pg }: BuffersEvent): void {
    const process = processes.of(pid);
    const object = objects.of(pg, undefined);
    accessed(process, object, count);
    measureMoment(call, ts, pg);
    see(process, call);
    occupy(object, process, call);
  }

  function accessed(process: ProcessStat, object: ObjectStat, count: number): void {
    process.tally.accesses += count;
    object.tally.accesses += count;
    if (!object.touched) touch(object);
  }

  function sample(event: SampleEvent): void {
    const process = processes.of(event.pid);
    const object = objects.of(event.pg, event.path);
    measureMoment(call, event.ts, event.pg);
    see(process, call);
    call.busy = 1;
    process.tally.samples++;
    object.tally.samples++;
    occupy(object, process, call);
    if (!object.touched) touch(object);
    counters(process, event);
    pace.add(call);
    if (event.pg?.kind !== 'relation') return;
    const fork = forkOf(object, event.pg.fork ?? 'main');
    if (call.total >= 0) fork.total = call.total;
    if (call.block >= 0) stepBySample(process, fork, call, event.call?.includes('write') === true);
  }

  /** Between two samples the counters of /proc/PID/io say how much there was. */
  function counters(process: ProcessStat, { rchar, wchar }: SampleEvent): void {
    if (rchar === undefined || wchar === undefined) return;
    if (process.rchar >= 0) {
      const read = Math.max(0, rchar - process.rchar);
      const written = Math.max(0, wchar - process.wchar);
      process.tally.read += read;
      process.tally.written += written;
      call.bytes = read + written;
    }
    if (process.rchar < 0) process.firstRchar = rchar;
    process.rchar = rchar;
    process.wchar = wchar;
  }

  function see(process: ProcessStat, event: Measure): void {
    const { ts } = event;
    if (Number.isNaN(ts)) return;
    const end = ts + event.busy;
    if (Number.isNaN(span.first)) span.first = ts;
    if (!(end <= span.last)) span.last = end;
    if (Number.isNaN(process.firstTs)) process.firstTs = ts;
    if (!(end <= process.lastTs)) process.lastTs = end;
  }

  function callTally(name: string): Tally {
    let tally = calls.get(name);
    if (tally === undefined) {
      tally = new Tally();
      calls.set(name, tally);
    }
    return tally;
  }

  function total(): Tally {
    const sum = new Tally();
    for (const { tally } of processes.all.values()) sum.addAll(tally);
    return sum;
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
    take,
    takeLike,
    objects: objects.all,
    takeTouched,
    processes: processes.all,
    calls,
    total,
    callRate,
    pace,
    lost: () => lost,
    unparsed: () => unparsed,
    firstTs: () => (Number.isNaN(span.first) ? null : span.first),
    lastTs: () => (Number.isNaN(span.last) ? null : span.last),
    source: () => source,
  };
}
