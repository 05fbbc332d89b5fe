/** The arguments of a call, each a text, to values: one way for each parameter of calls.ts. */
import type { CallArguments } from '../event/types.js';
import { CALLS, KEY_ORDER, type Parameter } from './calls.js';
import { isInteger, readInt32, readLong, readUnsigned } from './integer.js';
import type { System, WordKey } from './system.js';

/** How a dialect prints what is not a number. */
export interface Quoting {
  /** What stands between two quotes, without its escapes. */
  unquote(inside: string): string;
}

const CWD = 'AT_FDCWD';
const DESCRIPTOR = /^(-?\w+)(?:<(.*)>)?$/s;
const DELETED = ' (deleted)';
const NAMED = /^(-?\w+)<(.*)>$/s;
const PAIR = /^[[{] ?(\d+), ?(\d+) ?[\]}]$/;

/**
 * The values of a call's arguments, which stand in the kernel's order; what is absent or undefined is not told.
 * A call that calls.ts does not know, or whose arguments have another form, keeps them as they are.
 */
export function decodeArguments(
  call: string,
  args: readonly (string | undefined)[],
  system: System,
  quoting: Quoting,
): CallArguments {
  const parameters = CALLS.get(call);
  const values: CallArguments = {};
  const known =
    parameters?.every((parameter, index) => {
      const text = args[index];
      return text === undefined || read(values, call, parameter, text, system, quoting);
    }) ?? false;
  if (!known) {
    const rest = args.filter((text) => text !== undefined);
    return parameters !== undefined && rest.length === 0 ? {} : { args: rest };
  }
  if (isUncreatingOpen(call, values)) delete values.mode;
  return inOrder(values);
}

function inOrder(values: CallArguments): CallArguments {
  const ordered: Record<string, unknown> = {};
  for (const key of KEY_ORDER) if (values[key] !== undefined) ordered[key] = values[key];
  return ordered;
}

/** The mode of an open that creates nothing is whatever the register held. */
function isUncreatingOpen(call: string, { flags }: CallArguments): boolean {
  return (call === 'open' || call === 'openat') && flags !== undefined && !/O_CREAT|O_TMPFILE/.test(flags);
}

/** Reads an argument; false where its text cannot be this parameter's. */
function read(
  values: CallArguments,
  call: string,
  parameter: Parameter,
  text: string,
  system: System,
  quoting: Quoting,
): boolean {
  switch (parameter) {
    case 'fd':
      return readDescriptor(values, 'fd', 'path', text);
    case 'outfd':
      return readDescriptor(values, 'outfd', 'outpath', text);
    case 'dirfd':
      return readDirectory(values, 'dirfd', 'dirpath', text, system);
    case 'newdirfd':
      return readDirectory(values, 'newdirfd', 'newdirpath', text, system);
    case 'newfd':
      return set(values, 'newfd', readInt32(text));
    case 'lastfd':
      return set(values, 'lastfd', readInt32(text), (value) => value >>> 0);
    case 'iovcnt':
      return set(values, 'iovcnt', readInt32(text));
    case 'path':
    case 'newpath':
      if (text.startsWith('"')) values[parameter] = quoting.unquote(text.slice(1, text.lastIndexOf('"')));
      return text.startsWith('"') || isInteger(text) || text === 'NULL';
    case 'offset':
    case 'outoffset':
      return set(values, parameter, readLong(text));
    case 'length':
      return set(values, 'length', readUnsigned(text));
    case 'whence':
    case 'flags':
    case 'mode':
    case 'prot':
    case 'cmd':
    case 'advice':
      values[parameter] = readWords(call, parameter, text, system);
      return true;
    case 'flags=':
      values.flags = readWords(call, 'flags', text, system);
      return true;
    case 'arg':
      return readFcntlArgument(values, text, system);
    case 'fds':
      return readPair(values, text);
    case '*offset':
    case '*outoffset':
    case 'iov':
    case 'how':
    case '*stat':
    case '-':
      return true;
  }
}

function set<K extends keyof CallArguments, V extends CallArguments[K]>(
  values: CallArguments,
  key: K,
  value: V | undefined,
  make: (value: V) => V = (same) => same,
): boolean {
  if (value === undefined) return false;
  values[key] = make(value);
  return true;
}

/** `15`, `0xf`, `15</path>`. */
function readDescriptor(
  values: CallArguments,
  key: 'fd' | 'outfd',
  pathKey: 'path' | 'outpath',
  text: string,
): boolean {
  const [, number = '', path] = DESCRIPTOR.exec(text) ?? [];
  if (path !== undefined && pathKey === 'path' && path.startsWith('/') && path.endsWith(DELETED)) {
    values.path = path.slice(0, -DELETED.length);
    values.deleted = true;
  } else if (path !== undefined) values[pathKey] = path;
  return set(values, key, readInt32(number));
}

function readDirectory(
  values: CallArguments,
  key: 'dirfd' | 'newdirfd',
  pathKey: 'dirpath' | 'newdirpath',
  text: string,
  system: System,
): boolean {
  const [, number = '', path] = DESCRIPTOR.exec(text) ?? [];
  if (path !== undefined && path !== CWD) values[pathKey] = path;
  if (number === CWD) values[key] = CWD;
  else {
    const fd = readInt32(number);
    if (fd === undefined) return false;
    values[key] = fd === system.cwd ? CWD : fd;
  }
  return true;
}

/** Names (`O_RDWR|O_CREAT`), a number, or both (`0x202<O_RDWR|O_CREAT>`). */
function readWords(call: string, key: WordKey, text: string, system: System): string {
  const [, number = text, names] = NAMED.exec(text) ?? [];
  if (key === 'mode' && /^0[0-7]*$/.test(number)) return system.words(call, key, Number.parseInt(number, 8));
  if (names !== undefined && !/^<?invalid/.test(names) && names !== '') return names;
  return isInteger(number) ? system.words(call, key, readInt32(number)!) : text;
}

function readFcntlArgument(values: CallArguments, text: string, system: System): boolean {
  const { cmd } = values;
  if (cmd === undefined) return true;
  if (cmd.startsWith('F_DUP')) return set(values, 'newfd', readInt32(text));
  if (cmd === 'F_SETFL') values.flags = readWords('open', 'flags', text, system);
  if (cmd === 'F_SETFD')
    values.flags = isInteger(text)
      ? readInt32(text)! & 1
        ? 'FD_CLOEXEC'
        : '0'
      : readWords('fcntl', 'flags', text, system);
  return true;
}

/** The two descriptors of a pipe, where the trace shows what was at the address. */
function readPair(values: CallArguments, text: string): boolean {
  const [, first, second] = PAIR.exec(text) ?? [];
  if (first === undefined) return true;
  values.fd = Number(first);
  values.newfd = Number(second);
  return true;
}
