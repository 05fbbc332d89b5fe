/** What each event id of an instance means: compiled once from the format files, looked up once a record. */
import { endianness } from 'node:os';
import { Failure } from '../../cli/diagnostic.js';
import type { Argument } from '../../parse/linux/calls.js';
import { cloneFlags } from '../../parse/linux/flags.js';
import type { ProbeShape } from '../probes/shape.js';
import { type Call, callOf } from './calls.js';
import type { Field, Format } from './format.js';

/** One argument of a call, found: where in the record its word lies. */
export interface Slot extends Argument {
  /** In 32-bit words from the record's beginning; for `text` that of the __data_loc word, -1 where there is none. */
  at: number;
  /** Whether it is of 64 bits. */
  wide: boolean;
}

export interface Enter {
  kind: 'enter';
  call: Call;
  slots: readonly Slot[];
  /** How many 32-bit words of the record are to be kept until the exit. */
  words: number;
  /** Whether some slot's text is recorded. */
  hasText: boolean;
  /** `transfer`: descriptor, buffer, length, offset, the calls of which there are most; they have a short way. */
  form: 'transfer' | 'general';
}

export interface Exit {
  kind: 'exit';
  call: Call;
  /** Where the result is, in 32-bit words. */
  at: number;
  wide: boolean;
}

/** sched:sched_process_exit of a watched process. */
export interface ProcessExit {
  kind: 'process exit';
}

/** sched:sched_process_fork of a watched process; the place of the child's pid in 32-bit words. */
export interface Fork {
  kind: 'fork';
  child: number;
}

/** signal:signal_deliver; the places of its fields in 32-bit words. */
export interface Signal {
  kind: 'signal';
  signal: number;
  handler: number;
}

/** raw_syscalls: every call by one event, the number of the call in the record, at a place in 32-bit words. */
export interface Raw<S extends Enter | Exit> {
  kind: 'raw';
  at: number;
  calls: Map<number, S>;
  /** Of a number that is not known; null where such a call is not asked for. */
  unknown: ((number: number) => S) | null;
}

export type Shape = Enter | Exit | ProcessExit | Fork | Signal | Raw<Enter> | Raw<Exit> | ProbeShape;

/** How every record begins, in 16-bit and 32-bit words. */
export interface Common {
  type: number;
  pid: number;
}

export interface Schema {
  common: Common;
  /** By event id; probes come later. */
  shapes: (Shape | undefined)[];
}

/**
 * @param raw the calls to be told of raw_syscalls, by number; the others too where `all`.
 * @throws Failure where an event lacks a field that it has in every kernel known.
 */
export function compileSchema(
  formats: readonly Format[],
  raw: ReadonlyMap<number, string> = new Map(),
  all = false,
): Schema {
  const shapes: (Shape | undefined)[] = [];
  for (const format of formats) shapes[format.id] = shapeOf(format, raw, all);
  const common = formats[0]?.common;
  if (common === undefined) throw new Failure('tracefs has no event that can be traced');
  return { common: { type: common.type.offset >> 1, pid: common.pid.offset >> 2 }, shapes };
}

function shapeOf(format: Format, raw: ReadonlyMap<number, string>, all: boolean): Shape {
  const [, way, name] = /^sys_(enter|exit)(?:_(.+))?$/.exec(format.name) ?? [];
  if (way === 'enter')
    return name === undefined
      ? rawOf(format, raw, all, rawEnterOf(format))
      : enterOf(name, parametersOf(format));
  if (way === 'exit')
    return name === undefined ? rawOf(format, raw, all, exitOf(format)) : exitOf(format)(name);
  if (format.name === 'sched_process_exit') return { kind: 'process exit' };
  if (format.name === 'sched_process_fork')
    return { kind: 'fork', child: fieldOf(format, 'child_pid').offset >> 2 };
  return {
    kind: 'signal',
    signal: fieldOf(format, 'sig').offset >> 2,
    handler: fieldOf(format, 'sa_handler').offset >> 2,
  };
}

