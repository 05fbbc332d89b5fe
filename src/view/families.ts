/** Tables with what belongs to them: their indexes, TOAST and partitions as one family. */
import { type Pg, type PgRelation, qualifiedName } from '../event/pg.js';
import { nameOf } from './name.js';
import type { ObjectStat } from './objects.js';
import { type Progress, progressAt, sumOfForks } from './progress.js';

export interface Family {
  /** The table, or what stands for itself; the first that was met where the table itself was not. */
  head: ObjectStat;
  /** The table's name as events tell it; null where the family is of one that has none. */
  readonly table: string | null;
  /** None where it has become a part of another family. */
  readonly members: ObjectStat[];
}

export interface Families {
  /**
   * Places those of the objects that are new, or have another name than before.
   * @param changed gets the families of all that are given, and those that have grown.
   */
  take(objects: Iterable<ObjectStat>, changed?: Set<Family>): void;
  all(): Iterable<Family>;
  byKey(key: string): Family | undefined;
}

/** PostgreSQL nests partitions as deep as one likes; a trace may claim a circle. */
const DEEPEST = 32;

export function createFamilies(): Families {
  /** By the table's name; what has none by its object's id. */
  const families = new Map<string | number, Family>();
  /** By the objects' ids, and what was known of each object when it was placed. */
  const familyOf: Family[] = [];
  const placed: (Pg | null)[] = [];
  /** Of each partition met, its parent. */
  const parents = new Map<string, string>();

  /** @returns the name of a table that has come to be known as a partition; null else. */
  function learn({ pg }: ObjectStat): string | null {
    if (pg?.kind !== 'relation' || pg.parent === undefined || isIndex(pg)) return null;
    const name = nameIn(pg);
    if (name === null || parents.has(name)) return null;
    parents.set(name, inDatabase(pg, pg.parent));
    return name;
  }

  function place(object: ObjectStat): Family {
    placed[object.id] = object.pg;
    const table = tableOf(object, parents);
    const key = table ?? object.id;
    let family = families.get(key);
    if (family === undefined) {
      family = { head: object, table, members: [object] };
      families.set(key, family);
    } else {
      family.members.push(object);
      if (isTable(object, family) && !isTable(family.head, family)) family.head = object;
    }
    familyOf[object.id] = family;
    return family;
  }

  function leave(object: ObjectStat, family: Family): void {
    const { members, table } = family;
    members.splice(members.indexOf(object), 1);
    if (members.length === 0) families.delete(table ?? object.id);
    else if (family.head === object) family.head = members.find((own) => isTable(own, family)) ?? members[0]!;
  }

  /** What was the family of a table that turned out to be a partition is a part of its parent's. */
  function move(family: Family, changed: Set<Family> | undefined): void {
    families.delete(family.table!);
    for (const object of family.members.splice(0)) {
      const into = place(object);
      changed?.add(into);
    }
  }

  function takeOne(object: ObjectStat, changed: Set<Family> | undefined): void {
    const before = familyOf[object.id];
    if (before !== undefined && placed[object.id] === object.pg) return;
    const partition = learn(object);
    if (before !== undefined) leave(object, before);
    place(object);
    const moved = partition === null ? undefined : families.get(partition);
    if (moved !== undefined) move(moved, changed);
  }

  return {
    take(objects, changed) {
      for (const object of objects) {
        takeOne(object, changed);
        changed?.add(familyOf[object.id]!);
      }
    },
    all: () => families.values(),
    byKey: (key) => families.get(key.startsWith('t') ? key.slice(1) : Number(key.slice(1))),
  };
}

/** Unique among families: `t` with the table's name, or `o` with the id of what has none. */
export function familyKey({ table, head }: Family): string {
  return table === null ? `o${head.id}` : `t${table}`;
}

/** `public.orders`, also where only a part of it was met. */
export function familyName({ head, table, members }: Family): string {
  return table !== null && members.length > 1 ? table.slice(table.indexOf(' ') + 1) : nameOf(head);
}

/** Of a partitioned table its partitions' together; of a table its own, or of what belongs to it the latest. */
export function progressOfFamily({ head, members }: Family, now: number): Progress | null {
  if (members.length === 1) return progressOfObject(head, now);
  const tables = members.filter(({ pg }) => pg?.kind === 'relation' && !isIndex(pg));
  const forks = tables.flatMap(({ forks }) => forks.get('main') ?? []);
  const own = forks.length === 1 ? progressAt(forks[0]!, now) : sumOfForks(forks, now);
  return own ?? latest(members.flatMap((object) => progressOfObject(object, now) ?? []));
}

function progressOfObject({ forks }: ObjectStat, now: number): Progress | null {
  const main = forks.get('main');
  return main === undefined ? null : progressAt(main, now);
}

function latest(all: readonly Progress[]): Progress | null {
  return all.reduce<Progress | null>(
    (last, one) => (last === null || (one.lastTs ?? 0) > (last.lastTs ?? 0) ? one : last),
    null,
  );
}

/** The table whose family an object is of, as `database schema.name`; null for what is of none. */
function tableOf({ pg }: ObjectStat, parents: ReadonlyMap<string, string>): string | null {
  if (pg?.kind !== 'relation') return null;
  let table = pg.table === undefined ? nameIn(pg) : inDatabase(pg, pg.table);
  for (let depth = 0; table !== null && depth < DEEPEST; depth++) {
    const parent = parents.get(table);
    if (parent === undefined) break;
    table = parent;
  }
  return table;
}

function isTable({ pg }: ObjectStat, { table }: Family): boolean {
  return pg?.kind === 'relation' && nameIn(pg) === table;
}

function isIndex(pg: PgRelation): boolean {
  return pg.table !== undefined;
}

function nameIn(pg: PgRelation): string | null {
  if (pg.schema === undefined || pg.relation === undefined) return null;
  return inDatabase(pg, qualifiedName(pg.schema, pg.relation));
}

function inDatabase(pg: PgRelation, name: string): string {
  return `${pg.databaseOid} ${name}`;
}
