/** Which objects, or families of them, are listed first: by what the user chose, among those that the filter leaves. */
import type { Aggregates } from '../aggregates.js';
import { alone, type Families, type Family } from '../families.js';
import { databaseOf, kindOf, nameOf } from '../name.js';
import { isUsedBy, type ObjectStat } from '../objects.js';
import type { ProcessStat } from '../processes.js';
import { leftAfter } from '../rate.js';
import type { Value } from './best.js';
import { createRanking, type Falling } from './ranking.js';
import type { Sort, State } from './state.js';

/** What is listed, kept from one picture to the next. */
export interface Listing {
  /** @param now in the trace's seconds. */
  first(what: Listed, state: State, count: number, now: number): Family[];
}

export interface Listed {
  readonly aggregates: Aggregates;
  readonly families: Families;
}

/** @param patience milliseconds of a picture in which objects are placed in families; the others have to wait. */
export function createListing(patience = Number.POSITIVE_INFINITY): Listing {
  const objects = createRanking<ObjectStat>();
  const grouped = createRanking<Family>();
  /** What was listed last had all objects before it, those touched since are enough; null before the first time. */
  let wasGrouped: boolean | null = null;

  return {
    first({ aggregates, families }, state, count, now) {
      const { sort, filter } = state;
      const touched = aggregates.takeTouched();
      const since = touched !== null && state.grouped === wasGrouped ? touched : null;
      wasGrouped = state.grouped;
      if (since === null) for (const ranking of [objects, grouped]) ranking.forget();
      const users = filter === '' ? [] : meant(aggregates, filter);
      const matches = matcher(users, filter);
      // What is said of a process may let through what was not touched.
      const key = `${sort} ${users.map(({ pid }) => pid)} ${filter}`;
      const seen = touched ?? aggregates.objects;
      const changed = families.take(aggregates.objects, seen, state.grouped ? patience : 0);
      if (!state.grouped) {
        const order = orderOfObjects(sort, now, matches);
        return objects.first(key, order, count, since ?? [], aggregates.objects, now).map(alone);
      }
      const order = orderOfFamilies(sort, now, matches);
      return grouped.first(key, order, count, changed, families.all(), now);
    },
  };
}

function orderOfObjects(
  sort: Sort,
  now: number,
  matches: (object: ObjectStat) => boolean,
): Falling<ObjectStat> {
  return {
    value(object) {
      if (!hasContent(object) || !matches(object)) return null;
      return sort === 'name' ? nameOf(object) : figure(object, sort, now);
    },
    before: (a, b) => order(a, b, bytesOf(a), bytesOf(b)),
    left: leftOf(sort),
  };
}

function orderOfFamilies(sort: Sort, now: number, matches: (object: ObjectStat) => boolean): Falling<Family> {
  const bytes = ({ members }: Family) => members.reduce((sum, object) => sum + bytesOf(object), 0);
  return {
    value({ head, members }) {
      let sum = 0;
      let shown = false;
      for (const object of members) {
        if (!hasContent(object)) continue;
        shown ||= matches(object);
        sum += figure(object, sort, now);
      }
      if (!shown) return null;
      return sort === 'name' ? nameOf(head) : sum;
    },
    before: (a, b) => order(a.head, b.head, bytes(a), bytes(b)),
    left: leftOf(sort),
  };
}

/** Bytes stay, and rates fall. */
function leftOf(sort: Sort): Falling<never>['left'] {
  return sort === 'rate' || sort === 'time'
    ? (value, seconds) => leftAfter(value as number, seconds)
    : (value: Value) => value;
}

/** The files that an event only names, such as the second of a copy, may have no calls of their own. */
function hasContent({ tally }: ObjectStat): boolean {
  return tally.calls + tally.samples + tally.written + tally.accesses > 0;
}

function figure(object: ObjectStat, sort: Sort, now: number): number {
  switch (sort) {
    case 'time':
      return object.pace?.busy(now) ?? 0;
    case 'rate':
      return object.pace?.bytes(now) ?? 0;
    case 'read':
      return object.tally.read;
    case 'written':
      return object.tally.written;
    case 'name':
      return 0;
  }
}

/** Where the figures are equal: what moved more, else what came first. */
function order(a: ObjectStat, b: ObjectStat, bytesA: number, bytesB: number): number {
  return bytesB - bytesA || timesOf(b) - timesOf(a) || a.id - b.id;
}

function timesOf({ tally }: ObjectStat): number {
  return tally.calls + tally.samples;
}

function bytesOf({ tally }: ObjectStat): number {
  return tally.read + tally.written;
}

/** The processes that a filter lets through, with what they touched. */
function meant({ processes }: Aggregates, filter: string): ProcessStat[] {
  return [...processes.values()].filter((process) => isMeant(process, filter.toLowerCase()));
}

function matcher(users: readonly ProcessStat[], filter: string): (object: ObjectStat) => boolean {
  if (filter === '') return () => true;
  const text = filter.toLowerCase();
  const has = (own: string | null) => own?.toLowerCase().includes(text) === true;
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
