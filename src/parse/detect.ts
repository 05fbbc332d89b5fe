/** Which dialect a text is in, by its first lines. */
import type { Event } from '../event/types.js';
import type { Dialect, DialectName, DialectOptions, Tally } from './dialect.js';
import { DIALECTS } from './dialects.js';

/**
 * What only lines of that dialect look like; strace's, whose lines have no mark of their own, are those that none of the
 * others is. Each pattern is of a line that nearly every text has: a call with its result.
 */
const MARKS: readonly (readonly [DialectName, RegExp])[] = [
  ['perf-trace', /^ Summary of events:$|^ *(?:\?|\d+\.\d{3}) \( *(?:\d+\.\d{3} ms)? *\): /],
  [
    'kernel',
    /^# tracer: |^cpus=\d+$|^ {0,32}\S.{0,63}?(?:-| )\d{1,10} {1,16}(?:\([ \d-]{1,16}\) {1,8})?(?:\[\d{3,5}\] {1,16})?(?:\S{4,9} {1,8})?\d{1,12}\.\d{5,9}: +(?:syscalls:|raw_syscalls:)?sys_\w+[(: ]/,
  ],
  [
    'kdump',
    /^ {0,16}\d{1,10}(?:\/\d{1,10})?(?: {1,16}\d{1,10})? {1,16}\S.{0,31}? {1,20}(?:-?\d{1,12}\.\d{6,9} )?(?:CALL|RET |NAMI|GIO |PSIG|STRU|EMUL|CSW ) {2}\S/,
  ],
  ['dtruss', /\)\t\t += (?:-?\d+|0x[0-9A-F]+) (?:Err#)?-?\d+$|SYSCALL\(args\)[ \t]+= return\s*$/],
  [
    'freebsd-truss',
    /\)[\t ]+(?:= -?\d+ \(0x[0-9a-f]+\)|ERR#\d+ '.*')$|(?:^|: |\d )process exit, rval = \d+$/,
  ],
  [
    'sun-truss',
    /^Base time stamp: +\d|^(?:\d*(?:\/\d+)?(?:@\d+)?:\t+)?(?: *\d+\.\d{4}\t)*(?:\w+\(.*\)[\t ]*(?:\t= -?\w+(?: \[.*\])?|Err#\d+ .*| ?\((?:sleeping|waiting)\b.*\.\.\.\))| {4}Received signal #\d+, .*)$/,
  ],
  [
    'strace',
    /^(?:.*[ \]])?[A-Za-z0-9_?]+\(.*(?:\) += (?:\?|-?\d)|<unfinished \.\.\.>)|<\.\.\. \w+ resumed>|^(?:\d+ .*)?(?:---|\+\+\+) /,
  ],
];

/** The dialect of a line; null where it could be of several, or of none. */
export function dialectOfLine(line: string): DialectName | null {
  // What tells is at the ends; between them may be any amount of data.
  const ends = line.length > 2 * END ? line.slice(0, END) + line.slice(-END) : line;
  return MARKS.find(([, mark]) => mark.test(ends))?.[0] ?? null;
}

const END = 500;

/** The dialect that most of the lines are in; strace's where none is known. */
export function detectDialect(lines: readonly string[]): DialectName {
  const votes = new Map<DialectName, number>();
  for (const line of lines) {
    const name = dialectOfLine(line);
    if (name !== null) votes.set(name, (votes.get(name) ?? 0) + 1);
  }
  let best: DialectName = 'strace';
  for (const [name, count] of votes) if (count > (votes.get(best) ?? 0)) best = name;
  return best;
}

/** As many lines as are held to tell the dialect, and what its columns are. */
const MOST_HELD = 100;

/** A reader that holds the first lines until it is clear what they are, then reads them and all others. */
export class Detecting implements Dialect {
  private readonly options: DialectOptions;
  private dialect: Dialect | null = null;
  private held: string[] = [];
  private known = false;

  constructor(options: DialectOptions) {
    this.options = options;
  }

  get name(): DialectName {
    return this.dialect?.name ?? 'strace';
  }

  get tally(): Readonly<Tally> {
    return this.dialect?.tally ?? { lines: 0, unparsed: 0, firstUnparsed: 0 };
  }

  get clock() {
    return this.dialect?.clock;
  }

  line(line: string, out: Event[]): void {
    if (this.dialect !== null) this.dialect.line(line, out);
    else this.hold(line, out);
  }

  bytes(bytes: Buffer, start: number, end: number, out: Event[]): void {
    if (this.dialect !== null) this.dialect.bytes(bytes, start, end, out);
    else this.hold(bytes.toString('utf8', start, end), out);
  }

  /** No more lines are at hand: who follows a text that grows wants to see what there is. */
  pause(out: Event[]): void {
    if (this.dialect === null && this.known) this.decide(out);
  }

  end(out: Event[]): void {
    this.decide(out).end(out);
  }

  private hold(line: string, out: Event[]): void {
    this.held.push(line);
    this.known ||= dialectOfLine(line) !== null;
    if (this.held.length >= MOST_HELD) this.decide(out);
  }

  private decide(out: Event[]): Dialect {
    if (this.dialect !== null) return this.dialect;
    const head = this.held;
    const dialect = DIALECTS[detectDialect(head)]({ ...this.options, head });
    this.dialect = dialect;
    this.held = [];
    for (const line of head) dialect.line(line, out);
    return dialect;
  }
}

/** The reader of a named dialect, or of the one that the first lines are in. */
export function openDialect(name: DialectName | 'auto', options: DialectOptions): Dialect {
  return name === 'auto' ? new Detecting(options) : DIALECTS[name](options);
}
