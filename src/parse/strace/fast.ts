/**
 * The lines that make up nearly all of a trace of a server at work, read straight from their bytes:
 * a process, a time, a call on a descriptor, a number or an error, a duration. Whatever is not exactly so
 * is left to the general rules (strace.ts), which must give the same event; a test holds the two together.
 *
 * A byte of a Buffer costs a quarter of a character of a string to look at, and what comes again and again (call,
 * path, flags, error) is compared with what it was last time, so no string is made: this reads 3 times as many
 * lines a second as the general rules do (test/bench/parse.ts).
 */
import type { Slots } from './arguments.js';
import { ByteStrings } from './bytes.js';
import { Call, type CallTable } from './call.js';
import type { Clock } from './clock.js';
import { BUFFER, FD, FLAGS, LENGTH, OFFSET } from './plain.js';
import type { Process } from './process.js';
import type { Processes } from './processes.js';
import type { Result } from './result.js';

/** Digits that a double holds in any case. */
const SAFE_DIGITS = 15;

/** 1 for the bytes of a word: letters, digits, `_` and `|`. */
const WORD = Uint8Array.from({ length: 256 }, (_, code) =>
  /[A-Za-z0-9_|]/.test(String.fromCharCode(code)) ? 1 : 0,
);

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
  /** What the last `integer` read. */
  private value = 0;

  constructor(processes: Processes, clock: Clock, calls: CallTable, slots: Slots, result: Result) {
    this.processes = processes;
    this.process = processes.of(null);
    this.clock = clock;
    this.calls = new ByteStrings((name) => calls.named(name));
    this.slots = slots;
    this.result = result;
  }

  /** Reads a line into the slots, the result and its own fields. False where the line is another's to read. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    let at = this.readProcess(bytes, start, end);
    if (at === -1) return false;
    at = this.readTime(bytes, at, end);
    if (at === -1) return false;
    const open = wordEnd(bytes, at, end);
    if (open === at || bytes[open] !== 40) return false;
    this.call = this.calls.at(bytes, at, open);
    const { fast } = this.call;
    if (fast === null) return false;
    at = this.readArguments(fast, bytes, open + 1, end);
    return at !== -1 && this.readResult(bytes, at, end);
  }

  private readProcess(bytes: Uint8Array, start: number, end: number): number {
    let at = this.integer(bytes, start, end);
    if (at === -1 || at - start > 7 || bytes[at] !== 32) return -1;
    this.process = this.processes.of(this.value);
    if (this.process.pending !== null || this.process.comm !== undefined) return -1;
    while (bytes[at] === 32) at++;
    return at;
  }

  /** `1795324737.917464 ` or `12:05:37.917464 `. */
  private readTime(bytes: Uint8Array, start: number, end: number): number {
    if (start + 18 >= end) return -1;
    if (bytes[start + 10] === 46) {
      let at = this.integer(bytes, start, start + 10);
      if (at !== start + 10) return -1;
      const seconds = this.value;
      at = this.integer(bytes, start + 11, start + 17);
      if (at !== start + 17 || bytes[at] !== 32 || seconds < 1e9) return -1;
      this.ts = (seconds * 1e6 + this.value) / 1e6;
      this.clock.realtime();
      return at + 1;
    }
    if (bytes[start + 2] !== 58 || bytes[start + 5] !== 58 || bytes[start + 8] !== 46) return -1;
    if (this.integer(bytes, start, start + 2) !== start + 2) return -1;
    let micros = this.value * 3600e6;
    if (this.integer(bytes, start + 3, start + 5) !== start + 5) return -1;
    micros += this.value * 60e6;
    if (this.integer(bytes, start + 6, start + 8) !== start + 8) return -1;
    micros += this.value * 1e6;
    if (this.integer(bytes, start + 9, start + 15) !== start + 15 || bytes[start + 15] !== 32) return -1;
    this.ts = this.clock.timeOfDay((micros + this.value) / 1e6);
    return start + 16;
  }

  /** After the `)`; -1 where an argument is not of the plain form. */
  private readArguments(fast: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
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
          at = this.integer(bytes, at, end);
          slots.length = this.value;
          break;
        case OFFSET:
          at = this.integer(bytes, at, end);
          slots.offset = this.value;
          break;
        default: {
          const after = wordEnd(bytes, at, end);
          if (after === at) return -1;
          if (fast[index] === FLAGS) slots.flags = this.words.at(bytes, at, after);
          else if (bytes[at]! < 65) return -1;
          else slots.whence = this.words.at(bytes, at, after);
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

  private readDescriptor(bytes: Uint8Array, start: number, end: number): number {
    const { slots } = this;
    const at = this.integer(bytes, start, end);
    if (at === -1 || at - start > 9) return -1;
    slots.fd = this.value;
    slots.deleted = undefined;
    if (bytes[at] !== 60) {
      slots.path = undefined;
      return at;
    }
    const annotation = this.process.annotations[this.value];
    if (annotation === undefined) return -1;
    const raw = annotation.bytes;
    const after = at + raw.length;
    if (after >= end || !(bytes[after] === 41 || (bytes[after] === 44 && bytes[after + 1] === 32))) return -1;
    for (let index = raw.length - 1; index > 0; index--) {
      if (bytes[at + index] !== raw[index]) return -1;
    }
    slots.path = annotation.path;
    if (annotation.deleted) slots.deleted = true;
    return after;
  }

  /** `= 8192 <0.000003>`, `= -1 EAGAIN (Resource temporarily unavailable)`. */
  private readResult(bytes: Uint8Array, start: number, end: number): boolean {
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
      result.errno = this.words.at(bytes, at + 3, after);
      return true;
    }
    const after = this.integer(bytes, at, stop);
    if (after !== stop || (bytes[at] === 48 && after - at > 1)) return false;
    result.ret = this.value;
    return true;
  }

  /** Reads the ` <0.000003>` that ends the line, and gives where it begins; `end` where there is none. */
  private readDuration(bytes: Uint8Array, start: number, end: number): number {
    const dot = end - 8;
    this.result.dur = undefined;
    if (bytes[end - 1] !== 62 || bytes[dot] !== 46 || dot - start < 4) return end;
    if (this.integer(bytes, dot + 1, end - 1) !== end - 1) return end;
    const micros = this.value;
    let first = dot;
    while (bytes[first - 1]! >= 48 && bytes[first - 1]! <= 57 && dot - first < 8) first--;
    if (first === dot || bytes[first - 1] !== 60 || bytes[first - 2] !== 32) return end;
    this.integer(bytes, first, dot);
    this.result.dur = (this.value * 1e6 + micros) / 1e6;
    return first - 2;
  }

  /** Reads the whole number at `start` into `value`; gives the position after it, -1 where none is. */
  private integer(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    let value = 0;
    while (at < end) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    this.value = value;
    return at === start || at - start > SAFE_DIGITS ? -1 : at;
  }
}

/** After the word at `start`, which may be empty. */
function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && WORD[bytes[at]!] === 1) at++;
  return at;
}

/** After a string, perhaps with `...`, or an address. */
function skipBuffer(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (bytes[at] !== 34) return wordEnd(bytes, at, end);
  at++;
  while (at < end) {
    const code = bytes[at]!;
    if (code === 34) {
      at++;
      return bytes[at] === 46 && bytes[at + 1] === 46 && bytes[at + 2] === 46 ? at + 3 : at;
    }
    at += code === 92 ? 2 : 1;
  }
  return -1;
}
