import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/cli/diagnostic.js';
import { crc32c } from '../../src/postgres/crc32c.js';
import { CONTROL_SHAPES } from '../../src/postgres/layout/control.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { memoryFiles } from '../../src/resolve/files-memory.js';
import { madeCluster, madeControl } from './made-cluster.js';

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
    const control = madeControl(18, false, 1000);
    const view = new DataView(control.buffer);
    view.setUint32(12, 202209061, true); // of 15
    const { crc } = CONTROL_SHAPES.find(({ version }) => version === 1800)!;
    view.setUint32(crc, crc32c(control, 0, crc), true);
    files.set('global/pg_control', control);
  });
  assert.match(mixed.message, /not of PostgreSQL 15 \(expected control file version 1300, found 1800\)/);
  const files = madeCluster({ major: 15 });
  files.set('PG_VERSION', text('14\n'));
  assert.deepEqual(openCluster(memoryFiles(files)).warnings, [
    'not a released PostgreSQL 14: catalog version (expected 202107181, found 202209061)',
  ]);
});
