/** Events that are made by the million: one hidden class for all, and filled in place. */
import type { Slot } from './cut.js';
import type { Pg } from './pg.js';
import type { Event, SyscallEvent } from './types.js';

/** An event, once read, with the slots of its line in their order: what the next one like it is copied from. */
export interface Made {
  event: Event;
  /** The event's `pg` where it has slots, so that it must be copied too. */
  pg: Pg | null;
  slots: readonly Slot[];
}

/** What a line's slots held. */
export interface Values {
  /** By slot; unused for `args` and `pg.lsn`. */
  numbers: Float64Array;
  args: string[];
  lsn: string;
}

type Changing = Exclude<Slot, `pg.${string}`>;
type ChangingPg = 'block' | 'blocks' | 'total' | 'first' | 'last';
type Filling = { type: string; pg?: Pg; args?: string[] } & { [K in Exclude<Changing, 'args'>]?: number };
type FillingPg = { kind: string; lsn?: string } & { [K in ChangingPg]?: number };

export function makeWide(event: Event, slots: readonly Slot[]): Made {
  const pg = slots.some((slot) => slot.startsWith('pg.')) && 'pg' in event ? event.pg : undefined;
  return { event: event.type === 'syscall' ? widen(event) : event, pg: pg ?? null, slots };
}

/** A copy of what was made, with the values of a line. A `pg` without slots is shared. */
export function fill(made: Made, values: Values): Event {
  const event = { ...made.event } as Filling;
  const pg = (made.pg === null ? null : { ...made.pg }) as FillingPg | null;
  if (pg !== null) event.pg = pg as Pg;
  const { slots } = made;
  const { numbers } = values;
  for (let index = 0; index < slots.length; index++) {
    const value = numbers[index]!;
    switch (slots[index]!) {
      case 'ts':
        event.ts = value;
        break;
      case 'pid':
        event.pid = value;
        break;
      case 'fd':
        event.fd = value;
        break;
      case 'length':
        event.length = value;
        break;
      case 'offset':
        event.offset = value;
        break;
      case 'ret':
        event.ret = value;
        break;
      case 'dur':
        event.dur = value;
        break;
      case 'pg.block':
        pg!.block = value;
        break;
      case 'pg.blocks':
        pg!.blocks = value;
        break;
      case 'pg.total':
        pg!.total = value;
        break;
      case 'pg.first':
        pg!.first = value;
        break;
      case 'pg.last':
        pg!.last = value;
        break;
      case 'pg.lsn':
        pg!.lsn = values.lsn;
        break;
      case 'args':
        event.args = values.args;
        break;
      case 'dirfd':
        event.dirfd = value;
        break;
      case 'newdirfd':
        event.newdirfd = value;
        break;
      case 'newfd':
        event.newfd = value;
        break;
      case 'lastfd':
        event.lastfd = value;
        break;
      case 'outfd':
        event.outfd = value;
        break;
      case 'outoffset':
        event.outoffset = value;
        break;
      case 'iovcnt':
        event.iovcnt = value;
        break;
      case 'block':
        event.block = value;
        break;
    }
  }
  return event as unknown as Event;
}

/** The event with every key of its type, absent ones undefined: readers then pay for one shape. */
function widen(event: SyscallEvent): SyscallEvent {
  const wide: { [K in keyof Required<SyscallEvent>]: SyscallEvent[K] | undefined } = {
    type: 'syscall',
    ts: undefined,
    pid: undefined,
    comm: undefined,
    call: undefined,
    fd: undefined,
    path: undefined,
    deleted: undefined,
    dirfd: undefined,
    dirpath: undefined,
    newdirfd: undefined,
    newdirpath: undefined,
    newpath: undefined,
    newfd: undefined,
    lastfd: undefined,
    outfd: undefined,
    outpath: undefined,
    outoffset: undefined,
    offset: undefined,
    length: undefined,
    iovcnt: undefined,
    whence: undefined,
    flags: undefined,
    mode: undefined,
    prot: undefined,
    cmd: undefined,
    advice: undefined,
    args: undefined,
    ret: undefined,
    retpath: undefined,
    errno: undefined,
    dur: undefined,
    unfinished: undefined,
    raw: undefined,
    pg: undefined,
    pg2: undefined,
  };
  return { ...wide, ...event } as SyscallEvent;
}
