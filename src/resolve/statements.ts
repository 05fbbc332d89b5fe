/** Which statement a process works for: its own, or as a parallel worker its leader's. */
import type { Event } from '../event/types.js';

/** A worker's events may be told some tenths of a second after those of its leader: so many statements are kept. */
const KEPT = 256;

interface Statement {
  number: number;
  /** Seconds since the epoch; `end` is infinite while it runs. */
  begin: number;
  end: number;
}

export interface Statements {
  /** By process, the oldest first. */
  byPid: Map<number, Statement[]>;
  /** By parallel worker. */
  leaders: Map<number, number>;
}

export function createStatements(): Statements {
  return { byPid: new Map(), leaders: new Map() };
}

/** Takes in an event; the number of the statement that caused it, -1 where none did. */
export function statementOf(statements: Statements, event: Event): number {
  const { byPid, leaders } = statements;
  switch (event.type) {
    case 'syscall':
    case 'buffer': {
      const { pid, ts } = event;
      if (byPid.size === 0 || pid === null || ts === null) return -1;
      const leader = leaders.get(pid);
      const ofLeader = leader === undefined ? -1 : running(byPid.get(leader), ts);
      return ofLeader >= 0 ? ofLeader : running(byPid.get(pid), ts);
    }
    case 'statement': {
      const { pid, ts, number, dur } = event;
      if (number !== undefined) take(statements, pid, number, ts, dur);
      const leader = leaders.get(pid);
      return leader === undefined ? -1 : running(byPid.get(leader), dur === undefined ? ts : ts - dur);
    }
    case 'process':
      if (event.leader !== undefined) leaders.set(event.pid, event.leader);
      return -1;
    case 'exit':
      if (event.pid !== null) {
        byPid.delete(event.pid);
        leaders.delete(event.pid);
      }
      return -1;
    default:
      return -1;
  }
}

function take({ byPid }: Statements, pid: number, number: number, ts: number, dur: number | undefined): void {
  let known = byPid.get(pid);
  if (known === undefined) {
    known = [];
    byPid.set(pid, known);
  }
  const last = known.at(-1);
  if (dur !== undefined) {
    if (last?.number === number) last.end = ts;
    return;
  }
  // Its end was lost.
  if (last !== undefined && ts < last.end) last.end = ts;
  if (known.length === KEPT) known.splice(0, KEPT / 2);
  known.push({ number, begin: ts, end: Number.POSITIVE_INFINITY });
}

function running(known: readonly Statement[] | undefined, ts: number): number {
  if (known === undefined) return -1;
  for (let i = known.length - 1; i >= 0; i--) {
    const { number, begin, end } = known[i]!;
    if (ts >= begin) return ts <= end ? number : -1;
  }
  return -1;
}
