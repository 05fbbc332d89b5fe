/**
 * What the heap's records do to a page: heap_redo and the multi-insert and lock of heap2_redo
 * (src/backend/access/heap/heapam.c, since 18 heapam_xlog.c; the records in src/include/access/heapam_xlog.h).
 * Each function says false where the record does not fit the page.
 */
import {
  addTuple,
  clearAllVisible,
  type Page,
  setPrunable,
  T_CID,
  T_CTID,
  T_HOFF,
  T_INFOMASK,
  T_INFOMASK2,
  T_XMAX,
  T_XMIN,
  TUPLE_HEADER,
  tupleAt,
  tupleLength,
} from './heap-page.js';
import { writePageLsn } from './lsn.js';
import { blockOf, type PageOverlay } from './page-overlay.js';
import type { BlockReference, WalRecord } from './record.js';

/** sizeof(xl_heap_header): t_infomask2, t_infomask, t_hoff. */
const TUPLE_HEAD = 5;
/** SizeOfMultiInsertTuple: the tuple's length, then as above. */
const MULTI_HEAD = 7;

const HEAP_XMAX_KEYSHR_LOCK = 0x0010;
const HEAP_COMBOCID = 0x0020;
const HEAP_XMAX_EXCL_LOCK = 0x0040;
const HEAP_XMAX_LOCK_ONLY = 0x0080;
const HEAP_XMAX_IS_MULTI = 0x1000;
/** HEAP_XMAX_BITS (COMMITTED, INVALID and the four above but COMBOCID) with HEAP_MOVED. */
const XMAX_AND_MOVED = 0x1cd0 | 0xc000;
const HEAP_KEYS_UPDATED = 0x2000;
const HEAP_HOT_UPDATED = 0x4000;

/** The first byte of xl_heap_* flags: PD_ALL_VISIBLE was cleared. */
const ALL_VISIBLE_CLEARED = 0x01;
const NEW_ALL_VISIBLE_CLEARED = 0x02;
const DELETE_IS_SUPER = 0x08;
const DELETE_IS_PARTITION_MOVE = 0x10;
const PREFIX_FROM_OLD = 0x20;
const SUFFIX_FROM_OLD = 0x40;

/** xl_heap_insert: offnum, flags. */
export function redoInsert(record: WalRecord, pages: PageOverlay, init: boolean): boolean {
  const { view, mainAt } = record;
  if (record.mainLength < 3) return false;
  const page = init ? pages.init(record, 0) : pages.forRedo(record, 0);
  if (page === null) return true;
  const block = blockOf(record, 0)!;
  if (block.dataLength < TUPLE_HEAD) return false;
  const at = block.dataAt;
  const length = block.dataLength - TUPLE_HEAD;
  const offset = view.getUint16(mainAt, true);
  const tuple = placeTuple(page, offset, TUPLE_HEADER + length, record, at, block.block, offset);
  if (tuple < 0) return false;
  page.bytes.set(record.bytes.subarray(at + TUPLE_HEAD, at + TUPLE_HEAD + length), tuple + TUPLE_HEADER);
  return finish(page, record, view.getUint8(mainAt + 2) & ALL_VISIBLE_CLEARED);
}

/** xl_heap_multi_insert: flags, ntuples at 2, then the offsets, unless the page is a new one. */
export function redoMultiInsert(record: WalRecord, pages: PageOverlay, init: boolean): boolean {
  const { view, mainAt } = record;
  if (record.mainLength < 4) return false;
  const count = view.getUint16(mainAt + 2, true);
  if (!init && record.mainLength < 4 + 2 * count) return false;
  const page = init ? pages.init(record, 0) : pages.forRedo(record, 0);
  if (page === null) return true;
  const block = blockOf(record, 0)!;
  const end = block.dataAt + block.dataLength;
  let at = block.dataAt;
  for (let index = 0; index < count; index += 1) {
    at += (at - block.dataAt) & 1;
    if (end - at < MULTI_HEAD) return false;
    const length = view.getUint16(at, true);
    if (end - at - MULTI_HEAD < length) return false;
    const offset = init ? index + 1 : view.getUint16(mainAt + 4 + 2 * index, true);
    const tuple = placeTuple(page, offset, TUPLE_HEADER + length, record, at + 2, block.block, offset);
    if (tuple < 0) return false;
    at += MULTI_HEAD;
    page.bytes.set(record.bytes.subarray(at, at + length), tuple + TUPLE_HEADER);
    at += length;
  }
  return at === end && finish(page, record, view.getUint8(mainAt) & ALL_VISIBLE_CLEARED);
}

