/** Which statement a process works for: its own, or as a parallel worker its leader's. */
import type { Event } from '../event/types.js';

export interface Statements {
  /** The number of the statement that each process runs. */
  running: Map<number, number>;
  /** By parallel worker. */
  leaders: Map<number, number>;
}

export function createStatements(): Statements {
  return { running: new Map(), leaders: new Map() };
}

/** Takes in an event; the number of the statement that caused it, -1 where none did. */
export function statementOf({ running, leaders }: Statements, event: Event): number {
  switch (event.type) {
    case 'syscall':
    case 'buffer':
      return running.size === 0 || event.pid === null ? -1 : runningOf(event.pid);
    case 'statement': {
      const { pid, number } = event;
      const leader = leaders.get(pid);
      const caused = leader === undefined ? -1 : (running.get(leader) ?? -1);
      if (number === undefined || event.dur !== undefined) running.delete(pid);
      else running.set(pid, number);
      return caused;
    }
    case 'process':
      if (event.leader !== undefined) leaders.set(event.pid, event.leader);
      return -1;
    case 'exit':
      if (event.pid !== null) {
        running.delete(event.pid);
        leaders.delete(event.pid);
      }
      return -1;
    default:
      return -1;
  }

  function runningOf(pid: number): number {
    const leader = leaders.get(pid);
    return (leader === undefined ? undefined : running.get(leader)) ?? running.get(pid) ?? -1;
  }
}
