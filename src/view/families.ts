/** Tables with what belongs to them: their indexes, TOAST and partitions as one family. */
import { type Pg, type PgRelation, qualifiedName } from '../event/pg.js';
import { nameOf } from './name.js';
import { mainForkOf, type ObjectStat } from './objects.js';
import { type Progress, progressAt, sumOfForks } from './progress.js';

export interface Family {
  /** The table, or what stands for itself; the first that was met where the table itself was not. */
  head: ObjectStat;
  /** The table's name as events tell it; null where the family is of one that has none. */
  readonly table: string | null;
  readonly databaseOid: number | undefined;
  /** None where it has become a part of another family. */
  members: readonly ObjectStat[];
  /** The family of its parent, of a table that turned out to be a partition. */
  into: Family | null;
  /** It is among those that take() gave last. */
  changed: boolean;
}

export interface Families {
  /**
   * Places of all objects those that were not met before, in their order, for so many milliseconds at most, and those
   * of `touched` that have another name than before.
   * @returns the families of `touched`, and those that have grown.
   */
  take(all: readonly ObjectStat[], touched: Iterable<ObjectStat>, patience?: number): readonly Family[];
  /** How many objects are placed. */
  placed(): number;
  /** Those without members, too. */
  all(): readonly Family[];
  byKey(key: string): Family | undefined;
}

/** Objects placed between two looks at the clock. */
const LOT = 256;

/** Members up to which an array is as long as it has them: what is pushed to one takes room for 17. */
const FEW = 8;

export function createFamilies(): Families {
  const all: Family[] = [];
  /** By their tables' names, in each database. */
  const databases = new Map<number | undefined, Map<string, Family>>();
  /** By the objects' ids, and what was known of each object when it was placed. */
  const familyOf: Family[] = [];
  const known: (Pg | null)[] = [];
  let changed: Family[] = [];
  /** That of the name that was asked for last: what belongs to a table is often met after it. */
  let last: Family | null = null;

  function make(head: ObjectStat, table: string | null, databaseOid: number | undefined): Family {
    const family = { head, table, databaseOid, members: [], into: null, changed: false };
    all.push(family);
    return family;
  }

  function named(table: string, databaseOid: number | undefined, object: ObjectStat): Family {
    if (last !== null && last.table === table && last.databaseOid === databaseOid) return last;
    let names = databases.get(databaseOid);
    if (names === undefined) {
      names = new Map();
      databases.set(databaseOid, names);
    }
    let family = names.get(table);
    if (family === undefined) {
      family = make(object, table, databaseOid);
      names.set(table, family);
    }
    last = family;
    return family;
  }

  function place(object: ObjectStat): void {
    known[object.id] = object.pg;
    join(object, familyFor(object));
  }

  function familyFor(object: ObjectStat): Family {
    const { pg } = object;
    const table = pg?.kind === 'relation' ? tableOf(pg) : null;
    if (pg?.kind !== 'relation' || table === null) return make(object, null, undefined);
    const own = named(table, pg.databaseOid, object);
    if (pg.parent !== undefined && own.into === null && !isIndex(pg))
      fold(own, rootOf(named(pg.parent, pg.databaseOid, object)));
    return rootOf(own);
  }

  function join(object: ObjectStat, family: Family): void {
    const { members } = family;
    if (members.length < FEW) family.members = members.concat(object);
    else (members as ObjectStat[]).push(object);
    if (members.length === 0 || (isTable(object, family) && !isTable(family.head, family)))
      family.head = object;
    familyOf[object.id] = family;
    change(family);
  }

  function leave(object: ObjectStat, family: Family): void {
    const rest = family.members.filter((member) => member !== object);
    family.members = rest;
    if (family.head === object && rest.length > 0)
      family.head = rest.find((own) => isTable(own, family)) ?? rest[0]!;
    change(family);
  }

  /** What was the family of a table that turned out to be a partition is a part of its parent's. */
  function fold(family: Family, into: Family): void {
    // A trace may claim a circle.
    if (into === family) return;
    family.into = into;
    const { members } = family;
    family.members = [];
    change(family);
    for (const object of members) join(object, into);
  }

  function change(family: Family): void {
    if (family.changed) return;
    family.changed = true;
    changed.push(family);
  }

  function look(object: ObjectStat): void {
    const family = familyOf[object.id]!;
    change(family);
    if (known[object.id] === object.pg) return;
    leave(object, family);
    place(object);
  }

  return {
    take(objects, touched, patience = Number.POSITIVE_INFINITY) {
      for (const family of changed) family.changed = false;
      changed = [];
      for (const object of touched) if (object.id < familyOf.length) look(object);
      const until = performance.now() + patience;
      while (familyOf.length < objects.length && performance.now() < until) {
        const end = Math.min(objects.length, familyOf.length + LOT);
        for (let id = familyOf.length; id < end; id++) place(objects[id]!);
      }
      return changed;
    },
    placed: () => familyOf.length,
    all: () => all,
    byKey(key) {
      const space = key.indexOf(' ');
      const oid = key.slice(1, space);
      const names = databases.get(oid === '' ? undefined : Number(oid));
      const family = key.startsWith('t') ? names?.get(key.slice(space + 1)) : familyOf[Number(key.slice(1))];
      return family?.members.length === 0 ? undefined : family;
    },
  };
}

/** An object that is listed by itself. */
export function alone(head: ObjectStat): Family {
  return { head, table: null, databaseOid: undefined, members: [head], into: null, changed: false };
}

function rootOf(family: Family): Family {
  let root = family;
  while (root.into !== null) root = root.into;
  return root;
}

/** Unique among families: `t` with the table's database and name, or `o` with the id of what has none. */
export function familyKey({ table, databaseOid, head }: Family): string {
  return table === null ? `o${head.id}` : `t${databaseOid ?? ''} ${table}`;
}

/** `public.orders`, also where only a part of it was met. */
export function familyName({ head, table, members }: Family): string {
  return table !== null && members.length > 1 ? table : nameOf(head);
}

/** Of a partitioned table its partitions' together; of a table its own, or of what belongs to it the latest. */
export function progressOfFamily({ head, members }: Family, now: number): Progress | null {
  if (members.length === 1) return progressOfObject(head, now);
  const tables = members.filter(({ pg }) => pg?.kind === 'relation' && !isIndex(pg));
  const forks = tables.flatMap((table) => mainForkOf(table) ?? []);
  const own = forks.length === 1 ? progressAt(forks[0]!, now) : sumOfForks(forks, now);
  return own ?? latest(members.flatMap((object) => progressOfObject(object, now) ?? []));
}

function progressOfObject(object: ObjectStat, now: number): Progress | null {
  const main = mainForkOf(object);
  return main === undefined ? null : progressAt(main, now);
}

function latest(all: readonly Progress[]): Progress | null {
  return all.reduce<Progress | null>(
    (last, one) => (last === null || (one.lastTs ?? 0) > (last.lastTs ?? 0) ? one : last),
    null,
  );
}

/** The table whose family an object is of, before its parents are asked for; null for what is of none. */
function tableOf(pg: PgRelation): string | null {
  if (pg.table !== undefined) return pg.table;
  return pg.schema === undefined || pg.relation === undefined ? null : qualifiedName(pg.schema, pg.relation);
}

function isTable({ pg }: ObjectStat, { table }: Family): boolean {
  return pg?.kind === 'relation' && !isIndex(pg) && tableOf(pg) === table;
}

function isIndex(pg: PgRelation): boolean {
  return pg.table !== undefined;
}
