/**
 * The lines that make up nearly all of a trace of a server at work, read straight from their bytes:
 * a process, a time, a call on a descriptor, a number or an error, a duration. Whatever is not exactly so
 * is left to the general rules (callLine.ts), which must give the same event; a test holds the two together.
 *
 * A byte of a Buffer costs a quarter of a character of a string to look at, and what comes again and again (call,
 * path, flags, error) is compared with what it was last time, so no string is made: this reads twice as many
 * lines a second as the general rules do (test/bench/parse.ts).
 */
import type { Slots } from './arguments.js';
import { ByteStrings, skipBuffer, wordEnd } from './bytes.js';
import { Call, type CallTable } from './call.js';
import type { Clock } from './clock.js';
import { BUFFER, FD, FLAGS, LENGTH, OFFSET } from './plain.js';
import type { Process } from './process.js';
import type { Processes } from './processes.js';
import type { Result } from './result.js';

/** Digits that a 32-bit integer holds in any case, and a double. */
const SMALL_DIGITS = 9;
const SAFE_DIGITS = 15;
const EPOCH_MIN = 1_000_000_000;

const NO_BYTES = Buffer.alloc(0);

export class FastLine {
  ts = 0;
  process: Process;
  call: Call = new Call('');
  private readonly processes: Processes;
  private readonly clock: Clock;
  private readonly slots: Slots;
  private readonly result: Result;
  private readonly calls: ByteStrings<Call>;
  private readonly words = new ByteStrings<string>((text) => text);
  private block: Buffer = NO_BYTES;
  private view: DataView = new DataView(NO_BYTES.buffer);
  /** What the last `small` read. */
  private value = 0;
  /** What the last `wide` read. */
  private number = 0;
  /** The last line's second: its first eight digits, its last two, and its value. */
  private digits0 = 0;
  private digits4 = 0;
  private digits8 = 0;
  private second = 0;

  constructor(processes: Processes, clock: Clock, calls: CallTable, slots: Slots, result: Result) {
    this.processes = processes;
    this.process = processes.unknown;
    this.clock = clock;
    this.calls = new ByteStrings((name) => calls.named(name));
    this.slots = slots;
    this.result = result;
  }

