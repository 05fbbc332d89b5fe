/** The rows of the list: of all objects only those that are shown are sorted and looked at closely. */
import type { Aggregates } from '../aggregates.js';
import { type Families, type Family, familyName, progressOfFamily } from '../families.js';
import { databaseOf, kindOf, nameOf } from '../name.js';
import { isUsedBy, type ObjectStat } from '../objects.js';
import type { ProcessStat } from '../processes.js';
import type { Progress } from '../progress.js';
import type { StatementStat, Statements } from '../statements.js';
import { best } from './best.js';
import type { Sort, State } from './state.js';
import { statementOf, statementRows } from './statements.js';

/** What is to be shown. */
export interface Model {
  readonly aggregates: Aggregates;
  readonly families: Families;
  /** Null before the trace told of one. */
  readonly statements: Statements | null;
  /** The moment, in the trace's seconds. */
  readonly now: number;
  readonly ended: boolean;
}

export interface Row {
  readonly key: string;
  /** Raw, as are kind and database: escape before they are shown. */
  readonly name: string;
  readonly kind: string;
  readonly database: string | null;
  readonly objects: readonly ObjectStat[];
  /** Bytes; null where only moments were seen. */
  readonly read: number | null;
  readonly written: number | null;
  /** Bytes a second, of late. */
  readonly rate: number | null;
  /** Of all time in calls, of late: 0 to 1. */
  readonly share: number | null;
  readonly progress: Progress | null;
  readonly statement: StatementStat | null;
}

/** Rows from `offset` on, `count` at most, and whether there are more. */
export function listRows(model: Model, state: State, count: number): { rows: Row[]; more: boolean } {
  const { sort, grouped, offset, by } = state;
  const wanted = offset + count + 1;
  if (by === 'statement') {
    const found = statementRows(model, sort, state.filter, wanted);
    return { rows: found.slice(offset, offset + count), more: found.length === wanted };
  }
  const matches = matcher(model, state.filter);
  const found = grouped
    ? bestFamilies(model, sort, wanted, matches)
    : bestObjects(model, sort, wanted, matches);
  const rows = found.slice(offset, offset + count).map((family) => toRow(model, family));
  return { rows, more: found.length === wanted };
}

/** The row of a key, whether or not it is among those that are listed. */
export function rowOf(model: Model, key: string): Row | null {
  const statement = statementOf(model, key);
  if (statement !== null) return statement;
  const family = model.families.byKey(key);
  if (family !== undefined && key.startsWith('t')) return toRow(model, family);
  const object = model.aggregates.objects[Number(key.slice(1))];
  return object === undefined ? null : toRow(model, alone(object));
}

function alone(object: ObjectStat): Family {
  return { key: `o${object.id}`, head: object, table: null, members: [object] };
}

function bestObjects(
  { aggregates, now }: Model,
  sort: Sort,
  count: number,
  matches: (object: ObjectStat) => boolean,
): Family[] {
  const value = (object: ObjectStat) =>
    hasContent(object) && matches(object) ? figure(object, sort, now) : Number.NaN;
  const before = (a: ObjectStat, b: ObjectStat) => order(a, b, sort, bytesOf(a), bytesOf(b));
  return best(aggregates.objects, count, value, before).map(alone);
}

function bestFamilies(
  { aggregates, families, now }: Model,
  sort: Sort,
  count: number,
  matches: (object: ObjectStat) => boolean,
): Family[] {
  const value = ({ members }: Family) => {
    let sum = Number.NaN;
    let shown = false;
    for (const object of members) {
      if (!hasContent(object)) continue;
      shown ||= matches(object);
      const own = figure(object, sort, now);
      sum = Number.isNaN(sum) ? own : sum + own;
    }
    return shown ? sum : Number.NaN;
  };
  const bytes = ({ members }: Family) => members.reduce((sum, object) => sum + bytesOf(object), 0);
  const before = (a: Family, b: Family) => order(a.head, b.head, sort, bytes(a), bytes(b));
  return best(families.of(aggregates.objects), count, value, before);
}

/** The files that an event only names, such as the second of a copy, may have no calls of their own. */
function hasContent({ tally }: ObjectStat): boolean {
  return tally.calls + tally.samples + tally.written > 0;
}

function figure(object: ObjectStat, sort: Sort, now: number): number {
  switch (sort) {
    case 'time':
      return object.busy?.perSecond(now) ?? 0;
    case 'rate':
      return object.moving?.perSecond(now) ?? 0;
    case 'read':
      return object.tally.read;
    case 'written':
      return object.tally.written;
    case 'name':
      return 0;
  }
}

/** Where the figures are equal: by name if that is wanted, else what moved more, else what came first. */
function order(a: ObjectStat, b: ObjectStat, sort: Sort, bytesA: number, bytesB: number): number {
  if (sort === 'name') {
    const [x, y] = [nameOf(a), nameOf(b)];
    if (x !== y) return x < y ? -1 : 1;
  }
  return bytesB - bytesA || timesOf(b) - timesOf(a) || a.id - b.id;
}

function timesOf({ tally }: ObjectStat): number {
  return tally.calls + tally.samples;
}

function bytesOf({ tally }: ObjectStat): number {
  return tally.read + tally.written;
}

function matcher({ aggregates }: Model, filter: string): (object: ObjectStat) => boolean {
  if (filter === '') return () => true;
  const text = filter.toLowerCase();
  const has = (own: string | null) => own?.toLowerCase().includes(text) === true;
  const users = [...aggregates.processes.values()].filter((process) => isMeant(process, text));
  return (object) =>
    has(nameOf(object)) ||
    has(kindOf(object)) ||
    has(databaseOf(object)) ||
    users.some((user) => isUsedBy(object, user));
}

/** A process by its pid, or by a part of what it is. */
function isMeant({ pid, about }: ProcessStat, text: string): boolean {
  if (String(pid) === text) return true;
  return [about?.role, about?.user, about?.client, about?.title].some(
    (own) => own?.toLowerCase().includes(text) === true,
  );
}

function toRow(model: Model, family: Family): Row {
  const { aggregates, now } = model;
  const { key, head, members } = family;
  const sampled = members.every(({ tally }) => tally.calls === 0);
  const total = aggregates.busyRate.perSecond(now);
  const sum = (of: (object: ObjectStat) => number) => members.reduce((all, object) => all + of(object), 0);
  const busy = sum((object) => object.busy?.perSecond(now) ?? 0);
  return {
    key,
    name: familyName(family),
    kind: kindOf(head),
    database: databaseOf(head),
    objects: members,
    read: sampled ? null : sum(({ tally }) => tally.read),
    written: sampled ? null : sum(({ tally }) => tally.written),
    rate:
      sampled || members.every(({ busy }) => busy === null)
        ? null
        : sum((object) => object.moving?.perSecond(now) ?? 0),
    share: total === null || !(total > 0) ? null : busy / total,
    progress: progressOfFamily(family, now),
    statement: null,
  };
}
