/**
 * The contract between the commands: one JSON object a line (NDJSON), schema 1.
 *
 * `man/pgtrace-events.5` and `schema/events.json` say the same to everybody else; a test holds the three and
 * every fixture together. A reader ignores types and keys that it does not know.
 *
 * Times (`ts`) are seconds since the epoch, durations (`dur`) seconds, sizes bytes. 64-bit identifiers that
 * can pass 2^53 (LSN, system identifier) are strings, and so is a `ret` beyond it.
 */
import type { Pg } from './pg.js';

export const SCHEMA = 1;

/** A result or an argument of a call: a string only beyond ±2^53. */
export type Int = number | string;

/** First event of a capture. */
export interface TraceEvent {
  type: 'trace';
  schema: number;
  /** What the events come from: a live source (`ftrace`, `strace`, `sample`) or a dialect of trace text. */
  source: string;
  host?: string;
  /** What `ts` counts: `realtime`, or `relative` where the trace has no date and none was given. */
  clock?: 'realtime' | 'relative' | 'none';
  /** Who wrote the events: name and version. */
  tool: string;
}

/** What a process is; again when its title changes. */
export interface ProcessEvent {
  type: 'process';
  ts: number | null;
  pid: number;
  /** `client backend`, `parallel worker`, `checkpointer` …, as pg_stat_activity.backend_type names them. */
  role?: string;
  user?: string;
  database?: string;
  client?: string;
  /** The pid of the leader of a parallel worker. */
  leader?: number;
  /** The pid that forked it. */
  parent?: number;
  title?: string;
  comm?: string;
  cwd?: string;
  /** PG_VERSION of the process's data directory: `15`. */
  version?: string;
}

/** A descriptor that was open when the trace began. */
export interface FdEvent {
  type: 'fd';
  ts: number | null;
  pid: number;
  fd: number;
  path: string;
  /** The file was unlinked while open. */
  deleted?: true;
  offset?: number;
  flags?: string;
  pg?: Pg;
}

/**
 * The decoded arguments of a call, under the kernel's own parameter names where it has one (man 2 of the
 * call). What has no decoder keeps `args`, the arguments as raw strings.
 */
export interface CallArguments {
  fd?: number;
  /** What the trace itself says that `fd` is (strace -y), or the path argument of a call without `fd`. */
  path?: string;
  deleted?: true;
  /** openat and friends: the directory descriptor and what the trace says that it is. */
  dirfd?: number | 'AT_FDCWD';
  dirpath?: string;
  newdirfd?: number | 'AT_FDCWD';
  newdirpath?: string;
  newpath?: string;
  /** The descriptor asked for by dup2, dup3 and F_DUPFD. */
  newfd?: number;
  /** close_range: the last descriptor of the range that `fd` begins; 4294967295 for all. */
  lastfd?: number;
  /** The second descriptor of sendfile, copy_file_range, splice: in is `fd`, out is `outfd`. */
  outfd?: number;
  outpath?: string;
  outoffset?: Int;
  offset?: Int;
  length?: Int;
  /** The number of buffers of a vectored call. */
  iovcnt?: number;
  whence?: string;
  flags?: string;
  mode?: string;
  prot?: string;
  cmd?: string;
  advice?: string;
  args?: string[];
}

/** One finished call (or, `unfinished`, one that was under way when the trace ended or the process died). */
export interface SyscallEvent extends CallArguments {
  type: 'syscall';
  ts: number | null;
  pid: number | null;
  comm?: string;
  call: string;
  /** What the call returned, a pointer too; null where the trace shows `?`. */
  ret: Int | null;
  /** What the trace itself says that a returned descriptor is (strace -y). */
  retpath?: string;
  /** Of a regular file: its bytes, a moment after it was opened, or as stat(2) told them. */
  size?: number;
  errno?: string;
  dur?: number;
  unfinished?: true;
  raw?: string;
  /** The `number` of the statement that caused it. */
  statement?: number;
  pg?: Pg;
  /** What `outfd` or `newpath` is, for the calls that have two files. */
  pg2?: Pg;
}

/** What a process was doing at a moment, with its counters from /proc/PID/io (proc_pid_io(5)). */
export interface SampleEvent extends CallArguments {
  type: 'sample';
  ts: number;
  pid: number;
  /** The state letter of /proc/PID/stat: `R`, `S`, `D` … */
  state: string;
  /** Absent where the process was in no call. */
  call?: string;
  rchar?: number;
  wchar?: number;
  syscr?: number;
  syscw?: number;
  read_bytes?: number;
  write_bytes?: number;
  pg?: Pg;
}

/** A SQL statement began, or ended where it has `dur` (seen by probes or in the protocol, not told by the server). */
export interface StatementEvent {
  type: 'statement';
  ts: number;
  pid: number;
  /**
   * What the process does from now on: `running`, `fastpath` (a function call of the protocol), `idle`,
   * `idle in transaction`, `idle in transaction (aborted)`.
   */
  state: string;
  /** Which statement began or ended; from 1 in the order of the trace. Absent where it began before the trace. */
  number?: number;
  /** Of a beginning. */
  text?: string;
  /** The text is longer. */
  cut?: true;
  /** Of an end: seconds since it began. */
  dur?: number;
  /** After resolving: as with calls; the statement of the leader where a parallel worker runs its part of it. */
  statement?: number;
}

/** Whose access of shared buffers, and to which fork of which relation. */
interface Access {
  ts: number;
  pid: number;
  tablespace: number;
  databaseOid: number;
  filenode: number;
  fork: string;
  pg?: Pg;
}

/** One shared-buffer access (seen by probes). */
export interface BufferEvent extends Access {
  type: 'buffer';
  block: number;
  /** False where the block was not in shared buffers; absent where that is not known. */
  hit?: boolean;
  /** The `number` of the statement that caused it. */
  statement?: number;
}

/** Accesses of shared buffers since the one before of the same process and fork (counted by the kernel). */
export interface BuffersEvent extends Access {
  type: 'buffers';
  count: number;
}

export interface SignalEvent {
  type: 'signal';
  ts: number | null;
  pid: number | null;
  signal: string;
  /** The rest of what the trace says of it, as text. */
  info?: string;
  raw?: string;
}

export interface ExitEvent {
  type: 'exit';
  ts: number | null;
  pid: number | null;
  /** The exit status; null where a signal ended the process. */
  status: number | null;
  signal?: string;
  core?: true;
  raw?: string;
}

/** Events that the source says it could not deliver. */
export interface LostEvent {
  type: 'lost';
  ts: number | null;
  /** The process whose beginning was missed; what it had open is told after it. Absent: events of any process. */
  pid?: number;
  count: number;
  reason: string;
}

/** A line that no rule understood; never dropped in silence. */
export interface UnparsedEvent {
  type: 'unparsed';
  /** The line's number, from 1, in its file. */
  line: number;
  text: string;
  file?: string;
}

export type Event =
  | TraceEvent
  | ProcessEvent
  | FdEvent
  | SyscallEvent
  | SampleEvent
  | StatementEvent
  | BufferEvent
  | BuffersEvent
  | SignalEvent
  | ExitEvent
  | LostEvent
  | UnparsedEvent;
