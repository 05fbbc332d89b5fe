/**
 * A process at the beginning of its trace: its calls are held back until it is known what its descriptors
 * meant before the first of them.
 */
import type { Event, FdEvent } from '../event/types.js';
import { realtime } from './clock.js';
import type { ProcFs } from './inventory/procfs.js';
import { type Shot, settleFiles } from './position.js';
import { takeShot } from './shot.js';

/** How long a source may take to tell what it saw; ftrace's buffers are read forty times a second. */
const DELAY_MS = 250;
/** A process that is busy with a file gets several chances to be seen between two calls. */
const SHOTS = 4;
const BETWEEN_SHOTS_MS = 10;

export interface Joining {
  /**
   * Holds back what the process does from now on. A newborn one should be traced from its beginning: what it
   * has done before is `lost`.
   */
  begin(pid: number, newborn: boolean): void;
  /** What the process has open, read after tracing was on; it is told before all that was held. */
  settle(pid: number, files: readonly FdEvent[]): void;
  /** What of a batch need not be held. */
  pass(batch: Event[]): Event[];
  /** Tells all that is held, with what is known now. */
  finish(): void;
}

interface Held {
  events: Event[];
  /** What its parallel workers did meanwhile: for its statement, whose beginning is to come first. */
  followers: Event[];
  /** Reads and writes made until a moment; null for a process whose past does not matter. */
  made: { count: number; at: number; alive: boolean } | null;
  files: readonly FdEvent[];
  shots: Shot[];
  /** When all is read; infinite before. */
  readAt: number;
  timer: NodeJS.Timeout | undefined;
}

export function openJoining(proc: ProcFs, emit: (events: Event[]) => void): Joining {
  const joining = new Map<number, Held>();
  /** By parallel worker. */
  const leaders = new Map<number, number>();

  const leaderOf = (pid: number): Held | undefined => {
    const leader = leaders.get(pid);
    return leader === undefined ? undefined : joining.get(leader);
  };

  const release = (pid: number, held: Held) => {
    clearTimeout(held.timer);
    joining.delete(pid);
    const { events, followers } = held;
    const told = followers.length === 0 ? events : inOrder([...events, ...followers]);
    const all = [...missedBy(pid, held), ...settleFiles(held.files, held.shots, events), ...told];
    const leader = leaderOf(pid);
    if (leader === undefined) emit(all);
    else for (const event of all) leader.followers.push(event);
  };

  return {
    begin(pid, newborn) {
      const made = newborn ? { count: proc.ioCalls(pid) ?? 0, at: realtime(), alive: true } : null;
      joining.set(pid, {
        events: [],
        followers: [],
        made,
        files: [],
        shots: [],
        readAt: Number.POSITIVE_INFINITY,
        timer: undefined,
      });
    },
    settle(pid, files) {
      const held = joining.get(pid);
      if (held === undefined) {
        emit([...files]);
        return;
      }
      held.files = files;
      if (held.made !== null) {
        const count = proc.ioCalls(pid);
        held.made = { count: count ?? held.made.count, at: realtime(), alive: count !== null };
      }
      const fds = files.filter((file) => file.path.startsWith('/')).map((file) => file.fd);
      const shoot = () => {
        const shot = takeShot(proc, pid, fds);
        held.shots.push(shot);
        const idle = shot.blocked && shot.moving === null;
        if (held.shots.length < SHOTS && fds.length > 0 && !idle)
          held.timer = setTimeout(shoot, BETWEEN_SHOTS_MS);
        else {
          held.readAt = shot.to;
          held.timer = setTimeout(() => release(pid, held), DELAY_MS);
        }
      };
      shoot();
    },
    pass(batch) {
      if (joining.size === 0) return batch;
      const free: Event[] = [];
      const ready = new Map<number, Held>();
      for (const event of batch) {
        const pid = 'pid' in event ? event.pid : null;
        const held = pid === null ? undefined : joining.get(pid);
        if (event.type === 'process' && event.leader !== undefined) leaders.set(event.pid, event.leader);
        else if (event.type === 'exit') leaders.delete(event.pid!);
        if (pid === null || held === undefined) (leaderOf(pid ?? 0)?.followers ?? free).push(event);
        else {
          held.events.push(event);
          // The source has told all that came before.
          if ('ts' in event && event.ts !== null && event.ts > held.readAt) ready.set(pid, held);
        }
      }
      for (const [pid, held] of ready) release(pid, held);
      return free;
    },
    finish() {
      for (const [pid, held] of [...joining]) release(pid, held);
    },
  };
}

/** By the time at which they ended, as a source tells them; those without a time stay behind what comes before. */
function inOrder(events: readonly Event[]): Event[] {
  let last = Number.NEGATIVE_INFINITY;
  const timed = events.map((event) => {
    const { ts, dur } = event as { ts?: number | null; dur?: number };
    // An ending statement has the time of its end.
    if (typeof ts === 'number') last = event.type === 'syscall' ? ts + (dur ?? 0) : ts;
    return { event, at: last };
  });
  return timed.sort((a, b) => a.at - b.at).map(({ event }) => event);
}

/** What counts in syscr and syscw: include/linux/task_io_accounting_ops.h, and add_rchar() in fs/read_write.c. */
const IO_CALL = /^(?:p?read|p?write)(?:64|v|v2)?$|^sendfile$|^copy_file_range$/;

/** The process had made so many calls: those that were not traced came before. */
function missedBy(pid: number, { made, events }: Held): Event[] {
  if (made === null) return [];
  const { count, at, alive } = made;
  const told = events.filter(
    (event) => event.type === 'syscall' && IO_CALL.test(event.call) && event.ts !== null && event.ts <= at,
  ).length;
  const missed = Math.max(0, count - told);
  if (!alive && events.length === 0) {
    const reason = `process ${pid} ended before it was joined; reads and writes seen to be made by then`;
    return [{ type: 'lost', ts: at, pid, count: missed, reason }];
  }
  const reason = `reads and writes of process ${pid} before it was joined`;
  return missed === 0 ? [] : [{ type: 'lost', ts: at, pid, count: missed, reason }];
}
