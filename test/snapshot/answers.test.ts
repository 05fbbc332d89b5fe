import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  SlruTransactionLog,
  type TransactionLog,
  XID_ABORTED,
  XID_COMMITTED,
  XID_IN_PROGRESS,
  XID_UNKNOWN,
  type XidStatus,
} from '../../src/postgres/transaction-log.js';
import { RecordedTransactions } from '../../src/snapshot/answers.js';

const BLOCK_SIZE = 8192;
/** Transactions of a page of pg_xact. */
const PAGE = BLOCK_SIZE * 4;

function logOf(
  statuses: Readonly<Record<number, XidStatus>>,
  updaters: Readonly<Record<number, number | null>> = {},
): TransactionLog {
  return {
    status: (xid) => statuses[xid] ?? XID_UNKNOWN,
    updater: (multixact) => updaters[multixact] ?? null,
  };
}

/** The log that the recorded pages make, for a control file that bounds nothing. */
function reread(recorded: RecordedTransactions): TransactionLog {
  const pages = recorded.pages(BLOCK_SIZE);
  return new SlruTransactionLog(
    {
      page(directory, number) {
        const found = pages.find((page) => page.directory === directory && page.number === number);
        return found === undefined ? null : new DataView(found.bytes.buffer);
      },
    },
    { blockSize: BLOCK_SIZE, settledBefore: 0, nextMulti: 0, nextMultiOffset: 0 },
  );
}

test('pages answer what the log answered', () => {
  const statuses: Record<number, XidStatus> = {
    100: XID_COMMITTED,
    101: XID_ABORTED,
    102: XID_IN_PROGRESS,
    103: XID_COMMITTED,
    [PAGE + 1]: XID_IN_PROGRESS,
    [7 * PAGE - 1]: XID_COMMITTED,
    4294967295: XID_ABORTED,
  };
  const recorded = new RecordedTransactions(() => logOf(statuses));
  for (const xid of Object.keys(statuses)) recorded.status(Number(xid));
  recorded.status(20 * PAGE);
  const log = reread(recorded);
  for (const [xid, status] of Object.entries(statuses)) assert.equal(log.status(Number(xid)), status, xid);
  assert.equal(log.status(20 * PAGE), XID_UNKNOWN, 'a page that was not there is none');
});

test('who is not known beside others that are proves nothing', () => {
  const recorded = new RecordedTransactions(() => logOf({ 100: XID_COMMITTED }));
  assert.deepEqual([recorded.status(101), recorded.status(100)], [XID_UNKNOWN, XID_COMMITTED]);
  assert.equal(reread(recorded).status(101), XID_ABORTED);
});

test('the answer that was given last counts', () => {
  let status: XidStatus = XID_IN_PROGRESS;
  const recorded = new RecordedTransactions(() => logOf({ 100: status }));
  recorded.status(100);
  status = XID_COMMITTED;
  recorded.status(100);
  assert.equal(reread(recorded).status(100), XID_COMMITTED);
});

test('multixacts with and without an updater, neighbours, the last number and the first', () => {
  const updaters: Record<number, number | null> = {
    4294967295: 500,
    1: 0,
    2: 501,
    3: null,
    9: 502,
    2047: 503,
    2048: 0,
  };
  const recorded = new RecordedTransactions(() => logOf({}, updaters));
  for (const multixact of Object.keys(updaters)) recorded.updater(Number(multixact));
  const log = reread(recorded);
  for (const [multixact, updater] of Object.entries(updaters))
    assert.equal(log.updater(Number(multixact)), updater, multixact);
});

test('more multixacts than a page has members', () => {
  const recorded = new RecordedTransactions(() => ({
    status: () => XID_COMMITTED,
    updater: (multixact) => (multixact % 3 === 0 ? 0 : multixact + 7),
  }));
  for (let multixact = 5; multixact < 5000; multixact += 1) recorded.updater(multixact);
  const log = reread(recorded);
  for (let multixact = 5; multixact < 5000; multixact += 1)
    assert.equal(log.updater(multixact), multixact % 3 === 0 ? 0 : multixact + 7);
});
