/** A call as strace(1) prints it, with objects in the place of numbers. */
import type { Pg } from '../event/pg.js';
import type { CallArguments, Int, SyscallEvent } from '../event/types.js';
import type { Theme } from './color.js';
import { describeObject } from './object.js';
import { quoted, safe } from './safe.js';
import { exactSize } from './size.js';
import { formatDuration } from './time.js';

export interface CallStyle {
  readonly theme: Theme;
  /** Show ids and paths beside names. */
  readonly ids: boolean;
}

type Call = CallArguments & { pg?: Pg; pg2?: Pg };

/** `pread64(15<shop: public.orders main 984/133334>, 8192)`, printable whatever it holds. */
export function formatCall(name: string, call: Call, style: CallStyle): string {
  const { fd } = call;
  const head = fd === undefined ? pathArguments(call, style) : String(fd) + object(call.pg, call.path, style);
  const rest = otherArguments(name, call, style);
  // `rest` has its comma before every argument, the first one too.
  return `${safe(name)}(${head === '' ? rest.slice(2) : head + rest})`;
}

function pathArguments(call: Call, style: CallStyle): string {
  const at = call.dirfd === undefined ? '' : directory(call.dirfd, call.dirpath);
  const path = call.path === undefined ? '' : pathArgument(call.path, call.pg, style);
  return at === '' || path === '' ? at + path : `${at}, ${path}`;
}

/** `<…>` after a descriptor: the object, else what the trace says of it. */
function object(pg: Pg | undefined, path: string | undefined, { theme, ids }: CallStyle): string {
  if (pg === undefined) return path === undefined ? '' : `<${safe(path)}>`;
  const color = pg.unresolved === undefined ? theme.object : theme.unresolved;
  const text = describeObject(pg, path, ids);
  const beside = ids && path !== undefined ? ` ${safe(path)}` : '';
  return `<${color}${text}${theme.end}${beside}>`;
}

/** The object in a path's place, or the path in quotes. */
function pathArgument(path: string, pg: Pg | undefined, style: CallStyle): string {
  return pg === undefined ? quoted(path) : object(pg, path, style);
}

function directory(dirfd: number | 'AT_FDCWD', path: string | undefined): string {
  return dirfd === 'AT_FDCWD' || path === undefined ? String(dirfd) : `${dirfd}<${safe(path)}>`;
}

/** Calls whose offset follows the length; the others have it before. */
const OFFSET_LAST: ReadonlySet<string> = new Set([
  'pread64',
  'pwrite64',
  'pread',
  'pwrite',
  'preadv',
  'pwritev',
  'preadv2',
  'pwritev2',
]);

function otherArguments(name: string, call: Call, style: CallStyle): string {
  let text = call.length === undefined ? '' : `, ${size(call.length)}`;
  if (call.offset !== undefined && (style.ids || !hasPlace(call))) {
    text = OFFSET_LAST.has(name) ? `${text}, ${call.offset}` : `, ${call.offset}${text}`;
  }
  if (call.iovcnt !== undefined) text = `, ${call.iovcnt} buffers${text}`;
  if (call.cmd !== undefined) text += `, ${safe(call.cmd)}`;
  if (call.newdirfd !== undefined) text += `, ${directory(call.newdirfd, call.newdirpath)}`;
  if (call.newpath !== undefined) text += `, ${pathArgument(call.newpath, call.pg2, style)}`;
  if (call.outfd !== undefined) text += `, ${call.outfd}${object(call.pg2, call.outpath, style)}`;
  if (call.outoffset !== undefined) text += `, ${call.outoffset}`;
  if (call.newfd !== undefined) text += `, ${call.newfd}`;
  if (call.lastfd !== undefined) text += `, ${call.lastfd}`;
  if (call.whence !== undefined) text += `, ${safe(call.whence)}`;
  if (call.prot !== undefined) text += `, ${safe(call.prot)}`;
  if (call.flags !== undefined) text += `, ${safe(call.flags)}`;
  if (call.mode !== undefined) text += `, ${safe(call.mode)}`;
  if (call.advice !== undefined) text += `, ${safe(call.advice)}`;
  if (call.args !== undefined) for (const argument of call.args) text += `, ${safe(argument)}`;
  return text;
}

/** Whether the object says where the call begins, so that the offset would say it twice. */
function hasPlace({ pg, whence }: Call): boolean {
  if (pg === undefined || whence !== undefined) return false;
  return pg.kind === 'wal' ? pg.lsn !== undefined : 'block' in pg && pg.block !== undefined;
}

function size(bytes: Int): string {
  return typeof bytes === 'number' ? exactSize(bytes) : safe(bytes);
}

/** Calls that return a number of bytes. */
const GIVES_BYTES =
  /^(?:p?(?:read|write)(?:v2?|64)?|send(?:to|msg|file|file64)?|recv(?:from|msg)?|copy_file_range)$/;
/** Calls that return an address. */
const GIVES_ADDRESS: ReadonlySet<string> = new Set(['mmap', 'mmap2', 'mremap', 'brk', 'shmat']);

/** ` = 8192 <0.000003>`, ` = -1 ENOENT <0.000010>`, ` = ?`. */
export function formatResult(event: SyscallEvent, style: CallStyle): string {
  const { theme } = style;
  if (event.unfinished === true) return ' <unfinished ...>';
  let text = ' = ';
  if (event.errno === undefined) text += returned(event);
  else
    text += `${theme.error}${event.ret === null ? '?' : safeInt(event.ret)} ${safe(event.errno)}${theme.end}`;
  text += returnedObject(event, style);
  return event.dur === undefined ? text : `${text} <${formatDuration(event.dur)}>`;
}

/** What a returned descriptor is, where the arguments have not told it: a live source may not see an open's path. */
function returnedObject({ retpath, fd, path, pg }: SyscallEvent, style: CallStyle): string {
  if (retpath === undefined) return '';
  if (pg !== undefined && fd === undefined && path === undefined) return object(pg, retpath, style);
  return style.ids || pg === undefined ? `<${safe(retpath)}>` : '';
}

function returned({ ret, call }: SyscallEvent): string {
  if (typeof ret !== 'number') return ret === null ? '?' : safe(ret);
  if (ret < 10240) return String(ret);
  if (GIVES_ADDRESS.has(call)) return `0x${ret.toString(16)}`;
  return GIVES_BYTES.test(call) ? exactSize(ret) : String(ret);
}

function safeInt(value: Int): string {
  return typeof value === 'number' ? String(value) : safe(value);
}