  /** Reads a line into the slots, the result and its own fields. False where the line is another's to read. */
  read(bytes: Buffer, start: number, end: number): boolean {
    if (bytes !== this.block) {
      this.block = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    let at = this.readProcess(bytes, start, end);
    if (at === -1) return false;
    at = this.readTime(bytes, at, end);
    if (at === -1) return false;
    const open = wordEnd(bytes, at, end);
    if (open === at || bytes[open] !== 40) return false;
    this.call = this.calls.at(bytes, this.view, at, open);
    const { fast } = this.call;
    if (fast === null) return false;
    at = this.readArguments(fast, bytes, open + 1, end);
    return at !== -1 && this.readResult(bytes, at, end);
  }

  private readProcess(bytes: Buffer, start: number, end: number): number {
    let at = this.small(bytes, start, end);
    if (at === -1 || at - start > 7 || bytes[at] !== 32) return -1;
    this.process = this.processes.of(this.value);
    if (this.process.pending !== null || this.process.comm !== undefined) return -1;
    while (bytes[at] === 32) at++;
    return at;
  }

  /** `1795324737.917464 ` or `12:05:37.917464 `. */
  private readTime(bytes: Buffer, start: number, end: number): number {
    if (start + 18 >= end) return -1;
    if (bytes[start + 10] !== 46) return this.readTimeOfDay(bytes, start);
    if (!this.readSecond(bytes, start)) return -1;
    const at = start + 17;
    if (this.small(bytes, start + 11, at) !== at || bytes[at] !== 32) return -1;
    this.ts = (this.second * 1e6 + this.value) / 1e6;
    this.clock.realtime();
    return at + 1;
  }

  /** Ten digits, nearly always those of the line before. */
  private readSecond(bytes: Buffer, start: number): boolean {
    const { view } = this;
    const digits0 = view.getInt32(start, true);
    const digits4 = view.getInt32(start + 4, true);
    const digits8 = view.getInt16(start + 8, true);
    if (digits0 === this.digits0 && digits4 === this.digits4 && digits8 === this.digits8) return true;
    if (this.wide(bytes, start, start + 10) !== start + 10 || this.number < EPOCH_MIN) return false;
    this.second = this.number;
    this.digits0 = digits0;
    this.digits4 = digits4;
    this.digits8 = digits8;
    return true;
  }

  private readTimeOfDay(bytes: Buffer, start: number): number {
    if (bytes[start + 2] !== 58 || bytes[start + 5] !== 58 || bytes[start + 8] !== 46) return -1;
    if (this.small(bytes, start, start + 2) !== start + 2) return -1;
    let seconds = this.value * 3600;
    if (this.small(bytes, start + 3, start + 5) !== start + 5) return -1;
    seconds += this.value * 60;
    if (this.small(bytes, start + 6, start + 8) !== start + 8) return -1;
    seconds += this.value;
    if (this.small(bytes, start + 9, start + 15) !== start + 15 || bytes[start + 15] !== 32) return -1;
    this.ts = this.clock.timeOfDay((seconds * 1e6 + this.value) / 1e6);
    return start + 16;
  }

  /** After the `)`; -1 where an argument is not of the plain form. */
  private readArguments(fast: Uint8Array, bytes: Buffer, start: number, end: number): number {
    const { slots } = this;
    let at = start;
    const last = fast.length - 1;
    for (let index = 0; index <= last; index++) {
      switch (fast[index]) {
        case FD:
          at = this.readDescriptor(bytes, at, end);
          break;
        case BUFFER:
          at = skipBuffer(bytes, at, end);
          break;
        case LENGTH:
          at = this.wide(bytes, at, end);
          slots.length = this.number;
          break;
        case OFFSET:
          at = this.wide(bytes, at, end);
          slots.offset = this.number;
          break;
        default: {
          const after = wordEnd(bytes, at, end);
          if (after === at) return -1;
          if (fast[index] === FLAGS) slots.flags = this.words.at(bytes, this.view, at, after);
          else if (bytes[at]! < 65) return -1;
          else slots.whence = this.words.at(bytes, this.view, at, after);
          at = after;
        }
      }
      if (at === -1) return -1;
      if (index === last) return bytes[at] === 41 ? at + 1 : -1;
      if (bytes[at] !== 44 || bytes[at + 1] !== 32) return -1;
      at += 2;
    }
    return -1;
  }

  private readDescriptor(bytes: Buffer, start: number, end: number): number {
    const { slots } = this;
    const at = this.small(bytes, start, end);
    if (at === -1) return -1;
    slots.fd = this.value;
    slots.deleted = undefined;
    if (bytes[at] !== 60) {
      slots.path = undefined;
      return at;
    }
    const annotation = this.process.annotations[this.value];
    if (annotation === undefined) return -1;
    const after = at + annotation.bytes.length;
    if (after >= end || !(bytes[after] === 41 || (bytes[after] === 44 && bytes[after + 1] === 32))) return -1;
    if (!annotation.bytes.isAt(this.view, at)) return -1;
    slots.path = annotation.path;
    if (annotation.deleted) slots.deleted = true;
    return after;
  }

  /** `= 8192 <0.000003>`, `= -1 EAGAIN (Resource temporarily unavailable)`. */
  private readResult(bytes: Buffer, start: number, end: number): boolean {
    const { result } = this;
    let at = start;
    while (bytes[at] === 32) at++;
    if (bytes[at] !== 61 || bytes[at + 1] !== 32) return false;
    at += 2;
    const stop = this.readDuration(bytes, at, end);
    result.retpath = undefined;
    result.errno = undefined;
    if (bytes[at] === 45) {
      if (bytes[at + 1] !== 49 || bytes[at + 2] !== 32) return false;
      const after = wordEnd(bytes, at + 3, stop);
      if (bytes[at + 3] !== 69 || bytes[after] !== 32 || bytes[after + 1] !== 40) return false;
      if (bytes[stop - 1] !== 41) return false;
      result.ret = -1;
      result.errno = this.words.at(bytes, this.view, at + 3, after);
      return true;
    }
    const after = this.wide(bytes, at, stop);
    if (after !== stop || (bytes[at] === 48 && after - at > 1)) return false;
    result.ret = this.number;
    return true;
  }

  /** Reads the ` <0.000003>` that ends the line, and gives where it begins; `end` where there is none. */
  private readDuration(bytes: Buffer, start: number, end: number): number {
    const dot = end - 8;
    this.result.dur = undefined;
    if (bytes[end - 1] !== 62 || bytes[dot] !== 46 || dot - start < 4) return end;
    if (this.small(bytes, dot + 1, end - 1) !== end - 1) return end;
    const micros = this.value;
    let first = dot;
    while (bytes[first - 1]! >= 48 && bytes[first - 1]! <= 57 && dot - first < SMALL_DIGITS) first--;
    if (first === dot || bytes[first - 1] !== 60 || bytes[first - 2] !== 32) return end;
    this.small(bytes, first, dot);
    this.result.dur = (this.value * 1e6 + micros) / 1e6;
    return first - 2;
  }

  /** Reads the whole number at `start` into `value`; gives the position after it, -1 where none of up to 9 digits is. */
  private small(bytes: Buffer, start: number, end: number): number {
    let at = start;
    let value = 0;
    while (at < end) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = (value * 10 + digit) | 0;
      at++;
    }
    this.value = value;
    return at === start || at - start > SMALL_DIGITS ? -1 : at;
  }

  /** The same of up to 15 digits, into `number`. */
  private wide(bytes: Buffer, start: number, end: number): number {
    const near = Math.min(end, start + SMALL_DIGITS);
    const at = this.small(bytes, start, near);
    this.number = this.value;
    if (at !== near || at === end) return at;
    const high = this.value;
    const after = this.small(bytes, at, end);
    if (after === -1) return bytes[at]! >= 48 && bytes[at]! <= 57 ? -1 : at;
    if (after - start > SAFE_DIGITS) return -1;
    this.number = high * POWERS[after - at]! + this.value;
    return after;
  }
}

const POWERS: readonly number[] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
