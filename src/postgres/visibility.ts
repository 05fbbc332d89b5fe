/**
 * What a row version is worth to one who only reads files: the rules of HeapTupleSatisfiesMVCC
 * (src/backend/access/heap/heapam_visibility.c), hint bits first, then the transaction log.
 */
import {
  HEAP_XMAX_COMMITTED,
  HEAP_XMAX_INVALID,
  HEAP_XMAX_IS_MULTI,
  HEAP_XMIN_COMMITTED,
  HEAP_XMIN_INVALID,
  isLockedOnly,
} from './heap-tuple.js';
import { type TransactionLog, XID_ABORTED, XID_COMMITTED, XID_UNKNOWN } from './transaction-log.js';

/** In the order of their right to a name, the best first. */
export const ROW_LIVE = 0;
/** Its creator has not committed. */
export const ROW_UNCOMMITTED = 1;
/** Its creator has not committed and has replaced or deleted it since. */
export const ROW_UNCOMMITTED_DELETED = 2;
/** Committed, and replaced by a newer version of the row that committed too. */
export const ROW_REPLACED = 3;
/** Committed, and deleted by a committed transaction. */
export const ROW_DELETED = 4;
/** Its creator's fate is not on disk: it proves nothing. */
export const ROW_UNKNOWN = 5;
/** Its creator aborted: it never was. */
export const ROW_ABORTED = 6;

export type RowVerdict =
  | typeof ROW_LIVE
  | typeof ROW_UNCOMMITTED
  | typeof ROW_UNCOMMITTED_DELETED
  | typeof ROW_REPLACED
  | typeof ROW_DELETED
  | typeof ROW_UNKNOWN
  | typeof ROW_ABORTED;

/** @param replaced whether t_ctid leads to a newer version (hasSuccessor) */
export function judgeRow(
  infomask: number,
  xmin: number,
  xmax: number,
  replaced: boolean,
  log: TransactionLog,
): RowVerdict {
  let created: number;
  if (infomask & HEAP_XMIN_COMMITTED) created = XID_COMMITTED;
  else if (infomask & HEAP_XMIN_INVALID) created = XID_ABORTED;
  else created = log.status(xmin);
  if (created === XID_ABORTED) return ROW_ABORTED;
  if (created === XID_UNKNOWN) return ROW_UNKNOWN;
  const deleter = deletedBy(infomask, xmax, log);
  if (created === XID_COMMITTED) {
    if (deleter === 0) return ROW_LIVE;
    const hinted = (infomask & (HEAP_XMAX_COMMITTED | HEAP_XMAX_IS_MULTI)) === HEAP_XMAX_COMMITTED;
    if (!hinted && log.status(deleter) !== XID_COMMITTED) return ROW_LIVE;
    return replaced ? ROW_REPLACED : ROW_DELETED;
  }
  // In progress. Only the creator's own transaction can have deleted it; a subtransaction of it may have aborted.
  if (deleter === 0 || log.status(deleter) === XID_ABORTED) return ROW_UNCOMMITTED;
  return ROW_UNCOMMITTED_DELETED;
}

/** Whether the end of a transaction may change that verdict of a row with those bits. */
export function isOpen(verdict: RowVerdict, infomask: number, xmax: number, log: TransactionLog): boolean {
  if (verdict === ROW_LIVE) return (infomask & HEAP_XMAX_INVALID) === 0 && mayBeDeleted(infomask, xmax, log);
  return verdict === ROW_UNCOMMITTED || verdict === ROW_UNCOMMITTED_DELETED || verdict === ROW_UNKNOWN;
}

/** Not where its deleter was rolled back, which nobody has to note on the row. */
function mayBeDeleted(infomask: number, xmax: number, log: TransactionLog): boolean {
  if (isLockedOnly(infomask)) return false;
  const deleter = infomask & HEAP_XMAX_IS_MULTI ? log.updater(xmax) : xmax;
  return deleter === null || (deleter !== 0 && log.status(deleter) !== XID_ABORTED);
}

/** The transaction that deletes or replaces the row; 0 where none does, or where that is not known. */
function deletedBy(infomask: number, xmax: number, log: TransactionLog): number {
  if (infomask & HEAP_XMAX_INVALID || isLockedOnly(infomask)) return 0;
  if (infomask & HEAP_XMAX_IS_MULTI) return log.updater(xmax) ?? 0;
  return xmax;
}
