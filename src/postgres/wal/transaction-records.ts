/** Records about transactions: src/include/access/xact.h, multixact.h, storage/standbydefs.h. */
import { XID_ABORTED, XID_COMMITTED } from '../transaction-log.js';
import type { WalLayout } from './layout.js';
import type { WalRecord } from './record.js';
import type { WalTransactions } from './transactions.js';

/** XLOG_XACT_OPMASK, and what of it ends a transaction. */
const OP_MASK = 0x70;
const COMMIT = 0x00;
const ABORT = 0x20;
const COMMIT_PREPARED = 0x30;
const ABORT_PREPARED = 0x40;
/** XLOG_XACT_HAS_INFO: xinfo follows the time. */
const HAS_INFO = 0x80;

/** xinfo, in the order of what they announce (ParseCommitRecord, src/backend/access/rmgrdesc/xactdesc.c). */
const HAS_DBINFO = 0x01;
const HAS_SUBXACTS = 0x02;
const HAS_RELFILENODES = 0x04;
const HAS_INVALS = 0x08;
const HAS_TWOPHASE = 0x10;
const HAS_DROPPED_STATS = 0x100;

export const MULTIXACT_CREATE_ID = 0x20;
export const RUNNING_XACTS = 0x10;

/** A commit or an abort, of a prepared transaction too, with its subtransactions. False where it is cut short. */
export function applyTransaction(record: WalRecord, layout: WalLayout, into: WalTransactions): boolean {
  const op = record.info & OP_MASK;
  if (op !== COMMIT && op !== ABORT && op !== COMMIT_PREPARED && op !== ABORT_PREPARED) return true;
  const mark = op === COMMIT || op === COMMIT_PREPARED ? XID_COMMITTED : XID_ABORTED;
  const prepared = op === COMMIT_PREPARED || op === ABORT_PREPARED;
  const { view } = record;
  const end = record.mainAt + record.mainLength;
  // xact_time
  let at = record.mainAt + 8;
  let xinfo = 0;
  if ((record.info & HAS_INFO) !== 0) {
    if (at + 4 > end) return false;
    xinfo = view.getUint32(at, true);
    at += 4;
  }
  if ((xinfo & HAS_DBINFO) !== 0) at += 8;
  const skip = (flag: number, size: number): void => {
    if ((xinfo & flag) === 0) return;
    at = at + 4 <= end ? at + 4 + view.getUint32(at, true) * size : end + 1;
  };
  const subxacts = at + 4;
  skip(HAS_SUBXACTS, 4);
  const subxactsEnd = at;
  skip(HAS_RELFILENODES, 12);
  skip(HAS_DROPPED_STATS, layout.droppedStatSize);
  // SharedInvalidationMessage
  skip(HAS_INVALS, 16);
  if ((xinfo & HAS_TWOPHASE) !== 0) at += 4;
  if (at > end || (prepared && (xinfo & HAS_TWOPHASE) === 0)) return false;

  into.end(prepared ? view.getUint32(at - 4, true) : record.xid, mark);
  if ((xinfo & HAS_SUBXACTS) !== 0)
    for (let xid = subxacts; xid < subxactsEnd; xid += 4) into.end(view.getUint32(xid, true), mark);
  return true;
}

/** xl_multixact_create: mid, moff, nmembers, members. */
export function applyMultixact(record: WalRecord, into: WalTransactions): boolean {
  const { view, mainAt, mainLength } = record;
  if (mainLength < 12) return false;
  const members = view.getUint32(mainAt + 8, true);
  if (mainLength < 12 + members * 8) return false;
  into.addMultixact(view.getUint32(mainAt, true), view, mainAt + 12, members);
  return true;
}

/** xl_running_xacts: xcnt, subxcnt, subxid_overflow, nextXid, oldestRunningXid. Prepared ones count as running. */
export function applyRunning(record: WalRecord, into: WalTransactions): boolean {
  if (record.mainLength < 24) return false;
  into.settle(record.view.getUint32(record.mainAt + 16, true));
  return true;
}
