import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEvent } from '../../src/event/decode.js';

const CALL = { type: 'syscall', ts: 1795324737.917464, pid: 3820, call: 'pread64', fd: 15, ret: 8192 };

/** A relation as somebody else may write it. */
const ACCEPTED = [
  { kind: 'relation', database: 'shop', filenode: 99999, unresolved: 'no such filenode in pg_class' },
  { kind: 'relation', schema: 'public', relation: 'orders', fork: 'main', segment: 0, filenode: 16390 },
  { kind: 'of a later schema' },
];

const REFUSED = [{}, { kind: 'relation' }, { kind: 'relation', filenode: '16390' }, { kind: 'wal' }, null];

test('a relation needs no more than its filenode', () => {
  for (const pg of ACCEPTED) assert.deepEqual(decodeEvent({ ...CALL, pg }), { ...CALL, pg });
  for (const pg of REFUSED) assert.equal(decodeEvent({ ...CALL, pg }), null);
});

test('unknown types and keys pass', () => {
  for (const event of [{ type: 'of a later schema' }, { ...CALL, later: [1] }])
    assert.deepEqual(decodeEvent(event), event);
});
