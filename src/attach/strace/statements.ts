/** Statements among strace's events, out of what the servers and their clients say to each other. */
import type { Event, SyscallEvent } from '../../event/types.js';
import { Conversation } from '../protocol/conversation.js';
import { Statements, type TextOptions } from '../statement/statements.js';

/**
 * What strace must show of a string, in bytes: what a server reads and sends at once (PQ_RECV_BUFFER_SIZE and
 * PQ_SEND_BUFFER_SIZE of src/backend/libpq/pqcomm.c). More, since 17, is the inside of one message.
 */
export const SHOWN = 8192;

/** Of a message at least, in bytes: names stand before a text, and redacting needs more than is told. */
const LEAST_KEPT = 4096;

export class StraceStatements {
  /** What the dialect found in calls. */
  readonly carried = new WeakMap<SyscallEvent, Buffer>();
  #statements: Statements;
  #kept: number;
  #warn: (text: string) => void;
  /** By process and descriptor. */
  #conversations = new Map<number, Map<number, Conversation>>();
  /** Processes of which something was said that is not said again. */
  #warned = new Set<number>();

  constructor(texts: TextOptions, warn: (text: string) => void) {
    this.#statements = new Statements(texts);
    this.#kept = Math.max(LEAST_KEPT, texts.length) + 256;
    this.#warn = warn;
  }

  /** The events with the beginnings and ends of statements where they belong. */
  tell(events: readonly Event[]): Event[] {
    const told: Event[] = [];
    for (const event of events) {
      const data = event.type === 'syscall' ? this.carried.get(event) : undefined;
      if (data !== undefined) this.#carried(event as SyscallEvent, data, told);
      else {
        told.push(event);
        if (event.type === 'exit' && event.pid !== null) this.#forget(event.pid);
        else if (event.type === 'lost') this.#lost();
        else if (event.type === 'syscall' && event.call === 'close')
          this.#conversations.get(event.pid!)?.delete(event.fd!);
      }
    }
    return told;
  }

  #carried(event: SyscallEvent, data: Buffer, into: Event[]): void {
    const { pid, fd, ts, ret, call, dur = 0, length } = event;
    const total = Number(ret);
    if (pid === null || fd === undefined || ts === null || total <= 0) {
      into.push(event);
      return;
    }
    const conversation = this.#conversation(pid, fd);
    const ended = Math.round((ts + dur) * 1e6) / 1e6;
    const sends = call.startsWith('send');
    if (!sends) into.push(event);
    const reports = sends
      ? conversation.sent(ts, data.subarray(0, total), total)
      : conversation.received(ts, ended, data, total, Number(length));
    for (const { ts: at, state, text, cut } of reports)
      this.#statements.report(pid, at, state, text, cut, into);
    if (sends) into.push(event);
    this.#check(pid, conversation);
  }

  #conversation(pid: number, fd: number): Conversation {
    let ofProcess = this.#conversations.get(pid);
    if (ofProcess === undefined) {
      ofProcess = new Map();
      this.#conversations.set(pid, ofProcess);
    }
    let conversation = ofProcess.get(fd);
    if (conversation === undefined) {
      conversation = new Conversation(this.#kept);
      ofProcess.set(fd, conversation);
    }
    return conversation;
  }

  #check(pid: number, { encrypted, misread }: Conversation): void {
    if ((encrypted === null && misread === 0) || this.#warned.has(pid)) return;
    this.#warned.add(pid);
    this.#warn(
      encrypted === null
        ? `process ${pid}: what its client sends is not the protocol that is known; statements may be missing`
        : `process ${pid}: no statements of a connection that is encrypted by ${encrypted}; --via ftrace tells them`,
    );
  }

  #lost(): void {
    for (const [pid, ofProcess] of this.#conversations) {
      for (const conversation of ofProcess.values()) conversation.lost();
      this.#statements.forget(pid);
    }
  }

  #forget(pid: number): void {
    this.#conversations.delete(pid);
    this.#statements.forget(pid);
    this.#warned.delete(pid);
  }
}
