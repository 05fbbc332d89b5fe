/**
 * The contract as data: every key of every type, with what its value must be. The compiler holds it to types.ts
 * and pg.ts (a key missing here, or one too many, does not compile), a test holds the schema and the manual to it.
 */
import type { PgOther, PgRelation, PgSlru, PgTemp, PgWal } from './pg.js';
import type {
  BufferEvent,
  BuffersEvent,
  Event,
  ExitEvent,
  FdEvent,
  LostEvent,
  ProcessEvent,
  SampleEvent,
  SignalEvent,
  StatementEvent,
  SyscallEvent,
  TraceEvent,
  UnparsedEvent,
} from './types.js';

/** What a value must be; `int` is a number or, beyond 2^53, a string. */
export type Check =
  | 'number'
  | 'number|null'
  | 'int'
  | 'int|null'
  | 'string'
  | 'strings'
  | 'boolean'
  | 'true'
  | 'dirfd'
  | 'pg';

/** A check, with `?` where the key may be absent. */
export type Rule = Check | `${Check}?`;

type Rules<T> = {
  readonly [K in Exclude<keyof T, 'type' | 'kind'>]-?: object extends Pick<T, K> ? `${Check}?` : Check;
};

const CALL_ARGUMENTS = {
  fd: 'number?',
  path: 'string?',
  deleted: 'true?',
  dirfd: 'dirfd?',
  dirpath: 'string?',
  newdirfd: 'dirfd?',
  newdirpath: 'string?',
  newpath: 'string?',
  newfd: 'number?',
  lastfd: 'number?',
  outfd: 'number?',
  outpath: 'string?',
  outoffset: 'int?',
  offset: 'int?',
  length: 'int?',
  iovcnt: 'number?',
  whence: 'string?',
  flags: 'string?',
  mode: 'string?',
  prot: 'string?',
  cmd: 'string?',
  advice: 'string?',
  args: 'strings?',
} as const;

const TRACE: Rules<TraceEvent> = {
  schema: 'number',
  source: 'string',
  host: 'string?',
  clock: 'string?',
  tool: 'string',
};

const PROCESS: Rules<ProcessEvent> = {
  ts: 'number|null',
  pid: 'number',
  role: 'string?',
  user: 'string?',
  database: 'string?',
  client: 'string?',
  leader: 'number?',
  parent: 'number?',
  title: 'string?',
  comm: 'string?',
  cwd: 'string?',
  version: 'string?',
};

const FD: Rules<FdEvent> = {
  ts: 'number|null',
  pid: 'number',
  fd: 'number',
  path: 'string',
  deleted: 'true?',
  offset: 'number?',
  flags: 'string?',
  pg: 'pg?',
};

const SYSCALL: Rules<SyscallEvent> = {
  ts: 'number|null',
  pid: 'number|null',
  comm: 'string?',
  call: 'string',
  ...CALL_ARGUMENTS,
  ret: 'int|null',
  retpath: 'string?',
  size: 'number?',
  errno: 'string?',
  dur: 'number?',
  unfinished: 'true?',
  raw: 'string?',
  statement: 'number?',
  pg: 'pg?',
  pg2: 'pg?',
};

const SAMPLE: Rules<SampleEvent> = {
  ts: 'number',
  pid: 'number',
  state: 'string',
  call: 'string?',
  ...CALL_ARGUMENTS,
  rchar: 'number?',
  wchar: 'number?',
  syscr: 'number?',
  syscw: 'number?',
  read_bytes: 'number?',
  write_bytes: 'number?',
  pg: 'pg?',
};

const STATEMENT: Rules<StatementEvent> = {
  ts: 'number',
  pid: 'number',
  state: 'string',
  number: 'number?',
  text: 'string?',
  cut: 'true?',
  dur: 'number?',
  statement: 'number?',
};

const ACCESS = {
  ts: 'number',
  pid: 'number',
  tablespace: 'number',
  databaseOid: 'number',
  filenode: 'number',
  fork: 'string',
} as const;

