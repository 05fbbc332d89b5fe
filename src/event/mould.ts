/** Events that are made by the million: copied from one like them, and filled in place. */
import { NUMBER_SLOTS, SLOT, type Slot } from './cut.js';
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
  /** What a reader of such events keeps with it; null before it does. */
  kept: object | null;
}

/** What a line's slots held. Those that the line has not are left as they were. */
export interface Values {
  /** By slot. */
  readonly numbers: Float64Array;
  /** The bytes that `args` is in, and where: valid as long as those are. */
  args: Uint8Array;
  argsFrom: number;
  argsEnd: number;
  lsn: string;
}

export function newValues(): Values {
  return { numbers: new Float64Array(NUMBER_SLOTS), args: NOTHING, argsFrom: 0, argsEnd: 0, lsn: '' };
}

const NOTHING = new Uint8Array(0);

function argsOf({ args, argsFrom, argsEnd }: Values): string[] {
  const text = Buffer.from(args.buffer, args.byteOffset + argsFrom, argsEnd - argsFrom).toString();
  return JSON.parse(text) as string[];
}

type Changing = Exclude<keyof typeof SLOT, `pg.${string}`>;
type ChangingPg = 'block' | 'blocks' | 'total' | 'first' | 'last';
type Filling = { type: string; pg?: Pg; args?: string[] } & { [K in Exclude<Changing, 'args'>]?: number };
type FillingPg = { kind: string; lsn?: string } & { [K in ChangingPg]?: number };

const PG_SLOTS: ReadonlySet<Slot> = new Set(
  Object.entries(SLOT).flatMap(([key, slot]) => (key.startsWith('pg.') ? [slot] : [])),
);

/** Null where the event has keys that are not of the contract, which only JSON.parse keeps. */
export function makeMould(event: Event, slots: readonly Slot[]): Mould | null {
  const shape = eventShape(event);
  const pg = 'pg' in event ? (event.pg ?? null) : null;
  const shapeOfPg = pg === null ? 'any' : pgShape(pg);
  if (shape === null || shapeOfPg === null) return null;
  const changing = slots.some((slot) => PG_SLOTS.has(slot));
  return { event, shape, pg: changing ? pg : null, pgShape: shapeOfPg, slots, kept: null };
}

/** The event of a line that has these values. A `pg` without slots is shared. */
export function cast(mould: Mould, values: Values): Event {
  const event = copyEvent(mould.event, mould.shape) as Filling;
  const pg = mould.pg === null ? null : (copyPg(mould.pg, mould.pgShape) as FillingPg);
  if (pg !== null) event.pg = pg as Pg;
  const { slots } = mould;
  const { numbers } = values;
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index]!;
    const value = numbers[slot]!;
    switch (slot) {
      case SLOT.ts:
        event.ts = value;
        break;
      case SLOT.pid:
        event.pid = value;
        break;
      case SLOT.fd:
        event.fd = value;
        break;
      case SLOT.length:
        event.length = value;
        break;
      case SLOT.offset:
        event.offset = value;
        break;
      case SLOT.ret:
        event.ret = value;
        break;
      case SLOT.size:
        event.size = value;
        break;
      case SLOT.dur:
        event.dur = value;
        break;
      case SLOT['pg.block']:
        pg!.block = value;
        break;
      case SLOT['pg.blocks']:
        pg!.blocks = value;
        break;
      case SLOT['pg.total']:
        pg!.total = value;
        break;
      case SLOT['pg.first']:
        pg!.first = value;
        break;
      case SLOT['pg.last']:
        pg!.last = value;
        break;
      case SLOT['pg.lsn']:
        pg!.lsn = values.lsn;
        break;
      case SLOT.args:
        event.args = argsOf(values);
        break;
      case SLOT.dirfd:
        event.dirfd = value;
        break;
      case SLOT.newdirfd:
        event.newdirfd = value;
        break;
      case SLOT.newfd:
        event.newfd = value;
        break;
      case SLOT.lastfd:
        event.lastfd = value;
        break;
      case SLOT.outfd:
        event.outfd = value;
        break;
      case SLOT.outoffset:
        event.outoffset = value;
        break;
      case SLOT.iovcnt:
        event.iovcnt = value;
        break;
      case SLOT.block:
        event.block = value;
        break;
      case SLOT.statement:
        event.statement = value;
        break;
    }
  }
  return event as unknown as Event;
}
