/** Messages of the frontend/backend protocol 3 out of the bytes of one direction, however calls cut them. Pure. */
import type { MessageType } from './messages.js';

export interface Message {
  type: string;
  /** Its beginning: as much as is kept, and was seen. */
  body: Buffer;
}

/** A type byte, and a length that counts itself and the body (PostgreSQL's documentation, "Message Formats"). */
const HEADER = 5;

export class Framing {
  #types: ReadonlyMap<number, MessageType>;
  #kept: number;
  #header = Buffer.alloc(HEADER);
  /** How much of the header there is; -1 where it is not known where messages begin. */
  #have = -1;
  /** The message whose body is under way, and how many bytes of it are to come. */
  #message: Message | null = null;
  #left = 0;
  /** How many bytes of its body are still to be kept. */
  #wanted = 0;

  /** @param kept of a body that is wanted, in bytes. */
  constructor(types: ReadonlyMap<number, MessageType>, kept: number) {
    this.#types = types;
    this.#kept = kept;
  }

  get aligned(): boolean {
    return this.#have >= 0;
  }

  /** The next byte begins a message. */
  align(): void {
    this.#have = 0;
    this.#message = null;
  }

  /** It is not known what comes next. */
  lose(): void {
    this.#have = -1;
    this.#message = null;
  }

  /**
   * The messages that end in the next bytes. What is no message, or a header that is not seen, ends the alignment.
   * @param total how many bytes there were; `data` has the first of them.
   */
  read(data: Buffer, total = data.length): Message[] {
    const messages: Message[] = [];
    for (let at = 0; at < total && this.#have >= 0; ) {
      if (this.#message === null) {
        const step = Math.min(HEADER - this.#have, total - at);
        if (at + step > data.length) {
          this.lose();
          break;
        }
        data.copy(this.#header, this.#have, at, at + step);
        this.#have += step;
        at += step;
        if (this.#have < HEADER) break;
        if (!this.#begin()) break;
      }
      at += this.#body(data, at, total);
      if (this.#left === 0 && this.#message !== null) {
        messages.push(this.#message);
        this.align();
      }
    }
    return messages;
  }

  #begin(): boolean {
    const found = this.#types.get(this.#header[0]!);
    const length = this.#header.readInt32BE(1) - 4;
    if (found === undefined || length < found.least || length > found.most) {
      this.lose();
      return false;
    }
    this.#left = length;
    this.#wanted = found.wanted ? this.#kept : 0;
    this.#message = { type: String.fromCharCode(this.#header[0]!), body: Buffer.alloc(0) };
    return true;
  }

  /** Takes what is there of the body; how many bytes that is. */
  #body(data: Buffer, at: number, total: number): number {
    const message = this.#message!;
    const length = Math.min(this.#left, total - at);
    const seen = Math.max(0, Math.min(length, data.length - at));
    const part = Math.min(seen, this.#wanted);
    if (part > 0) message.body = Buffer.concat([message.body, data.subarray(at, at + part)]);
    this.#wanted -= part;
    if (part < length) this.#wanted = 0;
    this.#left -= length;
    return length;
  }
}
