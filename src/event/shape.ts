/**
 * Copies of events and of what they hold, by literals: V8 makes a literal in one step, and a spread key by key.
 * Keys that the original has not are undefined, so that most calls are of one hidden class and all others of a
 * second, which is all that those who read them pay for. With one class for all, of 36 keys, an event that has
 * ten would be 300 bytes, and writing those would take longer than reading the line.
 */
import { EVENT_KEYS, PG_KEYS } from './keys.js';
import type { Pg, PgRelation } from './pg.js';
import type { Event, SyscallEvent } from './types.js';

/** The keys of most calls, and those of the `pg` of most. */
const COMMON = ['type', 'ts', 'pid', 'call', 'fd', 'path', 'offset', 'length', 'ret', 'dur', 'pg'] as const;
const COMMON_PG = [
  'kind',
  'database',
  'schema',
  'relation',
  'relkind',
  'table',
  'fork',
  'segment',
  'block',
  'blocks',
  'total',
  'oid',
  'databaseOid',
  'filenode',
  'tablespace',
] as const;

type Some<T, K extends keyof T> = { [P in K]: T[P] | undefined };

/** `common` for those that have no other keys; `any` for the others. */
export type Shape = 'common' | 'any';

/** Null where it has keys that are not of the contract. */
export function eventShape(event: Event): Shape | null {
  if (event.type === 'syscall' && hasOnly(event, COMMON)) return 'common';
  return hasOnly(event, ['type', ...Object.keys(EVENT_KEYS[event.type])]) ? 'any' : null;
}

/** The same for a `pg`. */
export function pgShape(pg: Pg): Shape | null {
  if (pg.kind === 'relation' && hasOnly(pg, COMMON_PG)) return 'common';
  return hasOnly(pg, ['kind', ...Object.keys(PG_KEYS[pg.kind] ?? {})]) ? 'any' : null;
}

function hasOnly(value: object, keys: readonly string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key));
}

export function copyEvent(event: Event, shape: Shape): Event {
  if (event.type !== 'syscall') return { ...event };
  return shape === 'common' ? copyCommonCall(event) : copyCall(event);
}

export function copyPg(pg: Pg, shape: Shape): Pg {
  return pg.kind === 'relation' && shape === 'common' ? copyRelation(pg) : { ...pg };
}

function copyCommonCall(event: SyscallEvent): SyscallEvent {
  const narrow: Some<SyscallEvent, (typeof COMMON)[number]> = {
    type: 'syscall',
    ts: event.ts,
    pid: event.pid,
    call: event.call,
    fd: event.fd,
    path: event.path,
    offset: event.offset,
    length: event.length,
    ret: event.ret,
    dur: event.dur,
    pg: event.pg,
  };
  return narrow as SyscallEvent;
}

function copyCall(event: SyscallEvent): SyscallEvent {
  const wide: Some<SyscallEvent, keyof SyscallEvent> = {
    type: 'syscall',
    ts: event.ts,
    pid: event.pid,
    comm: event.comm,
    call: event.call,
    fd: event.fd,
    path: event.path,
    deleted: event.deleted,
    dirfd: event.dirfd,
    dirpath: event.dirpath,
    newdirfd: event.newdirfd,
    newdirpath: event.newdirpath,
    newpath: event.newpath,
    newfd: event.newfd,
    lastfd: event.lastfd,
    outfd: event.outfd,
    outpath: event.outpath,
    outoffset: event.outoffset,
    offset: event.offset,
    length: event.length,
    iovcnt: event.iovcnt,
    whence: event.whence,
    flags: event.flags,
    mode: event.mode,
    prot: event.prot,
    cmd: event.cmd,
    advice: event.advice,
    args: event.args,
    ret: event.ret,
    retpath: event.retpath,
    size: event.size,
    errno: event.errno,
    dur: event.dur,
    unfinished: event.unfinished,
    raw: event.raw,
    pg: event.pg,
    pg2: event.pg2,
  };
  return wide as SyscallEvent;
}

function copyRelation(pg: PgRelation): PgRelation {
  const narrow: Some<PgRelation, (typeof COMMON_PG)[number]> = {
    kind: 'relation',
    database: pg.database,
    schema: pg.schema,
    relation: pg.relation,
    relkind: pg.relkind,
    table: pg.table,
    fork: pg.fork,
    segment: pg.segment,
    block: pg.block,
    blocks: pg.blocks,
    total: pg.total,
    oid: pg.oid,
    databaseOid: pg.databaseOid,
    filenode: pg.filenode,
    tablespace: pg.tablespace,
  };
  return narrow as PgRelation;
}
