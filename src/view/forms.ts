/** Calls that differ in their numbers only: what is looked up once for all of a form. */
import type { Slot } from '../event/cut.js';
import type { Pg } from '../event/pg.js';
import type { SyscallEvent } from '../event/types.js';
import { type Alike, flowOf } from './measure.js';
import type { ForkStat, ObjectStat } from './objects.js';
import type { Tally } from './tally.js';

/** What a call does to its relation beside reading and writing: asks for its size, makes its file, makes it longer. */
export type Role = 'sized' | 'made' | 'extended' | null;

export function roleOf({ call, whence, flags }: SyscallEvent): Role {
  if (whence === 'SEEK_END') return 'sized';
  // 16 and later extend a relation by fallocate(2), too.
  if (call === 'fallocate') return 'extended';
  return flags?.includes('O_CREAT') === true ? 'made' : null;
}

/** Calls on one fork, or on another file or none. */
export interface Form extends Alike {
  /** Of one of them, where it is not a number of each; -1 where the trace gives none. */
  readonly pid: number;
  readonly call: string;
  /** What one of them says of its file; the numbers in it are that call's. */
  readonly pg: Pg | undefined;
  readonly path: string | undefined;
  readonly role: Role;
  readonly segment: number;
  readonly object: ObjectStat;
  /** Null where it is no relation's. */
  readonly fork: ForkStat | null;
  /** Of all calls of the name. */
  readonly calls: Tally;
  /** What the object was called when they were met. */
  named: Pg | null;
}

export function createForm(
  event: SyscallEvent,
  slots: readonly Slot[],
  object: ObjectStat,
  fork: ForkStat | null,
  calls: Tally,
): Form {
  return {
    pid: event.pid ?? -1,
    call: event.call,
    pg: event.pg,
    path: event.path,
    flow: flowOf(event.call),
    failed: event.errno !== undefined,
    role: roleOf(event),
    numbers: slots.reduce<number>((bits, slot) => bits | (1 << slot), 0),
    segment: event.pg?.kind === 'relation' ? (event.pg.segment ?? 0) : 0,
    object,
    fork,
    calls,
    named: object.pg,
  };
}