/** xl_heap_delete: xmax, offnum, infobits_set, flags. */
export function redoDelete(record: WalRecord, pages: PageOverlay): boolean {
  const { view, mainAt } = record;
  if (record.mainLength < 8) return false;
  const page = pages.forRedo(record, 0);
  if (page === null) return true;
  const offset = view.getUint16(mainAt + 4, true);
  const flags = view.getUint8(mainAt + 7);
  const tuple = tupleAt(page, offset);
  if (tuple < 0) return false;
  setInfobits(page, tuple, view.getUint8(mainAt + 6));
  setHotUpdated(page, tuple, false);
  const target = (flags & DELETE_IS_SUPER) !== 0 ? T_XMIN : T_XMAX;
  page.view.setUint32(tuple + target, target === T_XMIN ? 0 : view.getUint32(mainAt, true), true);
  clearCommand(page, tuple);
  setPrunable(page, record.xid);
  // HeapTupleHeaderSetMovedPartitions: a tuple id that can be none.
  if ((flags & DELETE_IS_PARTITION_MOVE) !== 0) setCtid(page, tuple, 0xffffffff, 0xfffd);
  else setCtid(page, tuple, blockOf(record, 0)!.block, offset);
  return finish(page, record, flags & ALL_VISIBLE_CLEARED);
}

/**
 * xl_heap_update: old_xmax, old_offnum, old_infobits_set, flags, new_xmax, new_offnum. Block 0 has the new
 * tuple, block 1, where there is one, the old.
 */
export function redoUpdate(record: WalRecord, pages: PageOverlay, init: boolean, hot: boolean): boolean {
  const { view, mainAt } = record;
  const newBlock = blockOf(record, 0);
  if (record.mainLength < 14 || newBlock === null) return false;
  const oldId = blockOf(record, 1) === null ? 0 : 1;
  const flags = view.getUint8(mainAt + 7);
  const oldPage = pages.forRedo(record, oldId);
  if (oldPage !== null && !markUpdated(record, oldPage, newBlock.block, flags, hot)) return false;
  let newPage = oldPage;
  if (init) newPage = pages.init(record, 0);
  else if (oldId === 1) newPage = pages.forRedo(record, 0);
  if (newPage !== null && !addUpdated(record, newPage, oldId === 0 ? oldPage : null, newBlock)) return false;
  if (oldPage !== null) finish(oldPage, record, flags & ALL_VISIBLE_CLEARED);
  return newPage === null || finish(newPage, record, flags & NEW_ALL_VISIBLE_CLEARED);
}

function markUpdated(record: WalRecord, page: Page, newBlock: number, flags: number, hot: boolean): boolean {
  const { view, mainAt } = record;
  const tuple = tupleAt(page, view.getUint16(mainAt + 4, true));
  if (tuple < 0) return false;
  setInfobits(page, tuple, view.getUint8(mainAt + 6));
  setHotUpdated(page, tuple, hot);
  page.view.setUint32(tuple + T_XMAX, view.getUint32(mainAt, true), true);
  clearCommand(page, tuple);
  setCtid(page, tuple, newBlock, view.getUint16(mainAt + 12, true));
  setPrunable(page, record.xid);
  if ((flags & ALL_VISIBLE_CLEARED) !== 0) clearAllVisible(page);
  return true;
}

/** The new tuple: what it has in common with the old one at its beginning and end is not in the record. */
function addUpdated(record: WalRecord, page: Page, oldPage: Page | null, block: BlockReference): boolean {
  const { view, mainAt } = record;
  const flags = view.getUint8(mainAt + 7);
  const end = block.dataAt + block.dataLength;
  let at = block.dataAt;
  let prefix = 0;
  let suffix = 0;
  if ((flags & PREFIX_FROM_OLD) !== 0 && end - at >= 2) {
    prefix = view.getUint16(at, true);
    at += 2;
  }
  if ((flags & SUFFIX_FROM_OLD) !== 0 && end - at >= 2) {
    suffix = view.getUint16(at, true);
    at += 2;
  }
  if (end - at < TUPLE_HEAD) return false;
  const head = at;
  at += TUPLE_HEAD;
  const stored = end - at;
  // The null bitmap (and up to version 11 the OID) comes before the prefix.
  const bitmap = prefix > 0 ? view.getUint8(head + 4) - TUPLE_HEADER : 0;
  if (bitmap < 0 || bitmap > stored) return false;

  let oldData = 0;
  let oldEnd = 0;
  if (prefix + suffix > 0) {
    const offset = view.getUint16(mainAt + 4, true);
    const old = oldPage === null ? -1 : tupleAt(oldPage, offset);
    if (old < 0) return false;
    oldData = old + oldPage!.view.getUint8(old + T_HOFF);
    oldEnd = old + tupleLength(oldPage!, offset);
    if (oldData + prefix > oldEnd || oldEnd - suffix < oldData) return false;
  }
  const offset = view.getUint16(mainAt + 12, true);
  const length = TUPLE_HEADER + stored + prefix + suffix;
  const tuple = placeTuple(page, offset, length, record, head, block.block, offset);
  if (tuple < 0) return false;
  const { bytes } = page;
  let to = tuple + TUPLE_HEADER;
  bytes.set(record.bytes.subarray(at, at + bitmap), to);
  to += bitmap;
  if (prefix > 0) bytes.copyWithin(to, oldData, oldData + prefix);
  to += prefix;
  bytes.set(record.bytes.subarray(at + bitmap, end), to);
  to += stored - bitmap;
  if (suffix > 0) bytes.copyWithin(to, oldEnd - suffix, oldEnd);
  page.view.setUint32(tuple + T_XMAX, view.getUint32(mainAt + 8, true), true);
  return true;
}

