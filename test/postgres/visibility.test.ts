import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type TransactionLog,
  XID_ABORTED,
  XID_COMMITTED,
  XID_IN_PROGRESS,
  XID_UNKNOWN,
  type XidStatus,
} from '../../src/postgres/transaction-log.js';
import {
  judgeRow,
  ROW_ABORTED,
  ROW_DELETED,
  ROW_LIVE,
  ROW_REPLACED,
  ROW_UNCOMMITTED,
  ROW_UNCOMMITTED_DELETED,
  ROW_UNKNOWN,
} from '../../src/postgres/visibility.js';

const C = 101;
const A = 102;
const P = 103;
const U = 104;
const STATUS: Readonly<Record<number, XidStatus>> = {
  [C]: XID_COMMITTED,
  [A]: XID_ABORTED,
  [P]: XID_IN_PROGRESS,
  [U]: XID_UNKNOWN,
};
/** Multixacts: 1 only locks, 2 to 4 have a member that updates, 5 is not known. */
const UPDATERS: Readonly<Record<number, number | null>> = { 1: 0, 2: C, 3: A, 4: P, 5: null };
const log: TransactionLog = {
  status: (xid) => STATUS[xid]!,
  updater: (multixact) => UPDATERS[multixact]!,
};

const XMIN_COMMITTED = 0x100;
const XMIN_INVALID = 0x200;
const FROZEN = 0x300;
const XMAX_COMMITTED = 0x400;
const XMAX_INVALID = 0x800;
const MULTI = 0x1000;
const EXCL_LOCK = 0x40;
const LOCK_ONLY = 0x80;

const CASES: readonly [string, number, number, number, number][] = [
  ['hinted, not deleted', XMIN_COMMITTED | XMAX_INVALID, U, 0, ROW_LIVE],
  ['frozen', FROZEN | XMAX_INVALID, A, 0, ROW_LIVE],
  ['hinted aborted', XMIN_INVALID, C, 0, ROW_ABORTED],
  ['committed by the log', XMAX_INVALID, C, 0, ROW_LIVE],
  ['aborted by the log', XMAX_INVALID, A, 0, ROW_ABORTED],
  ['in progress', XMAX_INVALID, P, 0, ROW_UNCOMMITTED],
  ['not known', XMAX_INVALID, U, 0, ROW_UNKNOWN],
  ['deleted, hinted', XMIN_COMMITTED | XMAX_COMMITTED, C, U, ROW_DELETED],
  ['deleted by the log', XMIN_COMMITTED, C, C, ROW_DELETED],
  ['delete aborted', XMIN_COMMITTED, C, A, ROW_LIVE],
  ['delete in progress', XMIN_COMMITTED, C, P, ROW_LIVE],
  ['deleter not known', XMIN_COMMITTED, C, U, ROW_LIVE],
  ['locked by one that committed', XMIN_COMMITTED | LOCK_ONLY, C, C, ROW_LIVE],
  ['locked in the way of 9.2', XMIN_COMMITTED | EXCL_LOCK, C, C, ROW_LIVE],
  ['lockers only', XMIN_COMMITTED | MULTI | LOCK_ONLY, C, 2, ROW_LIVE],
  ['multixact without updater', XMIN_COMMITTED | MULTI, C, 1, ROW_LIVE],
  ['multixact, updater committed', XMIN_COMMITTED | MULTI, C, 2, ROW_DELETED],
  ['multixact, updater aborted', XMIN_COMMITTED | MULTI, C, 3, ROW_LIVE],
  ['multixact, updater in progress', XMIN_COMMITTED | MULTI, C, 4, ROW_LIVE],
  ['multixact not known', XMIN_COMMITTED | MULTI, C, 5, ROW_LIVE],
  ['made and replaced in progress', 0, P, P, ROW_UNCOMMITTED_DELETED],
  ['replaced by an aborted subtransaction', 0, P, A, ROW_UNCOMMITTED],
];

for (const [name, infomask, xmin, xmax, verdict] of CASES) {
  test(`a row version: ${name}`, () => assert.equal(judgeRow(infomask, xmin, xmax, false, log), verdict));
}

test('a row version that leads to a newer one is replaced, not deleted', () => {
  assert.equal(judgeRow(XMIN_COMMITTED, C, C, true, log), ROW_REPLACED);
  assert.equal(judgeRow(XMIN_COMMITTED, C, A, true, log), ROW_LIVE);
  assert.equal(judgeRow(0, P, P, true, log), ROW_UNCOMMITTED_DELETED);
});
