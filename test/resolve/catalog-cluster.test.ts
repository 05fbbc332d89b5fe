import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/cli/diagnostic.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { memoryFiles } from '../../src/resolve/files-memory.js';
import { madeCluster } from './made-cluster.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function failure(change: (files: Map<string, Uint8Array>) => void): Failure {
  const files = madeCluster();
  change(files);
  try {
    openCluster(memoryFiles(files));
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
  throw new Error('opened');
}

const CASES: readonly [string, (files: Map<string, Uint8Array>) => void, RegExp][] = [
  ['no PG_VERSION', (files) => files.delete('PG_VERSION'), /^PG_VERSION: no such file or directory$/],
  [
    'a PG_VERSION of text',
    (files) => files.set('PG_VERSION', text('fifteen')),
    /expected a number such as 18/,
  ],
  [
    'too old',
    (files) => files.set('PG_VERSION', text('9.6\n')),
    /PostgreSQL 9.6 is too old \(expected 10 or later/,
  ],
  ['no control file', (files) => files.delete('global/pg_control'), /^global\/pg_control: no such file/],
  ['a cut control file', (files) => files.set('global/pg_control', text('x')), /too short/],
  ['zeros', (files) => files.set('global/pg_control', new Uint8Array(8192)), /unknown control file version/],
];

for (const [name, change, message] of CASES) {
  test(`not a data directory: ${name}`, () => {
    const found = failure(change);
    assert.match(found.message, message);
    assert.ok(found.hint);
  });
}

test('a control file of another version, and a catalog version of no release', () => {
  const mixed = failure((files) => {
    files.set('PG_VERSION', text('18\n'));
    const control = madeCluster({ major: 18 }).get('global/pg_control')!;
    files.set('global/pg_control', control);
    files.set('PG_VERSION', text('9.5\n'));
  });
  assert.match(mixed.message, /too old/);
  const files = madeCluster({ major: 15 });
  files.set('PG_VERSION', text('14\n'));
  assert.deepEqual(openCluster(memoryFiles(files)).warnings, [
    'not a released PostgreSQL 14: catalog version (expected 202107181, found 202209061)',
  ]);
});