/** xl_heap_lock: xmax, offnum, infobits_set, flags. */
export function redoLock(record: WalRecord, pages: PageOverlay): boolean {
  const { view, mainAt } = record;
  if (record.mainLength < 7) return false;
  const page = pages.forRedo(record, 0);
  if (page === null) return true;
  const offset = view.getUint16(mainAt + 4, true);
  const tuple = tupleAt(page, offset);
  if (tuple < 0) return false;
  setInfobits(page, tuple, view.getUint8(mainAt + 6));
  if (isLockedOnly(page.view.getUint16(tuple + T_INFOMASK, true))) {
    setHotUpdated(page, tuple, false);
    setCtid(page, tuple, blockOf(record, 0)!.block, offset);
  }
  page.view.setUint32(tuple + T_XMAX, view.getUint32(mainAt, true), true);
  clearCommand(page, tuple);
  return finish(page, record, 0);
}

/** xl_heap_lock_updated: as xl_heap_lock, for a newer version of the row. */
export function redoLockUpdated(record: WalRecord, pages: PageOverlay): boolean {
  const { view, mainAt } = record;
  if (record.mainLength < 7) return false;
  const page = pages.forRedo(record, 0);
  if (page === null) return true;
  const tuple = tupleAt(page, view.getUint16(mainAt + 4, true));
  if (tuple < 0) return false;
  setInfobits(page, tuple, view.getUint8(mainAt + 6));
  page.view.setUint32(tuple + T_XMAX, view.getUint32(mainAt, true), true);
  return finish(page, record, 0);
}

/** xl_heap_confirm: offnum. A speculative insertion is no longer one. */
export function redoConfirm(record: WalRecord, pages: PageOverlay): boolean {
  if (record.mainLength < 2) return false;
  const page = pages.forRedo(record, 0);
  if (page === null) return true;
  const offset = record.view.getUint16(record.mainAt, true);
  const tuple = tupleAt(page, offset);
  if (tuple < 0) return false;
  setCtid(page, tuple, blockOf(record, 0)!.block, offset);
  return finish(page, record, 0);
}

/** xl_heap_inplace: offnum, and since 18 invalidation messages that nobody needs here. */
export function redoInplace(record: WalRecord, pages: PageOverlay): boolean {
  if (record.mainLength < 2) return false;
  const page = pages.forRedo(record, 0);
  if (page === null) return true;
  const offset = record.view.getUint16(record.mainAt, true);
  const tuple = tupleAt(page, offset);
  const block = blockOf(record, 0)!;
  if (tuple < 0) return false;
  const data = page.view.getUint8(tuple + T_HOFF);
  if (tupleLength(page, offset) - data !== block.dataLength) return false;
  page.bytes.set(record.bytes.subarray(block.dataAt, block.dataAt + block.dataLength), tuple + data);
  return finish(page, record, 0);
}

/** Makes a tuple's header from an xl_heap_header at `head`; gives where the tuple is, -1 where it has no room. */
function placeTuple(
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
function setCtid(page: Page, tuple: number, block: number, offset: number): void {
  page.view.setUint16(tuple + T_CTID, block >>> 16, true);
  page.view.setUint16(tuple + T_CTID + 2, block & 0xffff, true);
  page.view.setUint16(tuple + T_CTID + 4, offset, true);
}

/** fix_infomask_from_infobits, after the old xmax's bits are gone. */
function setInfobits(page: Page, tuple: number, infobits: number): void {
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
function isLockedOnly(mask: number): boolean {
  const locks = HEAP_XMAX_IS_MULTI | HEAP_XMAX_EXCL_LOCK | HEAP_XMAX_KEYSHR_LOCK;
  return (mask & HEAP_XMAX_LOCK_ONLY) !== 0 || (mask & locks) === HEAP_XMAX_EXCL_LOCK;
}

function setHotUpdated(page: Page, tuple: number, hot: boolean): void {
  const mask2 = page.view.getUint16(tuple + T_INFOMASK2, true);
  page.view.setUint16(tuple + T_INFOMASK2, hot ? mask2 | HEAP_HOT_UPDATED : mask2 & ~HEAP_HOT_UPDATED, true);
}

/** HeapTupleHeaderSetCmax(tuple, FirstCommandId, false). */
function clearCommand(page: Page, tuple: number): void {
  const mask = page.view.getUint16(tuple + T_INFOMASK, true);
  page.view.setUint16(tuple + T_INFOMASK, mask & ~HEAP_COMBOCID, true);
  page.view.setUint32(tuple + T_CID, 0, true);
}

function finish(page: Page, record: WalRecord, clearsAllVisible: number): true {
  if (clearsAllVisible !== 0) clearAllVisible(page);
  writePageLsn(page.view, 0, record.end);
  return true;
}
