/**
 * Which file a descriptor is, proven. The kernel's event tells the number that an open returned, the link
 * /proc/PID/fd/N what that number means a moment later. The link is of this open if nothing ended the
 * descriptor before it was read, and that is known once every event older than the reading has been seen.
 */
import type { FdEvent, SyscallEvent } from '../../event/types.js';

interface Opening {
  /** The call that returned the descriptor, or the `fd` event that is to tell it. */
  event: SyscallEvent | FdEvent;
  link: Link | null;
  /** When the link had been read, in the time of the events. */
  readAt: number;
}

export interface Link {
  path: string;
  /** The file has been unlinked. */
  deleted: boolean;
  /** Its bytes; undefined for what is no regular file. */
  size: number | undefined;
}

/** What a descriptor's link says, null where it is gone. */
export type ReadLink = (pid: number, fd: number) => Link | null;

export class Proofs {
  #openings = new Map<number, Map<number, Opening>>();
  #pending = 0;
  #unproven = 0;

  /** How many openings wait for their proof. */
  get pending(): number {
    return this.#pending;
  }

  /** How many openings no path could be proven for, until now. */
  get unproven(): number {
    return this.#unproven;
  }

  /** From `event` on `fd` is what is to be found out: a call returned it, or it was in use when events were lost. */
  opened(pid: number, fd: number, event: SyscallEvent | FdEvent): void {
    let fds = this.#openings.get(pid);
    if (fds === undefined) {
      fds = new Map();
      this.#openings.set(pid, fds);
    }
    // Opened again with no end seen between: one was lost, and the older cannot be proven any more.
    const before = fds.get(fd);
    if (before === undefined) this.#pending++;
    else this.#miss(before);
    fds.set(fd, { event, link: null, readAt: Number.POSITIVE_INFINITY });
  }

  /** At `time` a call began that ends the meaning of `fd`. */
  ended(pid: number, fd: number, time: number): void {
    const opening = this.#openings.get(pid)?.get(fd);
    if (opening !== undefined) this.#decide(pid, fd, opening, time > opening.readAt);
  }

  /** At `time` a call began, or the process exited, that ends any of its descriptors. */
  endedMany(pid: number, time: number): void {
    const fds = this.#openings.get(pid);
    if (fds === undefined) return;
    for (const [fd, opening] of fds) this.#decide(pid, fd, opening, time > opening.readAt);
  }

  /** What a process opened is not told: no path of it is missing. */
  forget(pid: number): void {
    this.#pending -= this.#openings.get(pid)?.size ?? 0;
    this.#openings.delete(pid);
  }

  /** Events were lost, an end of any descriptor may be among them. */
  gap(): void {
    for (const fds of this.#openings.values()) for (const opening of fds.values()) this.#miss(opening);
    this.#pending = 0;
    this.#openings.clear();
  }

  /** Every event until `horizon` has been seen: takes for proven what was read before. */
  settle(horizon: number): void {
    for (const [pid, fds] of this.#openings)
      for (const [fd, opening] of fds) if (opening.readAt <= horizon) this.#decide(pid, fd, opening, true);
  }

  /** Reads the links of the new openings. `now` gives the time of the events. */
  read(readLink: ReadLink, now: () => number): void {
    for (const [pid, fds] of this.#openings)
      for (const [fd, opening] of fds) {
        if (opening.link !== null) continue;
        opening.link = readLink(pid, fd);
        if (opening.link === null) this.#decide(pid, fd, opening, false);
        else opening.readAt = now();
      }
  }

  #decide(pid: number, fd: number, opening: Opening, proven: boolean): void {
    if (proven && opening.link !== null) putPath(opening.event, opening.link);
    else this.#miss(opening);
    this.#pending--;
    const fds = this.#openings.get(pid);
    fds?.delete(fd);
    if (fds?.size === 0) this.#openings.delete(pid);
  }

  #miss({ event }: Opening): void {
    if (!hasPath(event)) this.#unproven++;
  }
}

/** Of one that a probe told the path of, its size alone was to be found out. */
function hasPath(event: SyscallEvent | FdEvent): boolean {
  return event.type === 'syscall' && event.path !== undefined;
}

function putPath(event: SyscallEvent | FdEvent, { path, deleted, size }: Link): void {
  if (event.type === 'syscall') {
    event.retpath = path;
    if (size !== undefined) event.size = size;
  } else {
    event.path = path;
    if (deleted) event.deleted = true;
  }
}
