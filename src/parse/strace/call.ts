/** Calls by name: how to read their arguments, and how to find one in a line without making a string of its name. */
import { CALLS, KEY_ORDER, type Parameter, RETURNS_PROCESS, type ValueKey } from '../calls.js';
import { READERS, type ReadArgument, type Slots } from './arguments.js';
import { plainKinds } from './plain.js';
import { detach } from './process.js';
import { skipArgument } from './scan.js';
import { FOREIGN } from './values.js';

type SlotKey = ValueKey | 'size';

/** The slots that a parameter fills, where it is not the one of its own name. */
const FILLS: Partial<Record<Parameter, readonly SlotKey[]>> = {
  '-': [],
  fd: ['fd', 'path', 'deleted'],
  dirfd: ['dirfd', 'dirpath'],
  newdirfd: ['newdirfd', 'newdirpath'],
  outfd: ['outfd', 'outpath'],
  '*offset': ['offset'],
  '*outoffset': ['outoffset'],
  iov: ['length'],
  how: ['flags', 'mode'],
  'flags=': ['flags'],
  '*stat': ['size'],
  fds: ['fd', 'path', 'deleted', 'newfd'],
  arg: ['newfd', 'flags'],
};

/** The keys that the calls of a server at work have, beside the path: see event.ts. */
export type Shape = 'fd' | 'fd length' | 'fd offset length' | 'fd offset whence' | 'other';

const SHAPES: ReadonlySet<string> = new Set<Shape>([
  'fd',
  'fd length',
  'fd offset length',
  'fd offset whence',
]);

function shapeOf(keys: readonly ValueKey[]): Shape {
  const shape = keys.filter((key) => key !== 'path' && key !== 'deleted').join(' ');
  return SHAPES.has(shape) ? (shape as Shape) : 'other';
}

function fills(parameter: Parameter): readonly SlotKey[] {
  return FILLS[parameter] ?? [parameter as ValueKey];
}

export class Call {
  readonly name: string;
  /** Null where calls.ts does not know the call. */
  readonly readers: readonly ReadArgument[] | null;
  readonly keys: readonly ValueKey[];
  /** The kinds of its parameters where fast.ts can read them all. */
  readonly fast: Uint8Array | null;
  /** Its keys where an event of it can be made in one piece. */
  readonly shape: Shape;
  /** Its result is a process, so what stands behind it is no file. */
  readonly returnsProcess: boolean;
  /** Its result shows the size of a file. */
  readonly tellsSize: boolean;
  private readonly filled: readonly (readonly SlotKey[])[];

  constructor(name: string) {
    const parameters = CALLS.get(name);
    this.name = name;
    this.readers = parameters?.map((parameter) => READERS[parameter]) ?? null;
    this.filled = parameters?.map(fills) ?? [];
    const all = new Set(this.filled.flat());
    this.keys = KEY_ORDER.filter((key) => all.has(key));
    this.fast = parameters === undefined ? null : plainKinds(parameters);
    this.tellsSize = all.has('size');
    this.shape = this.tellsSize ? 'other' : shapeOf(this.keys);
    this.returnsProcess = RETURNS_PROCESS.has(name);
  }

  /** Empties the slots of the parameters from `first` on: the line ended, or closed, before them. */
  clear(slots: Slots, first: number): void {
    for (let index = first; index < this.filled.length; index++) {
      for (const key of this.filled[index]!) slots[key] = undefined;
    }
  }
}

/** Where the arguments ended: after the closing `)`, or one of these. */
export const ENDED_EARLY = -2;

/**
 * Reads the arguments that begin at `pos` into the slots. Gives the position after the `)`, `ENDED_EARLY` where
 * the line has none, or `FOREIGN` where an argument is of no form that its parameter can have.
 */
export function readArguments(
  call: Call,
  readers: readonly ReadArgument[],
  slots: Slots,
  text: string,
  pos: number,
  end: number,
): number {
  let at = pos;
  let index = 0;
  while (at < end) {
    let code = text.charCodeAt(at);
    if (code === 32) {
      at++;
      continue;
    }
    if (code === 41) {
      if (index < readers.length) call.clear(slots, index);
      return at + 1;
    }
    if (index < readers.length) {
      const reader = readers[index++]!;
      if (code >= 97 && code <= 122 && reader !== READERS['flags=']) at = skipLabel(text, at, end);
      at = reader(slots, text, at, end);
    } else at = skipArgument(text, at, end);
    if (at === FOREIGN) return FOREIGN;
    code = text.charCodeAt(at);
    if (code === 44) at++;
    else if (code !== 41) {
      at = skipArgument(text, at, end);
      code = text.charCodeAt(at);
      // A bracket that nothing opened ends no argument.
      if (at < end && code !== 44 && code !== 41) return FOREIGN;
      if (at < end && code === 44) at++;
    }
  }
  call.clear(slots, index);
  return ENDED_EARLY;
}

/** After the `count=` that -N puts before an argument. */
function skipLabel(text: string, pos: number, end: number): number {
  let at = pos;
  for (let code = text.charCodeAt(at); (code >= 97 && code <= 122) || code === 95; code = text.charCodeAt(at))
    at++;
  return at < end && text.charCodeAt(at) === 61 ? at + 1 : pos;
}

/** The arguments as they stand, separated; what `readArguments` gives, without a reader of their own. */
export function splitArguments(args: string[], text: string, pos: number, end: number): number {
  let at = pos;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 32) at++;
    else if (code === 41) return at + 1;
    else {
      const after = skipArgument(text, at, end);
      const stray = after < end && text.charCodeAt(after) !== 44 && text.charCodeAt(after) !== 41;
      if (stray) return FOREIGN;
      args.push(text.slice(at, after).trimEnd());
      at = text.charCodeAt(after) === 44 ? after + 1 : after;
    }
  }
  return ENDED_EARLY;
}

/** Calls that a trace may name at most; more is no trace of system calls, and is not remembered. */
const MOST_CALLS = 4096;

/** The calls that a trace names, each made once. */
export class CallTable {
  private readonly byName = new Map<string, Call>();

  named(name: string): Call {
    let call = this.byName.get(name);
    if (call === undefined) {
      call = new Call(detach(name));
      if (this.byName.size < MOST_CALLS) this.byName.set(call.name, call);
    }
    return call;
  }
}
