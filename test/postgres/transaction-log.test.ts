import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type SlruDirectory,
  SlruTransactionLog,
  type TransactionBounds,
  XID_ABORTED,
  XID_COMMITTED,
  XID_IN_PROGRESS,
  XID_UNKNOWN,
} from '../../src/postgres/transaction-log.js';

const BLOCK = 8192;
const BOUNDS: TransactionBounds = { blockSize: BLOCK, settledBefore: 0, nextMulti: 1, nextMultiOffset: 1 };

type Write = (directory: SlruDirectory, page: number, at: number, value: number, size?: 1 | 4) => void;

function madeLog(fill: (write: Write) => void, bounds: Partial<TransactionBounds> = {}): SlruTransactionLog {
  const pages = new Map<string, DataView>();
  fill((directory, page, at, value, size = 4) => {
    const key = `${directory}/${page}`;
    const view = pages.get(key) ?? new DataView(new ArrayBuffer(BLOCK));
    pages.set(key, view);
    if (size === 1) view.setUint8(at, value);
    else view.setUint32(at, value, true);
  });
  const page = (directory: SlruDirectory, number: number) => pages.get(`${directory}/${number}`) ?? null;
  return new SlruTransactionLog({ page }, { ...BOUNDS, ...bounds });
}

test('the marks of pg_xact, two bits each, on the page of their number', () => {
  const log = madeLog((write) => {
    write('pg_xact', 0, 1, 0b00_10_01_00, 1); // 5 committed, 6 aborted
    write('pg_xact', 131071, 8191, 0b01_00_00_00, 1); // the last id of all
  });
  assert.equal(log.status(5), XID_COMMITTED);
  assert.equal(log.status(6), XID_ABORTED);
  assert.equal(log.status(7), XID_IN_PROGRESS);
  assert.equal(log.status(0xffffffff), XID_COMMITTED);
  assert.equal(log.status(1 << 20), XID_UNKNOWN);
  assert.deepEqual(
    [0, 1, 2].map((xid) => log.status(xid)),
    [XID_ABORTED, XID_COMMITTED, XID_COMMITTED],
  );
});

test('no mark means aborted for one that had ended before the checkpoint', () => {
  const log = madeLog((write) => write('pg_xact', 0, 0, 0, 1), { settledBefore: 100 });
  assert.equal(log.status(99), XID_ABORTED);
  assert.equal(log.status(100), XID_IN_PROGRESS);
});

test('a committed subtransaction has the fate of its top', () => {
  const marks = [
    [8, 0b11], // child of 5, which committed
    [9, 0b11], // child of 6, which aborted
    [10, 0b11], // child of 8
    [11, 0b11], // no parent is known
    [12, 0b11], // its parent is younger: damage
    [5, 0b01],
    [6, 0b10],
  ] as const;
  const log = madeLog((write) => {
    const bytes = new Map<number, number>();
    for (const [xid, mark] of marks) {
      bytes.set(xid >> 2, (bytes.get(xid >> 2) ?? 0) | (mark << ((xid & 3) * 2)));
    }
    for (const [at, value] of bytes) write('pg_xact', 0, at, value, 1);
    for (const [child, parent] of [
      [8, 5],
      [9, 6],
      [10, 8],
      [12, 12],
    ] as const) {
      write('pg_subtrans', 0, child * 4, parent);
    }
  });
  const found = [8, 9, 10, 11, 12].map((xid) => log.status(xid));
  assert.deepEqual(found, [XID_COMMITTED, XID_ABORTED, XID_COMMITTED, XID_IN_PROGRESS, XID_IN_PROGRESS]);
});

test('the updater among the members of a multixact, over the end of a group and of a page', () => {
  const log = madeLog(
    (write) => {
      // multixact 10: members 1634..1637, the last two on page 1; 11: 1638..1639, lockers; 12 is the newest.
      write('pg_multixact/offsets', 0, 10 * 4, 1634);
      write('pg_multixact/offsets', 0, 11 * 4, 1638);
      write('pg_multixact/offsets', 0, 12 * 4, 1640);
      write('pg_multixact/members', 0, 408 * 20 + 4 + 2 * 4, 701);
      write('pg_multixact/members', 1, 0 + 1, 5, 1);
      write('pg_multixact/members', 1, 4 + 4, 702);
      write('pg_multixact/members', 1, 0 + 2, 3, 1);
      write('pg_multixact/members', 1, 20, 4, 1);
      write('pg_multixact/members', 1, 20 + 4, 703);
    },
    { nextMulti: 13, nextMultiOffset: 1641 },
  );
  assert.equal(log.updater(10), 702);
  assert.equal(log.updater(11), 0);
  assert.equal(log.updater(12), 703);
  assert.equal(log.updater(500), null);
  assert.equal(log.updater(1 << 20), null);
});
