/** Accesses of shared buffers, out of the look-ups and entries of their table. Pure. */
import type { BufferEvent, Event } from '../../event/types.js';
import { FORKS } from '../../postgres/layout/probes.js';

/** Calls before which a block that was missed has been entered: it is not read, and no answer sent, without. */
const AFTER_ENTRY = new Set([
  'read',
  'pread64',
  'readv',
  'preadv',
  'preadv2',
  'io_uring_enter',
  'sendto',
  'recvfrom',
  'epoll_wait',
  'epoll_pwait',
  'exit_group',
]);

interface Process {
  /** Of which it is not known yet whether it was a hit; and its tag's words. */
  pending: BufferEvent | null;
  tag: Int32Array;
  /** The tag that is about to be looked up is not accessed. */
  prefetch: { fork: number; block: number } | null;
}

export class BufferAccesses {
  #processes = new Map<number, Process>();
  #last: Process | undefined;
  #lastPid = -1;

  /** The five words of a tag from `at` on. */
  lookedUp(pid: number, ts: number, words: Int32Array, at: number, into: Event[]): void {
    const process = this.#process(pid);
    if (process.pending !== null) process.pending.hit = true;
    process.pending = null;
    const { prefetch, tag } = process;
    process.prefetch = null;
    if (prefetch !== null && prefetch.fork === words[at + 3] && prefetch.block === words[at + 4]) return;
    for (let i = 0; i < 5; i++) tag[i] = words[at + i]!;
    const event: BufferEvent = {
      type: 'buffer',
      ts,
      pid,
      tablespace: tag[0]! >>> 0,
      databaseOid: tag[1]! >>> 0,
      filenode: tag[2]! >>> 0,
      fork: FORKS[tag[3]!] ?? String(tag[3]),
      block: tag[4]! >>> 0,
    };
    process.pending = event;
    into.push(event);
  }

  /** What was looked up last was not there, if it is entered now. */
  entered(pid: number, words: Int32Array, at: number): void {
    const process = this.#process(pid);
    const { pending, tag } = process;
    if (pending === null || tag.some((word, i) => word !== words[at + i])) return;
    pending.hit = false;
    process.pending = null;
  }

  prefetching(pid: number, fork: number, block: number): void {
    this.#process(pid).prefetch = { fork, block };
  }

  /** A process begins a system call, or tells what it does. */
  calls(pid: number, call: string): void {
    const process = this.#lastPid === pid ? this.#last : this.#processes.get(pid);
    if (process === undefined || process.pending === null || !AFTER_ENTRY.has(call)) return;
    process.pending.hit = true;
    process.pending = null;
  }

  /** Events are missing: what comes next says nothing of what came before. */
  lost(): void {
    for (const process of this.#processes.values()) {
      process.pending = null;
      process.prefetch = null;
    }
  }

  forget(pid: number): void {
    this.#processes.delete(pid);
    this.#lastPid = -1;
  }

  /** The accesses that are not decided yet; those before `since` stay undecided for good. */
  pending(since: number): ReadonlySet<Event> {
    const found = new Set<Event>();
    for (const process of this.#processes.values()) {
      const { pending } = process;
      if (pending === null) continue;
      if (pending.ts < since) process.pending = null;
      else found.add(pending);
    }
    return found;
  }

  #process(pid: number): Process {
    if (this.#lastPid === pid && this.#last !== undefined) return this.#last;
    let process = this.#processes.get(pid);
    if (process === undefined) {
      process = { pending: null, tag: new Int32Array(5), prefetch: null };
      this.#processes.set(pid, process);
    }
    this.#last = process;
    this.#lastPid = pid;
    return process;
  }
}
