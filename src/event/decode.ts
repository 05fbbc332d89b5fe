/** A JSON value as an event of schema 1: what crosses from outside is checked here, once. */
import { type Check, EVENT_KEYS, PG_KEYS, type Rule } from './keys.js';
import type { Pg } from './pg.js';
import type { Event } from './types.js';

interface Plan {
  /** Without their `?`. A Map, so that a key such as `constructor` finds nothing. */
  readonly checks: ReadonlyMap<string, Check>;
  readonly required: readonly string[];
}

const EVENT_PLANS = plans(EVENT_KEYS);
const PG_PLANS = plans(PG_KEYS);

/**
 * The value as an event, or null where it is none: no object, no `type`, a key of a known type that is missing
 * or of the wrong kind. Unknown keys stay and unknown types pass: a reader ignores what it does not know.
 */
export function decodeEvent(value: unknown): Event | null {
  if (!isRecord(value) || typeof value.type !== 'string') return null;
  const plan = EVENT_PLANS.get(value.type);
  return plan === undefined || meets(value, plan) ? (value as unknown as Event) : null;
}

/** The value as a `pg`, or null where it is none. A kind of a later schema passes as decodeEvent()'s types do. */
export function decodePg(value: unknown): Pg | null {
  if (!isRecord(value) || typeof value.kind !== 'string') return null;
  const plan = PG_PLANS.get(value.kind);
  return plan === undefined || meets(value, plan) ? (value as unknown as Pg) : null;
}

function meets(value: Record<string, unknown>, plan: Plan): boolean {
  for (const key of plan.required) if (!Object.hasOwn(value, key)) return false;
  for (const key of Object.keys(value)) {
    const check = plan.checks.get(key);
    if (check !== undefined && !CHECKS[check](value[key])) return false;
  }
  return true;
}

const CHECKS: Readonly<Record<Check, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number',
  'number|null': (value) => typeof value === 'number' || value === null,
  int: isInt,
  'int|null': (value) => isInt(value) || value === null,
  string: (value) => typeof value === 'string',
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  dirfd: (value) => typeof value === 'number' || value === 'AT_FDCWD',
  pg: (value) => decodePg(value) !== null,
};

function isInt(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plans(keys: Readonly<Record<string, Readonly<Record<string, Rule>>>>): ReadonlyMap<string, Plan> {
  return new Map(Object.entries(keys).map(([name, rules]) => [name, plan(rules)]));
}

function plan(rules: Readonly<Record<string, Rule>>): Plan {
  const entries = Object.entries(rules);
  return {
    checks: new Map(entries.map(([key, rule]) => [key, rule.replace('?', '') as Check])),
    required: entries.filter(([, rule]) => !rule.endsWith('?')).map(([key]) => key),
  };
}
