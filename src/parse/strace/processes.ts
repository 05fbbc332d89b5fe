/** The traced processes, and which of them a line without a process is of. */
import type { Prefix } from './prefix.js';
import { Process } from './process.js';

/** No system has more processes (PID_MAX_LIMIT), but what is kept of each costs: the oldest are forgotten. */
const MOST_PROCESSES = 65536;

export class Processes {
  private readonly byPid = new Map<number | null, Process>();
  /** Those that strace follows, as far as its output to stderr told. */
  private readonly live = new Set<number>();
  /** A process is followed that no line has named yet: the one that strace itself started. */
  private anonymous = false;
  private last: Process;
  /** The process of lines that name none. */
  private nameless: Process;
  /** The same where nothing tells which. */
  readonly unknown: Process;
  /** The process of the next line, whose start another line had. */
  private resuming: Process | null = null;

  constructor(pid: number | null) {
    this.unknown = new Process(pid);
    this.byPid.set(pid, this.unknown);
    this.nameless = this.unknown;
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
    const { pid } = prefix;
    const { resuming } = this;
    this.resuming = null;
    if (pid === null) {
      if (resuming !== null) return resuming;
      if (this.live.size === 0) this.anonymous = true;
      return this.nameless;
    }
    if (prefix.bracketed && !this.live.has(pid)) {
      // strace told of every other process that it attached to it.
      this.anonymous = false;
      this.live.add(pid);
      this.nameNameless();
    }
    return this.of(pid);
  }

  /** Another process's message breaks the line of this process; the next line goes on with it. */
  breakLine(prefix: Prefix): void {
    this.resuming = prefix.pid === null ? this.nameless : null;
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
   * On stderr strace leaves the process out while it follows only one. Which one is known where -p made strace
   * tell, or where a line in between named it.
   */
  private nameNameless(): void {
    const [only] = this.live;
    const known = only !== undefined && this.live.size === 1 && !this.anonymous;
    this.nameless = known ? this.of(only) : this.unknown;
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
