import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splice } from '../../src/resolve/splice.js';

const PG = '"pg":{"kind":"pipe"}';

test('the text of an event stays as it came, up to pg at its end', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"a":1.50}', '{"a":1.50,"pg":{"kind":"pipe"}}'],
    ['{"ret":9223372036854775807,"x":"\\u00e9}"}', '{"ret":9223372036854775807,"x":"\\u00e9}",'],
    ['{"a":{"b":{}}}', '{"a":{"b":{}},"pg":{"kind":"pipe"}}'],
    ['{}', '{"pg":{"kind":"pipe"}}'],
    [' { } \r', '{"pg":{"kind":"pipe"}}'],
    ['{ "a" : 1 } ', '{"a" : 1,"pg":{"kind":"pipe"}}'],
  ];
  for (const [line, expected] of cases) {
    const spliced = splice(line, PG, false);
    assert.ok(spliced.startsWith(expected), spliced);
    assert.deepEqual(JSON.parse(spliced), { ...JSON.parse(line), pg: { kind: 'pipe' } });
  }
  assert.equal(splice('{"a":1}', '', false), '{"a":1}');
});

test('a pg of before is replaced, wherever it stands; what only looks like one stays', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"pg":{"x":"}"},"a":1}', '{"a":1,"pg":{"kind":"pipe"}}'],
    ['{"a":1,"pg":{"x":[{}]},"pg2":null}', '{"a":1,"pg":{"kind":"pipe"}}'],
    ['{"pg":1}', '{"pg":{"kind":"pipe"}}'],
    ['{ "p\\u0067" : "x\\"y" , "b" : [ "pg" ] }', '{"b" : [ "pg" ],"pg":{"kind":"pipe"}}'],
    ['{"a":{"pg":1},"b":"\\"pg\\":2"}', '{"a":{"pg":1},"b":"\\"pg\\":2","pg":{"kind":"pipe"}}'],
    ['{"a":-1.5e3 ,"pg":true}', '{"a":-1.5e3,"pg":{"kind":"pipe"}}'],
  ];
  for (const [line, expected] of cases) assert.equal(splice(line, PG, true), expected);
  assert.equal(splice('{"a":1,"pg":{}}', '', true), '{"a":1}');
});
