/** What each event id of an instance means: compiled once from the format files, looked up once a record. */
import { Failure } from '../../cli/diagnostic.js';
import { type Argument, type Call, callOf } from './calls.js';
import { cloneFlags } from './flags.js';
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

export type Shape = Enter | Exit | ProcessExit | Fork | Signal;

/** How every record begins, in 16-bit and 32-bit words. */
export interface Common {
  type: number;
  pid: number;
}

export interface Schema {
  common: Common;
  /** By event id. */
  shapes: readonly (Shape | undefined)[];
}

/** @throws Failure where an event lacks a field that it has in every kernel known. */
export function compileSchema(formats: readonly Format[]): Schema {
  const shapes: (Shape | undefined)[] = [];
  for (const format of formats) shapes[format.id] = shapeOf(format);
  const common = formats[0]?.common;
  if (common === undefined) throw new Failure('tracefs has no event that can be traced');
  return { common: { type: common.type.offset >> 1, pid: common.pid.offset >> 2 }, shapes };
}

function shapeOf(format: Format): Shape {
  const [, way, name] = /^sys_(enter|exit)_(.+)$/.exec(format.name) ?? [];
  if (way === 'enter') return enterOf(format, name!);
  if (way === 'exit') {
    const ret = fieldOf(format, 'ret');
    return { kind: 'exit', call: callOf(name!), at: ret.offset >> 2, wide: ret.size === 8 };
  }
  if (format.name === 'sched_process_exit') return { kind: 'process exit' };
  if (format.name === 'sched_process_fork')
    return { kind: 'fork', child: fieldOf(format, 'child_pid').offset >> 2 };
  return {
    kind: 'signal',
    signal: fieldOf(format, 'sig').offset >> 2,
    handler: fieldOf(format, 'sa_handler').offset >> 2,
  };
}

function enterOf(format: Format, name: string): Enter {
  const call = callOf(name);
  const parameters = format.fields.filter(
    (field) => field.name !== '__syscall_nr' && field.name !== 'nr' && !field.type.startsWith('__data_loc'),
  );
  const texts = format.fields.filter((field) => field.type.startsWith('__data_loc'));
  const slots = parameters.map((field, index): Slot => {
    const argument = call.args === null ? { key: '', read: 'unsigned' as const } : call.args[index];
    const slot = { at: field.offset >> 2, wide: field.size === 8 };
    if (argument === undefined) return { key: '', read: 'skip', ...slot };
    // Where clone has its flags depends on the architecture (CONFIG_CLONE_BACKWARDS).
    if (field.name === 'clone_flags') return { key: 'flags', read: cloneFlags, ...slot };
    if (argument.read !== 'text') return { ...argument, ...slot };
    // Newer kernels record what a pointer to text points at in a field of its own (`__filename_val`).
    const text = texts.find((candidate) => candidate.name === `__${field.name}_val`);
    return { ...argument, at: text === undefined ? -1 : text.offset >> 2, wide: false };
  });
  const end = Math.max(0, ...parameters.map((field) => field.offset + field.size));
  const hasText = slots.some((slot) => slot.read === 'text' && slot.at >= 0);
  return {
    kind: 'enter',
    call,
    slots,
    words: (end + 3) >> 2,
    hasText,
    form: isTransfer(slots) ? 'transfer' : 'general',
  };
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
