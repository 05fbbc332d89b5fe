/** The traced processes, and which of them a line without a process is of. */
import type { Prefix } from './prefix.js';
import { Process } from './process.js';

/** No system has more processes (PID_MAX_LIMIT), but what is kept of each costs: the oldest are forgotten. */
const MOST_PROCESSES = 65536;

export class Processes {
  private readonly byPid = new Map<number | null, Process>();
  /** Those that strace follows, as far as its output to stderr told. */
  private readonly live = new Set<number>();
  private last: Process;
  /** The process of lines that name none. */
  nameless: Process;
  /** The same where nothing tells which. */
  readonly unknown: Process;

  constructor(pid: number | null) {
    this.unknown = new Process(pid);
    this.nameless = this.unknown;
    this.byPid.set(pid, this.unknown);
    this.last = this.unknown;
  }

  of(pid: number | null): Process {
    if (this.last.pid === pid) return this.last;
    let process = this.byPid.get(pid);
    if (process === undefined) {
      process = new Process(pid);
      if (this.byPid.size >= MOST_PROCESSES) this.forgetOldest();
      this.byPid.set(pid, process);
    }
    this.last = process;
    return process;
  }

  ofLine(prefix: Prefix): Process {
    if (prefix.pid === null) return this.nameless;
    if (prefix.bracketed && !this.live.has(prefix.pid)) {
      this.live.add(prefix.pid);
      this.nameNameless();
    }
    return this.of(prefix.pid);
  }

  /** strace says that it follows the process. */
  attached(pid: number): void {
    this.live.add(pid);
    this.nameNameless();
  }

  gone(process: Process): void {
    if (process.pid === null || process.pending !== null) return;
    if (this.live.delete(process.pid)) this.nameNameless();
    if (process !== this.unknown) this.byPid.delete(process.pid);
    if (process === this.last) this.last = this.unknown;
  }

  /**
   * On stderr strace leaves the process out while it follows only one. Which one is known from the `attached`
   * of -p, or from the lines in between that did name it.
   */
  private nameNameless(): void {
    const [only] = this.live;
    if (only === undefined) this.nameless = this.unknown;
    else if (this.live.size === 1) this.nameless = this.of(only);
  }

  private forgetOldest(): void {
    for (const [pid, process] of this.byPid) {
      if (process === this.unknown || process === this.nameless || process === this.last) continue;
      if (process.pending !== null) continue;
      this.byPid.delete(pid);
      return;
    }
  }
}