/** A call's parameter as an event records it. */
interface Recorded {
  name: string;
  /** In 32-bit words; of the text it points at, -1 where that is not recorded. */
  at: number;
  wide: boolean;
  textAt: number;
}

function parametersOf(format: Format): Recorded[] {
  const texts = format.fields.filter((field) => field.type.startsWith('__data_loc'));
  return format.fields
    .filter((field) => field.name !== '__syscall_nr' && field.name !== 'nr' && !texts.includes(field))
    .map(({ name, offset, size }) => {
      // Newer kernels record what a pointer to text points at in a field of its own (`__filename_val`).
      const text = texts.find((candidate) => candidate.name === `__${name}_val`);
      return {
        name,
        at: offset >> 2,
        wide: size === 8,
        textAt: text === undefined ? -1 : text.offset >> 2,
      };
    });
}

function enterOf(name: string, parameters: readonly Recorded[]): Enter {
  const call = callOf(name);
  const slots = parameters.map(({ name: parameter, at, wide, textAt }, index): Slot => {
    if (call.args === null) return { key: '', read: 'unsigned', at, wide };
    // Where clone has its flags depends on the architecture (CONFIG_CLONE_BACKWARDS2).
    if (parameter === 'clone_flags') return { key: 'flags', read: cloneFlags, at, wide };
    const argument = call.args[index];
    if (argument === undefined) return { key: '', read: 'skip', at, wide };
    return argument.read === 'text' ? { ...argument, at: textAt, wide: false } : { ...argument, at, wide };
  });
  const words = Math.max(0, ...parameters.map(({ at, wide }) => at + (wide ? 2 : 1)));
  const hasText = slots.some((slot) => slot.read === 'text' && slot.at >= 0);
  return { kind: 'enter', call, slots, words, hasText, form: isTransfer(slots) ? 'transfer' : 'general' };
}

function exitOf(format: Format): (name: string) => Exit {
  const ret = fieldOf(format, 'ret');
  return (name) => ({ kind: 'exit', call: callOf(name), at: ret.offset >> 2, wide: ret.size === 8 });
}

/** A raw record has six words whatever the call: those that it has parameters for, or all where that is unknown. */
function rawEnterOf(format: Format): (name: string) => Enter {
  const { offset, size } = fieldOf(format, 'args');
  const word = size / 6;
  const parameters = Array.from({ length: 6 }, (_, i): Recorded => {
    return { name: '', at: (offset + i * word) >> 2, wide: word === 8, textAt: -1 };
  });
  return (name) => enterOf(name, parameters.slice(0, callOf(name).args?.length ?? 6));
}

function rawOf<S extends Enter | Exit>(
  format: Format,
  raw: ReadonlyMap<number, string>,
  all: boolean,
  make: (name: string) => S,
): Raw<S> {
  const { offset, size } = fieldOf(format, 'id');
  // The low half of a long: the number is never beyond it.
  const at = (offset >> 2) + (size === 8 && endianness() === 'BE' ? 1 : 0);
  const calls = new Map([...raw].map(([number, name]) => [number, make(name)]));
  // As strace(1) names what it does not know.
  const unknown = all ? (number: number) => make(`syscall_0x${number.toString(16)}`) : null;
  return { kind: 'raw', at, calls, unknown };
}

/** What a raw record is; undefined for a call that is not asked for. */
export function shapeOfRaw<S extends Enter | Exit>(raw: Raw<S>, number: number): S | undefined {
  let shape = raw.calls.get(number);
  if (shape === undefined && raw.unknown !== null) {
    shape = raw.unknown(number);
    raw.calls.set(number, shape);
  }
  return shape;
}

function isTransfer(slots: readonly Slot[]): boolean {
  return slots.map(({ key }) => key).join() === 'fd,,length,offset';
}

function fieldOf(format: Format, name: string): Field {
  const field = format.fields.find((candidate) => candidate.name === name);
  if (field === undefined)
    throw new Failure(
      `event ${format.name} of this kernel has no field ${name} (found ${format.fields.map((f) => f.name).join(', ')})`,
      'please report it with the output of uname -r; --via strace works without it',
    );
  return field;
}
