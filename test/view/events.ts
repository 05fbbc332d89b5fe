/** Events of a backend at work, made up for tests of the views. */
import type { PgRelation } from '../../src/event/pg.js';
import type { Event, SyscallEvent } from '../../src/event/types.js';

export const PID = 3820;

export interface Trail {
  readonly events: Event[];
  /** A call that reads blocks of a relation's main fork. */
  read(relation: Partial<PgRelation>, block: number, blocks?: number): void;
  write(relation: Partial<PgRelation>, block: number, blocks?: number): void;
  /** lseek to the end, as a scan begins. */
  size(relation: Partial<PgRelation>): void;
  call(event: Partial<SyscallEvent>): void;
  add(event: Event): void;
}

/** Events a millisecond apart. */
export function createTrail(pid = PID): Trail {
  const events: Event[] = [];
  let ts = 1000;

  function call(event: Partial<SyscallEvent>): void {
    ts += 0.001;
    events.push({ type: 'syscall', ts, pid, call: 'pread64', ret: 0, dur: 0.0005, ...event });
  }

  function transfer(name: string, relation: Partial<PgRelation>, block: number, blocks: number): void {
    const bytes = blocks * 8192;
    call({
      call: name,
      offset: block * 8192,
      length: bytes,
      ret: bytes,
      pg: { ...pgOf(relation), block, blocks },
    });
  }

  return {
    events,
    read: (relation, block, blocks = 1) => transfer('pread64', relation, block, blocks),
    write: (relation, block, blocks = 1) => transfer('pwrite64', relation, block, blocks),
    size: (relation) => call({ call: 'lseek', whence: 'SEEK_END', ret: 8192, pg: pgOf(relation) }),
    call,
    add: (event) => events.push(event),
  };
}

export const ORDERS: Partial<PgRelation> = {
  relation: 'orders',
  relkind: 'table',
  filenode: 16390,
  total: 1000,
};
export const PKEY: Partial<PgRelation> = {
  relation: 'orders_pkey',
  relkind: 'index',
  table: 'public.orders',
  filenode: 16400,
  total: 200,
};

export function pgOf(relation: Partial<PgRelation>): PgRelation {
  return {
    kind: 'relation',
    database: 'shop',
    schema: 'public',
    fork: 'main',
    segment: 0,
    databaseOid: 5,
    filenode: 1,
    ...relation,
  };
}
