/** The options that pgtrace-attach and pgtrace share. */
import type { Argv } from 'yargs';
import { UsageError } from '../cli/diagnostic.js';
import { SOURCE_NAMES, type SourceName } from './sources.js';
import type { TextOptions } from './statement/statements.js';

export interface AttachOptions {
  pids: number[];
  directory: string | undefined;
  via: SourceName | 'auto';
  /** In seconds. */
  duration: number | undefined;
  /** Samples a second. */
  rate: number;
  allCalls: boolean;
  workers: boolean;
  statements: boolean;
  /** Each access of shared buffers, or how many. */
  buffers: boolean | 'count';
  texts: TextOptions;
}

const GREATEST_RATE = 1000;
const GREATEST_STATEMENT = 1 << 20;
/** setTimeout() takes 2^31 ms. */
const GREATEST_DURATION = 2_000_000;

export function declareAttach(parser: Argv) {
  return parser
    .option('pid', {
      alias: 'p',
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'trace this process; may be given again',
    })
    .option('directory', { alias: 'D', type: 'string', requiresArg: true, describe: 'the data directory' })
    .option('via', {
      choices: ['auto', ...SOURCE_NAMES],
      default: 'auto',
      requiresArg: true,
      describe: 'the source of the events',
    })
    .option('duration', { type: 'string', requiresArg: true, describe: 'stop after so many seconds' })
    .option('rate', {
      type: 'string',
      requiresArg: true,
      default: '100',
      describe: 'samples a second, of --via sample',
    })
    .option('all-calls', {
      type: 'boolean',
      default: false,
      describe: 'every system call, not only those of files',
    })
    .option('workers', {
      type: 'boolean',
      default: true,
      describe: 'join parallel workers and I/O workers; --no-workers leaves them out',
    })
    .option('statements', {
      type: 'boolean',
      default: false,
      describe: 'SQL statements too, with their text, which may hold data; not of --via sample',
    })
    .option('statement-length', {
      type: 'string',
      requiresArg: true,
      default: '1024',
      describe: 'how much of a text is told, in bytes',
    })
    .option('redact', { type: 'boolean', default: false, describe: '? for the literals of statements' })
    .option('buffers', {
      type: 'string',
      describe: 'every access of shared buffers too, or with =count how many each second; of --via ftrace',
    });
}

type Parsed = ReturnType<typeof declareAttach> extends Argv<infer Declared> ? Declared : never;

/** @throws UsageError where a value is not what it should be. */
export function readAttach(parsed: Parsed & { _: (string | number)[] }): AttachOptions {
  const [surplus] = parsed._;
  if (surplus !== undefined) {
    throw new UsageError(
      `surplus argument ${surplus} (expected options only)`,
      `a process is -p ${surplus}, a saved trace < ${surplus}`,
    );
  }
  return {
    pids: (parsed.pid ?? []).map(readPid),
    directory: single('-D', parsed.directory),
    via: single('--via', parsed.via) as AttachOptions['via'],
    duration:
      parsed.duration === undefined
        ? undefined
        : readNumber('--duration', parsed.duration, GREATEST_DURATION),
    rate: readNumber('--rate', parsed.rate, GREATEST_RATE),
    allCalls: parsed['all-calls'],
    workers: parsed.workers,
    statements: parsed.statements,
    buffers: readBuffers(single('--buffers', parsed.buffers)),
    texts: {
      length: Math.floor(readNumber('--statement-length', parsed['statement-length'], GREATEST_STATEMENT)),
      redact: parsed.redact,
    },
  };
}

/** @param value false of --no-buffers, empty where it has none. */
function readBuffers(value: string | false | undefined): boolean | 'count' {
  if (value === undefined || value === false) return false;
  if (value === '') return true;
  if (value === 'count') return value;
  throw new UsageError(`--buffers: bad value (expected none, or count, found ${JSON.stringify(value)})`);
}

function readPid(text: string): number {
  const pid = Number(text);
  // PID_MAX_LIMIT, the kernel's include/linux/threads.h
  if (!/^\d+$/.test(text) || pid < 1 || pid > 2 ** 22) {
    throw new UsageError(
      `-p: bad process id (expected a number of 1 to ${2 ** 22}, found ${JSON.stringify(text)})`,
    );
  }
  return pid;
}

function readNumber(option: string, value: string | string[], greatest: number): number {
  const text = single(option, value)!;
  const number = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || number === 0 || number > greatest) {
    throw new UsageError(
      `${option}: bad number (expected more than 0, at most ${greatest}, found ${JSON.stringify(text)})`,
    );
  }
  return number;
}

/** An option given twice comes as an array. */
function single(option: string, value: string | string[] | undefined): string | undefined {
  if (Array.isArray(value))
    throw new UsageError(`${option} may be given once only (found ${value.length} times)`);
  return value;
}
