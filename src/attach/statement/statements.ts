/** What processes report of themselves, as the beginnings and ends of statements. Pure. */
import type { Event, StatementEvent } from '../../event/types.js';
import { RUNNING } from '../../postgres/layout/probes.js';
import { redact } from './redact.js';

export interface TextOptions {
  /** In bytes of UTF-8. */
  length: number;
  redact: boolean;
}

interface Running {
  event: StatementEvent;
  /** As it was told, to know it again. */
  text: string | null;
}

interface Process {
  state: string;
  running: Running | null;
}

export class Statements {
  #options: TextOptions;
  #processes = new Map<number, Process>();
  #count = 0;

  constructor(options: TextOptions) {
    this.#options = options;
  }

  /**
   * At `ts` a process says what it does now. The same text again, with no other state between, is the same
   * statement: the extended protocol's Parse, Bind and Execute tell it each.
   * @param text null where none comes with the state, or it cannot be had.
   * @param cut the text is not whole, or cannot be had.
   * @returns the beginning of the statement that runs now.
   */
  report(
    pid: number,
    ts: number,
    state: string,
    text: string | null,
    cut: boolean,
    into: Event[],
  ): StatementEvent | null {
    const process = this.#processes.get(pid) ?? { state: '', running: null };
    this.#processes.set(pid, process);
    const runs = RUNNING.has(state);
    const { running } = process;
    if (running !== null) {
      const { event } = running;
      if (runs && (text === null || text === running.text)) return event;
      process.running = null;
      const dur = Math.max(0, Math.round((ts - event.ts!) * 1e6) / 1e6);
      into.push({ type: 'statement', ts, pid, state, number: event.number!, dur });
    } else if (!runs && state !== process.state) into.push({ type: 'statement', ts, pid, state });
    process.state = state;
    if (!runs) return null;
    const number = ++this.#count;
    const event: StatementEvent = { type: 'statement', ts, pid, state, number };
    process.running = { event, text };
    if (text !== null) this.putText(event, text, cut);
    else if (cut) event.cut = true;
    into.push(event);
    return event;
  }

  /** A process is gone, or what it did meanwhile is not known. */
  forget(pid: number): void {
    this.#processes.delete(pid);
  }

  /** The text of a statement's beginning, which may be told later than that. */
  putText(event: StatementEvent, raw: string, cut: boolean): void {
    delete event.cut;
    const text = this.#options.redact ? redact(raw) : raw;
    event.text = firstBytes(text, this.#options.length);
    if (cut || event.text.length < text.length) event.cut = true;
  }
}

/** As many whole characters as fit. */
export function firstBytes(text: string, most: number): string {
  if (text.length * 3 <= most) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  let end = most;
  // A byte of the form 10xxxxxx is within a character.
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
