/**
 * Texts that are longer than a probe fetches (MAX_STRING_SIZE of the kernel's kernel/trace/trace_probe.h: none of such
 * a text, not its beginning), read from the process's memory instead. What is read is the text if the process reported
 * nothing else before it was read, and that is known once every record older than the reading has been seen. Pure.
 */

/** What a process has at an address: at most so many bytes, fewer where its memory ends; null where it is gone. */
export type ReadMemory = (pid: number, address: bigint, length: number) => Buffer | null;

interface Waiting {
  address: bigint;
  /** Null before it is read. */
  text: Buffer | null;
  /** When it had been read, in the time of the records. */
  readAt: number;
  found(text: Buffer): void;
}

export class LongTexts {
  #length: number;
  #waiting = new Map<number, Waiting>();

  /** @param length how much of a text is wanted, in bytes. */
  constructor(length: number) {
    this.#length = length;
  }

  /** How many texts wait to be read, or to be proven. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** A process reports the text at `address`; `found` is told if it is. */
  begun(pid: number, address: bigint, found: (text: Buffer) => void): void {
    this.#waiting.set(pid, { address, text: null, readAt: Number.POSITIVE_INFINITY, found });
  }

  /** At `time` the process reports something else, or ends. */
  ended(pid: number, time: number): void {
    const waiting = this.#waiting.get(pid);
    if (waiting !== undefined) this.#decide(pid, waiting, time > waiting.readAt);
  }

  /** Records were lost. */
  gap(): void {
    this.#waiting.clear();
  }

  /** Every record until `horizon` has been seen. */
  settle(horizon: number): void {
    for (const [pid, waiting] of this.#waiting)
      if (waiting.readAt <= horizon) this.#decide(pid, waiting, true);
  }

  /** Reads what is new. `now` gives the time of the records. */
  read(readMemory: ReadMemory, now: () => number): void {
    for (const [pid, waiting] of this.#waiting) {
      if (waiting.text !== null) continue;
      waiting.text = readMemory(pid, waiting.address, this.#length);
      if (waiting.text === null) this.#decide(pid, waiting, false);
      else waiting.readAt = now();
    }
  }

  #decide(pid: number, { text, found }: Waiting, proven: boolean): void {
    this.#waiting.delete(pid);
    if (proven && text !== null) found(text);
  }
}
