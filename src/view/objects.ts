/** What the calls touch: relations with their forks, and everything else that has a name. */
import type { Pg, PgRelation } from '../event/pg.js';
import type { BlockSet } from './blockset.js';
import { FewMap, FewSet } from './few.js';
import type { Measure } from './measure.js';
import type { Group, ProcessStat } from './processes.js';
import { Pace } from './rate.js';
import type { Scan } from './scan.js';
import type { Stream } from './stream.js';
import { Tally } from './tally.js';

/** A relation's file set, or a kind of other files; what one row of a table by relation shows. */
export interface ObjectStat {
  /** Unique among the objects of one Aggregates, in the order they were met. */
  readonly id: number;
  /** `relation`, `wal`, `temp`, a kind of PgOther …; `path` where the events have no `pg`; `none` for calls on no file. */
  readonly kind: Pg['kind'] | 'path' | 'none';
  /** What the events say of it, the last that had a name; of relations, the numbers in it are those of one call. */
  pg: Pg | null;
  /** The path of an object of kind `path`; null else. Raw: escape it before it is shown. */
  readonly path: string | null;
  readonly tally: Tally;
  /** Of a relation, those that were met. */
  readonly forks: ForkStat[];
  /** Of late: seconds in calls (samples, where only moments are seen), and bytes moved; null before any that has a time. */
  pace: Pace | null;
  /** The processes that touched it: the last one, and those before it where there are such. */
  user: ProcessStat | null;
  others: Set<ProcessStat> | null;
  /** Of relations, another of the same filenode. */
  next: ObjectStat | null;
  /** It is among those that takeTouched() of the Aggregates will give. */
  touched: boolean;
}

export interface ForkStat {
  readonly object: ObjectStat;
  readonly name: string;
  /** Its blocks, over all segments; -1 where not known. */
  total: number;
  /** Each process that read or wrote its blocks. Those of processes that ended are in `past`. */
  readonly streams: FewMap<ProcessStat, Stream>;
  /** One for each group of processes, and each direction: `reads` is where progress shows. */
  readonly reads: Scans;
  readonly writes: Scans;
  /** The blocks that ended processes touched. */
  past: BlockSet | null;
  /** The groups that asked for its size or read it: I/O workers read for them. */
  readonly users: FewSet<Group>;
}

export type Scans = FewMap<Group, Scan>;

export interface Objects {
  readonly all: ObjectStat[];
  of(pg: Pg | undefined, path: string | undefined): ObjectStat;
}

export function createObjects(): Objects {
  const all: ObjectStat[] = [];
  const byFilenode = new Map<number, ObjectStat>();
  const others = new Map<string, ObjectStat>();

  function add(kind: ObjectStat['kind'], pg: Pg | null, path: string | null): ObjectStat {
    const made: ObjectStat = {
      id: all.length,
      kind,
      pg,
      path,
      tally: new Tally(),
      forks: [],
      pace: null,
      user: null,
      others: null,
      next: null,
      touched: false,
    };
    all.push(made);
    return made;
  }

  function relation(pg: PgRelation): ObjectStat {
    const first = byFilenode.get(pg.filenode) ?? null;
    for (let object = first; object !== null; object = object.next)
      if (isSame(object.pg as PgRelation, pg)) return object;
    const made = add('relation', pg, null);
    if (first === null) byFilenode.set(pg.filenode, made);
    else {
      made.next = first.next;
      first.next = made;
    }
    return made;
  }

  function other(key: string, kind: ObjectStat['kind'], pg: Pg | null, path: string | null): ObjectStat {
    let object = others.get(key);
    if (object === undefined) {
      object = add(kind, pg, path);
      others.set(key, object);
    }
    return object;
  }

  return {
    all,
    of(pg, path) {
      if (pg === undefined)
        return path === undefined ? other('', 'none', null, null) : other(`/${path}`, 'path', null, path);
      if (pg.kind !== 'relation') return other(otherKey(pg), pg.kind, pg, null);
      const object = relation(pg);
      const known = object.pg as PgRelation;
      if (
        pg.relation !== undefined &&
        (known.relation !== pg.relation || known.uncommitted !== pg.uncommitted)
      )
        object.pg = pg;
      return object;
    },
  };
}

/** The process was at the object. */
export function occupy(object: ObjectStat, process: ProcessStat, event: Measure): void {
  if (object.user !== process) use(object, process);
  if (Number.isNaN(event.ts)) return;
  object.pace ??= new Pace();
  object.pace.add(event);
}

function use(object: ObjectStat, process: ProcessStat): void {
  if (object.user !== null) {
    object.others ??= new Set();
    object.others.add(object.user);
  }
  object.user = process;
}

export function isUsedBy({ user, others }: ObjectStat, process: ProcessStat): boolean {
  return user === process || others?.has(process) === true;
}

/** The temporary files of one process are one object, the other files of a kind and database, too. */
function otherKey(pg: Exclude<Pg, PgRelation>): string {
  if (pg.kind === 'temp') return `temp ${pg.creator ?? ''}`;
  return 'database' in pg && pg.database !== undefined ? `${pg.kind} ${pg.database}` : pg.kind;
}

/** As PostgreSQL's RelFileLocator (src/include/storage/relfilelocator.h), and the backend of a temporary relation. */
function isSame(a: PgRelation, b: PgRelation): boolean {
  if (a.databaseOid !== b.databaseOid) return false;
  if (a.databaseOid === undefined && a.database !== b.database) return false;
  return a.tablespace === b.tablespace && a.backend === b.backend;
}

/** The main fork, where it was met. */
export function mainForkOf({ forks }: ObjectStat): ForkStat | undefined {
  return forks.find(({ name }) => name === 'main');
}

export function forkOf(object: ObjectStat, name: string): ForkStat {
  let fork = object.forks.find((known) => known.name === name);
  if (fork === undefined) {
    fork = {
      object,
      name,
      total: -1,
      streams: new FewMap(),
      reads: new FewMap(),
      writes: new FewMap(),
      past: null,
      users: new FewSet(),
    };
    object.forks.push(fork);
  }
  return fork;
}
