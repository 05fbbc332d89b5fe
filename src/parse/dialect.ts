/** What a dialect of trace text is: lines to events. */
import type { Event, SyscallEvent } from '../event/types.js';
import type { DateSource } from './strace/clock.js';

/** What a command line says of the text. */
export interface DialectOptions {
  /** The process of lines that name none: `strace -ff` has it in the file's name. */
  pid: number | null;
  /** Where the date of times without one comes from. */
  date: DateSource;
  /** Whether each event shall have the line it came from. */
  raw: boolean;
  /** The name of the text in `unparsed` events; absent for standard input. */
  file?: string;
  /** The first lines of the text, which are read again: columns without names are told apart by them. */
  head?: readonly string[];
  /** Where what calls carried to and from sockets is put, as far as the trace shows it. It is in no event. */
  carried?: WeakMap<SyscallEvent, Buffer>;
}

/** What became of the lines, for the report at the end. */
export interface Tally {
  /** Lines read, those cut included. */
  lines: number;
  /** Lines that no rule understood. */
  unparsed: number;
  /** The first of them, from 1; 0 where there is none. */
  firstUnparsed: number;
}

export type ClockKind = 'realtime' | 'relative' | 'none';

export const DIALECT_NAMES = [
  'strace',
  'perf-trace',
  'kernel',
  'dtruss',
  'freebsd-truss',
  'sun-truss',
  'kdump',
] as const;

export type DialectName = (typeof DIALECT_NAMES)[number];

/** A reader of one text's lines. It keeps what one line leaves for the next: a call under way, a clock. */
export interface Dialect {
  readonly name: DialectName;
  readonly tally: Readonly<Tally>;
  /** What the times count; undefined while no line has told. */
  readonly clock: ClockKind | undefined;
  /** Reads a line, without its end, and adds its events to `out`. */
  line(line: string, out: Event[]): void;
  /** The same of the UTF-8 text from `start` to `end`; the faster way. */
  bytes(bytes: Buffer, start: number, end: number, out: Event[]): void;
  /** Adds what waits for lines to come that it can do without: no more are at hand now. */
  pause?(out: Event[]): void;
  /** Adds what was still under way when the text ended. */
  end(out: Event[]): void;
}
