/** Writing a tuple's header (src/include/access/htup_details.h) as a WAL record says. */
import {
  addTuple,
  clearAllVisible,
  type Page,
  T_CID,
  T_CTID,
  T_HOFF,
  T_INFOMASK,
  T_INFOMASK2,
  T_XMIN,
} from './heap-page.js';
import { writePageLsn } from './lsn.js';
import type { WalRecord } from './record.js';

/** sizeof(xl_heap_header): t_infomask2, t_infomask, t_hoff. */
export const TUPLE_HEAD = 5;

const HEAP_XMAX_KEYSHR_LOCK = 0x0010;
const HEAP_COMBOCID = 0x0020;
const HEAP_XMAX_EXCL_LOCK = 0x0040;
const HEAP_XMAX_LOCK_ONLY = 0x0080;
const HEAP_XMAX_IS_MULTI = 0x1000;
/** HEAP_XMAX_BITS (COMMITTED, INVALID and the four above but COMBOCID) with HEAP_MOVED. */
const XMAX_AND_MOVED = 0x1cd0 | 0xc000;
const HEAP_KEYS_UPDATED = 0x2000;
const HEAP_HOT_UPDATED = 0x4000;

/** The first bit of the flags of xl_heap_*: PD_ALL_VISIBLE was cleared. */
export const ALL_VISIBLE_CLEARED = 0x01;

/** Makes a tuple's header from an xl_heap_header at `head`; gives where the tuple is, -1 where it has no room. */
export function placeTuple(
  page: Page,
  offset: number,
  length: number,
  record: WalRecord,
  head: number,
  ctidBlock: number,
  ctidOffset: number,
): number {
  const tuple = addTuple(page, offset, length);
  if (tuple < 0) return -1;
  const { view } = page;
  page.bytes.fill(0, tuple, tuple + ((length + 7) & ~7));
  view.setUint32(tuple + T_XMIN, record.xid, true);
  setCtid(page, tuple, ctidBlock, ctidOffset);
  view.setUint16(tuple + T_INFOMASK2, record.view.getUint16(head, true), true);
  view.setUint16(tuple + T_INFOMASK, record.view.getUint16(head + 2, true) & ~HEAP_COMBOCID, true);
  view.setUint8(tuple + T_HOFF, record.view.getUint8(head + 4));
  return tuple;
}

/** ItemPointerData: the block's high half, its low half, the line pointer. */
export function setCtid(page: Page, tuple: number, block: number, offset: number): void {
  page.view.setUint16(tuple + T_CTID, block >>> 16, true);
  page.view.setUint16(tuple + T_CTID + 2, block & 0xffff, true);
  page.view.setUint16(tuple + T_CTID + 4, offset, true);
}

/** fix_infomask_from_infobits, after the old xmax's bits are gone. */
export function setInfobits(page: Page, tuple: number, infobits: number): void {
  const { view } = page;
  let mask = view.getUint16(tuple + T_INFOMASK, true) & ~XMAX_AND_MOVED;
  let mask2 = view.getUint16(tuple + T_INFOMASK2, true) & ~HEAP_KEYS_UPDATED;
  if ((infobits & 0x01) !== 0) mask |= HEAP_XMAX_IS_MULTI;
  if ((infobits & 0x02) !== 0) mask |= HEAP_XMAX_LOCK_ONLY;
  if ((infobits & 0x04) !== 0) mask |= HEAP_XMAX_EXCL_LOCK;
  if ((infobits & 0x08) !== 0) mask |= HEAP_XMAX_KEYSHR_LOCK;
  if ((infobits & 0x10) !== 0) mask2 |= HEAP_KEYS_UPDATED;
  view.setUint16(tuple + T_INFOMASK, mask, true);
  view.setUint16(tuple + T_INFOMASK2, mask2, true);
}

/** HEAP_XMAX_IS_LOCKED_ONLY. */
export function isLockedOnly(mask: number): boolean {
  const locks = HEAP_XMAX_IS_MULTI | HEAP_XMAX_EXCL_LOCK | HEAP_XMAX_KEYSHR_LOCK;
  return (mask & HEAP_XMAX_LOCK_ONLY) !== 0 || (mask & locks) === HEAP_XMAX_EXCL_LOCK;
}

export function setHotUpdated(page: Page, tuple: number, hot: boolean): void {
  const mask2 = page.view.getUint16(tuple + T_INFOMASK2, true);
  page.view.setUint16(tuple + T_INFOMASK2, hot ? mask2 | HEAP_HOT_UPDATED : mask2 & ~HEAP_HOT_UPDATED, true);
}

/** HeapTupleHeaderSetCmax(tuple, FirstCommandId, false). */
export function clearCommand(page: Page, tuple: number): void {
  const mask = page.view.getUint16(tuple + T_INFOMASK, true);
  page.view.setUint16(tuple + T_INFOMASK, mask & ~HEAP_COMBOCID, true);
  page.view.setUint32(tuple + T_CID, 0, true);
}

export function finish(page: Page, record: WalRecord, clearsAllVisible: number): true {
  if (clearsAllVisible !== 0) clearAllVisible(page);
  writePageLsn(page.view, 0, record.end);
  return true;
}
