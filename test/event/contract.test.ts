/** types.ts (which keys.ts is held to by the compiler), the JSON Schema, the manual and the fixtures say the same. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { decodeEvent } from '../../src/event/decode.js';
import { type Check, EVENT_KEYS, PG_KEYS, type Rule } from '../../src/event/keys.js';

type Keys = Readonly<Record<string, Rule>>;
type Property = {
  type?: string | string[];
  const?: unknown;
  enum?: string[];
  anyOf?: unknown;
  $ref?: string;
};
type Definition = { properties: Record<string, Property>; required?: string[] };
type Schema = {
  allOf: { if: { properties: { type: { const: string } } }; then: { $ref: string } }[];
  definitions: Record<string, Definition> & {
    pg: { allOf: { if: { properties: { kind: { enum: string[] } } }; then: { $ref: string } }[] };
  };
};

const schema = JSON.parse(readFileSync('schema/events.json', 'utf8')) as Schema;
const manual = readFileSync('man/pgtrace-events.5', 'utf8');

function definition(reference: string): Definition {
  return schema.definitions[reference.replace('#/definitions/', '')]!;
}

function checkOf(property: Property): Check {
  if (property.$ref !== undefined) return 'pg';
  if (property.anyOf !== undefined) return 'dirfd';
  if (property.const === true) return 'true';
  if (property.enum !== undefined) return 'string';
  switch ([property.type].flat().join()) {
    case 'array':
      return 'strings';
    case 'number,null':
      return 'number|null';
    case 'number,string':
      return 'int';
    case 'number,string,null':
      return 'int|null';
    default:
      return property.type as Check;
  }
}

function keysOfSchema({ properties, required = [] }: Definition): Keys {
  const rules = Object.entries(properties).map(([key, property]) => [
    key,
    `${checkOf(property)}${required.includes(key) ? '' : '?'}`,
  ]);
  return Object.fromEntries(rules) as Keys;
}

const IN_MANUAL: Readonly<Record<Check, string>> = {
  number: 'number',
  'number|null': 'number or null',
  int: 'number or string',
  'int|null': 'number, string or null',
  string: 'string',
  strings: 'array of strings',
  boolean: 'boolean',
  true: 'true',
  dirfd: 'number or string',
  pg: 'object',
};

/** The keys in the manual's list under each subsection, with what stands in parentheses after them. */
function manualSections(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const text of manual.split(/^\.Ss /m).slice(1)) {
    const [names = ''] = text.split('\n', 1);
    const items = [...text.matchAll(/^\.It Ic (\S+) Pq (.+)$/gm)].map(
      (item) => [item[1]!, item[2]!] as const,
    );
    for (const name of names.split(', ')) found.set(name, new Map(items));
  }
  return found;
}

function keysForManual(keys: Keys): Map<string, string> {
  const says = Object.entries(keys).map(([key, rule]) => {
    const check = rule.replace('?', '') as Check;
    return [key, `${IN_MANUAL[check]}${rule.endsWith('?') ? '' : ', always'}`] as const;
  });
  return new Map(says);
}

test('the schema has the types and keys of the contract', () => {
  const types = schema.allOf.map((rule) => [
    rule.if.properties.type.const,
    keysOfSchema(definition(rule.then.$ref)),
  ]);
  assert.deepEqual(Object.fromEntries(types), { ...EVENT_KEYS });
});

test('the schema has the kinds and keys of pg', () => {
  const kinds = schema.definitions.pg.allOf.flatMap((rule) =>
    rule.if.properties.kind.enum.map((kind) => [kind, keysOfSchema(definition(rule.then.$ref))]),
  );
  assert.deepEqual(Object.fromEntries(kinds), { ...PG_KEYS });
});

test('the manual describes every type, kind and key, and no other', () => {
  const expected = Object.entries({ ...EVENT_KEYS, ...PG_KEYS }).map(
    ([name, keys]) => [name, keysForManual(keys)] as const,
  );
  assert.deepEqual(manualSections(), new Map(expected));
});

const folder = join('fixtures', 'trace');
const fixtures = readdirSync(folder).filter((file) => file.endsWith('.ndjson'));

test('every event of every fixture meets the schema and has no other key', (context) => {
  if (fixtures.length === 0) {
    context.skip(`no recorded events in ${folder}`);
    return;
  }
  const validate = new Ajv({ strict: false }).compile(schema);
  for (const file of fixtures) {
    for (const [index, line] of readFileSync(join(folder, file), 'utf8').split('\n').entries()) {
      if (line === '') continue;
      const event = JSON.parse(line) as { type: string; pg?: { kind: string }; pg2?: { kind: string } };
      const place = `${file}:${index + 1}`;
      assert.ok(validate(event), `${place}: ${JSON.stringify(validate.errors)}`);
      assert.ok(decodeEvent(event), place);
      assertKnown(event, 'type', EVENT_KEYS, place);
      for (const pg of [event.pg, event.pg2]) if (pg !== undefined) assertKnown(pg, 'kind', PG_KEYS, place);
    }
  }
});

function assertKnown(value: object, tag: string, known: Readonly<Record<string, Keys>>, place: string): void {
  const { [tag]: name, ...rest } = value as Record<string, unknown>;
  const keys = known[String(name)];
  assert.ok(keys, `${place}: ${tag} ${name} is not of the contract`);
  for (const key of Object.keys(rest))
    assert.ok(Object.hasOwn(keys, key), `${place}: ${name} has no key ${key}`);
}
