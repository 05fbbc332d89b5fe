/** Events that are made by the million: copied from one like them, and filled in place. */
import type { Slot } from './cut.js';
import type { Pg } from './pg.js';
import { copyEvent, copyPg, eventShape, pgShape, type Shape } from './shape.js';
import type { Event } from './types.js';

/** An event, once read, with the slots of its line in their order: what the next one like it is cast from. */
export interface Mould {
  readonly event: Event;
  readonly shape: Shape;
  /** The event's `pg` where it has slots, so that it must be copied too. */
  readonly pg: Pg | null;
  readonly pgShape: Shape;
  readonly slots: readonly Slot[];
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

/** Null where the event has keys that are not of the contract, which only JSON.parse keeps. */
export function makeMould(event: Event, slots: readonly Slot[]): Mould | null {
  const shape = eventShape(event);
  const pg = 'pg' in event ? (event.pg ?? null) : null;
  const shapeOfPg = pg === null ? 'any' : pgShape(pg);
  if (shape === null || shapeOfPg === null) return null;
  const changing = slots.some((slot) => slot.startsWith('pg.'));
  return { event, shape, pg: changing ? pg : null, pgShape: shapeOfPg, slots };
}

/** The event of a line that has these values. A `pg` without slots is shared. */
export function cast(mould: Mould, values: Values): Event {
  const event = copyEvent(mould.event, mould.shape) as Filling;
  const pg = mould.pg === null ? null : (copyPg(mould.pg, mould.pgShape) as FillingPg);
  if (pg !== null) event.pg = pg as Pg;
  const { slots } = mould;
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
      case 'size':
        event.size = value;
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
      case 'statement':
        event.statement = value;
        break;
    }
  }
  return event as unknown as Event;
}
