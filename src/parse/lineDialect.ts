/** A dialect that is read line by line, as strings: all but strace, whose logs are the large ones. */
import type { Event } from '../event/types.js';
import type { ClockKind, Dialect, DialectName, DialectOptions } from './dialect.js';

/** What a dialect of its own has to do. */
export interface LineReader {
  /** What the times count; undefined while no line has told. */
  readonly clock: ClockKind | undefined;
  /** Reads a line and adds its events to `out`. False where no rule understands it. */
  read(line: string, out: Event[]): boolean;
  /** Adds what was still under way when the text ended. */
  end(out: Event[]): void;
}

export function lineDialect(name: DialectName, options: DialectOptions, reader: LineReader): Dialect {
  const tally = { lines: 0, unparsed: 0, firstUnparsed: 0 };
  const file = options.file === undefined ? {} : { file: options.file };

  function line(whole: string, out: Event[]): void {
    tally.lines++;
    const text = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    const first = out.length;
    if (!reader.read(text, out)) {
      tally.unparsed++;
      if (tally.firstUnparsed === 0) tally.firstUnparsed = tally.lines;
      out.push({ type: 'unparsed', line: tally.lines, text, ...file });
    } else if (options.raw) addRaw(out, first, text);
  }

  return {
    name,
    tally,
    get clock() {
      return reader.clock;
    },
    line,
    bytes: (bytes, start, end, out) => line(bytes.toString('utf8', start, end), out),
    end: (out) => reader.end(out),
  };
}

/** Gives each event of a line that line. */
function addRaw(out: Event[], first: number, text: string): void {
  for (let at = first; at < out.length; at++) {
    const event = out[at]!;
    if (event.type === 'syscall' || event.type === 'signal' || event.type === 'exit') event.raw = text;
  }
}
