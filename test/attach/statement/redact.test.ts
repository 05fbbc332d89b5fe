import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact } from '../../../src/attach/statement/redact.js';

const CASES: readonly [string, string][] = [
  ['SELECT 1', 'SELECT ?'],
  ["SELECT 'it''s', \"a'b\", t1.c2 FROM t1", 'SELECT ?, "a\'b", t1.c2 FROM t1'],
  ['WHERE a=-1.5e+10 AND b = .5 AND c=1.', 'WHERE a=-? AND b = ? AND c=?'],
  ["E'a\\'b', e'\\\\', 'a\\', x", '?, ?, ?, x'],
  ["B'101' X'ff' N'n' U&'d\\0061t'", '? ? ? ?'],
  ['$$body$$ $f$ $$ 1 $f$ $1 $23', '? ? $1 $23'],
  ['a$b$c 1_000 0x1F 0b11 0o17', 'a$b$c ? ? ? ?'],
  ["SELECT 'cut off", 'SELECT ?'],
  ['SELECT $tag$ cut off', 'SELECT ?'],
  ["'a'\n  'b' -- it's\n, 'c'", "?\n  ? -- it's\n, ?"],
  ["/* don't */ 'x'", "/* don't */ ?"],
  ["/* a /* b' */ c' */ 'x'", "/* a /* b' */ c' */ ?"],
  ['SELECT é1, tablé2', 'SELECT é1, tablé2'],
  ['FETCH 10 FROM "c 1"', 'FETCH ? FROM "c 1"'],
  ['a[1:2]', 'a[?:?]'],
];

for (const [sql, redacted] of CASES)
  test(`redacted: ${JSON.stringify(sql)}`, () => {
    assert.equal(redact(sql), redacted);
  });

test('hostile text is redacted in time', () => {
  for (const part of ["'", '$a$', '$', "E'\\", '"', '/*', '--', '1e', '0x', '$a'])
    assert.ok(redact(part.repeat(4096)).length <= part.length * 4096);
});
