/** The names of processes, for traces that have them on each line: a new one is an event. */
import type { Event } from '../event/types.js';

/** What is kept costs; beyond, a name is told again. */
const MOST = 65536;

export class Comms {
  private readonly byPid = new Map<number, string>();

  tell(pid: number, comm: string, ts: number | null, out: Event[]): void {
    if (this.byPid.get(pid) === comm) return;
    if (this.byPid.size >= MOST) this.byPid.clear();
    this.byPid.set(pid, comm);
    out.push({ type: 'process', ts, pid, comm });
  }
}
