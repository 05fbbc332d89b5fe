/** Tables with what belongs to them: their indexes, TOAST and partitions as one family. */
import { type Pg, type PgRelation, qualifiedName } from '../event/pg.js';
import { nameOf } from './name.js';
import type { ObjectStat } from './objects.js';
import { type Progress, progressAt, sumOfForks } from './progress.js';

export interface Family {
  readonly key: string;
  /** The table, or what stands for itself; the first that was met where the table itself was not. */
  head: ObjectStat;
  /** The table's name as events tell it; null where the family is of one that has none. */
  readonly table: string | null;
  readonly members: ObjectStat[];
}

export interface Families {
  /** All families of the objects, which only grow. Asked for at each picture: only what is new costs. */
  of(objects: readonly ObjectStat[]): readonly Family[];
  byKey(key: string): Family | undefined;
}

/** PostgreSQL nests partitions as deep as one likes; a trace may claim a circle. */
const DEEPEST = 32;

export function createFamilies(): Families {
  let families = new Map<string, Family>();
  /** What was known of each object when it was placed, by its id. */
  let placed: (Pg | null)[] = [];
  /** Of each partition met, its parent. */
  const parents = new Map<string, string>();

  /** Whether a parent came to be known that was not before. */
  function learn(object: ObjectStat): boolean {
    const { pg } = object;
    if (pg?.kind !== 'relation' || pg.parent === undefined || isIndex(pg)) return false;
    const name = nameIn(pg);
    if (name === null || parents.has(name)) return false;
    parents.set(name, inDatabase(pg, pg.parent));
    return true;
  }

  function place(object: ObjectStat): void {
    placed[object.id] = object.pg;
    const table = tableOf(object, parents);
    const key = table === null ? `o${object.id}` : `t${table}`;
    const family = families.get(key);
    if (family === undefined) {
      families.set(key, { key, head: object, table, members: [object] });
      return;
    }
    family.members.push(object);
    if (isTable(object, family) && !isTable(family.head, family)) family.head = object;
  }

  function of(objects: readonly ObjectStat[]): readonly Family[] {
    const fresh: ObjectStat[] = [];
    let moved = false;
    for (const object of objects) {
      if (placed[object.id] === object.pg) continue;
      if (placed[object.id] !== undefined) moved = true;
      if (learn(object) && families.size > 0) moved = true;
      fresh.push(object);
    }
    if (moved) {
      families = new Map();
      placed = [];
      objects.forEach(place);
    } else {
      fresh.forEach(place);
    }
    return [...families.values()];
  }

  return { of, byKey: (key) => families.get(key) };
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
