/** The rows of the list: of all objects only those that are shown are looked at closely. */
import type { Aggregates } from '../aggregates.js';
import { alone, type Families, type Family, familyKey, familyName, progressOfFamily } from '../families.js';
import { databaseOf, kindOf } from '../name.js';
import type { ObjectStat } from '../objects.js';
import type { Progress } from '../progress.js';
import type { StatementStat, Statements } from '../statements.js';
import type { Listing } from './listing.js';
import type { State } from './state.js';
import { statementOf, statementRows } from './statements.js';

/** What is to be shown. */
export interface Model {
  readonly aggregates: Aggregates;
  readonly families: Families;
  readonly listing: Listing;
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
  const { sort, offset, by } = state;
  const wanted = offset + count + 1;
  if (by === 'statement') {
    const found = statementRows(model, sort, state.filter, wanted);
    return { rows: found.slice(offset, offset + count), more: found.length === wanted };
  }
  const found = model.listing.first(model, state, wanted, model.now);
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

function toRow(model: Model, family: Family): Row {
  const { aggregates, now } = model;
  const { head, members } = family;
  const sampled = members.every(({ tally }) => tally.calls === 0);
  const total = aggregates.pace.busy(now);
  const sum = (of: (object: ObjectStat) => number) => members.reduce((all, object) => all + of(object), 0);
  const busy = sum((object) => object.pace?.busy(now) ?? 0);
  return {
    key: familyKey(family),
    name: familyName(family),
    kind: kindOf(head),
    database: databaseOf(head),
    objects: members,
    read: sampled ? null : sum(({ tally }) => tally.read),
    written: sampled ? null : sum(({ tally }) => tally.written),
    rate:
      sampled || members.every(({ pace }) => pace === null)
        ? null
        : sum((object) => object.pace?.bytes(now) ?? 0),
    share: total === null || !(total > 0) ? null : busy / total,
    progress: progressOfFamily(family, now),
    statement: null,
  };
}
