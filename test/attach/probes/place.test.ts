/** Beginnings of functions as compilers made them, of PostgreSQL 10 to 18. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cheapPlace, type Place } from '../../../src/attach/probes/place.js';

const CASES: readonly [name: string, code: string, called: boolean, place: Place][] = [
  ['push %r15', '4157 4156', false, { at: 0, arguments: 'own' }],
  ['push %rbp', '55 89f2', true, { at: 0, arguments: 'own' }],
  ['endbr64, push', 'f30f1efa 4154', false, { at: 4, arguments: 'own' }],
  [
    'BufTableLookup of 18: the call',
    '4883ec08 89f2 4889fe 488b3de0a56900 4531c0 31c9 e840451400',
    true,
    { at: 21, arguments: 'called' },
  ],
  ['the same where the call does not serve', '4883ec08 89f2 4889fe', false, { at: 0, arguments: 'own' }],
  [
    'endbr64 and mov $imm',
    'f30f1efa 4883ec08 b901000000 41b802000000 e800000000',
    true,
    { at: 19, arguments: 'called' },
  ],
  ['an instruction that is not known', '4883ec18 488b4738 e800000000', true, { at: 0, arguments: 'own' }],
  [
    'mov of 64 bits, whose length is another',
    '48b80000000000000000 e800000000',
    true,
    { at: 0, arguments: 'own' },
  ],
  ['nothing', '', true, { at: 0, arguments: 'own' }],
  ['cut within an instruction', '4883', true, { at: 0, arguments: 'own' }],
];

for (const [name, code, called, place] of CASES)
  test(`where a breakpoint goes: ${name}`, () => {
    assert.deepEqual(cheapPlace(Buffer.from(code.replaceAll(' ', ''), 'hex'), 'x64', called), place);
  });

test('arm64 has its breakpoint at the beginning', () => {
  assert.deepEqual(cheapPlace(Buffer.from('e8000000', 'hex'), 'arm64', true), { at: 0, arguments: 'own' });
});