const BUFFER: Rules<BufferEvent> = {
  ...ACCESS,
  block: 'number',
  hit: 'boolean?',
  statement: 'number?',
  pg: 'pg?',
};

const BUFFERS: Rules<BuffersEvent> = {
  ...ACCESS,
  count: 'number',
  pg: 'pg?',
};

const SIGNAL: Rules<SignalEvent> = {
  ts: 'number|null',
  pid: 'number|null',
  signal: 'string',
  info: 'string?',
  raw: 'string?',
};

const EXIT: Rules<ExitEvent> = {
  ts: 'number|null',
  pid: 'number|null',
  status: 'number|null',
  signal: 'string?',
  core: 'true?',
  raw: 'string?',
};

const LOST: Rules<LostEvent> = { ts: 'number|null', pid: 'number?', count: 'number', reason: 'string' };

const UNPARSED: Rules<UnparsedEvent> = { line: 'number', text: 'string', file: 'string?' };

/** The keys of each event type, `type` itself left out. */
export const EVENT_KEYS: Readonly<Record<Event['type'], Readonly<Record<string, Rule>>>> = {
  trace: TRACE,
  process: PROCESS,
  fd: FD,
  syscall: SYSCALL,
  sample: SAMPLE,
  statement: STATEMENT,
  buffer: BUFFER,
  buffers: BUFFERS,
  signal: SIGNAL,
  exit: EXIT,
  lost: LOST,
  unparsed: UNPARSED,
};

const RELATION: Rules<PgRelation> = {
  database: 'string?',
  schema: 'string?',
  relation: 'string?',
  relkind: 'string?',
  table: 'string?',
  parent: 'string?',
  fork: 'string?',
  segment: 'number?',
  block: 'number?',
  blocks: 'number?',
  total: 'number?',
  oid: 'number?',
  databaseOid: 'number?',
  filenode: 'number',
  tablespace: 'string?',
  backend: 'number?',
  uncommitted: 'true?',
  dropped: 'true?',
  rewriteOf: 'string?',
  unresolved: 'string?',
};

const WAL: Rules<PgWal> = { timeline: 'number?', segment: 'string', lsn: 'string?', unresolved: 'string?' };

const TEMP: Rules<PgTemp> = {
  creator: 'number?',
  number: 'number?',
  database: 'string?',
  tablespace: 'string?',
  file: 'string',
  block: 'number?',
  blocks: 'number?',
  total: 'number?',
  unresolved: 'string?',
};

const SLRU: Rules<PgSlru> = {
  file: 'string',
  block: 'number?',
  blocks: 'number?',
  first: 'number?',
  last: 'number?',
  unresolved: 'string?',
};

const OTHER: Rules<PgOther> = {
  file: 'string?',
  database: 'string?',
  tablespace: 'string?',
  slot: 'string?',
  unresolved: 'string?',
};

/** The kinds of pg.ts whose keys are those of PgSlru. */
const SLRU_KINDS: readonly PgSlru['kind'][] = [
  'xact',
  'multixact',
  'subtrans',
  'commit_ts',
  'notify',
  'serial',
];

const OTHER_KINDS: Readonly<Record<PgOther['kind'], true>> = {
  twophase: true,
  snapshot: true,
  logical: true,
  replslot: true,
  stat: true,
  dynshmem: true,
  control: true,
  relmap: true,
  relcache: true,
  version: true,
  config: true,
  log: true,
  pid: true,
  backup: true,
  library: true,
  directory: true,
  socket: true,
  pipe: true,
  epoll: true,
  other: true,
};

/** The keys of each kind of `pg`, `kind` itself left out. */
export const PG_KEYS: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  relation: RELATION,
  wal: WAL,
  temp: TEMP,
  ...Object.fromEntries(SLRU_KINDS.map((kind) => [kind, SLRU])),
  ...Object.fromEntries(Object.keys(OTHER_KINDS).map((kind) => [kind, OTHER])),
};
