/**
 * What the heap's records do to a page: heap_redo and the multi-insert and lock of heap2_redo
 * (src/backend/access/heap/heapam.c, since 18 heapam_xlog.c; the records in src/include/access/heapam_xlog.h).
 * Each function says false where the record does not fit the page.
 */
import {
  setPrunable,
  T_HOFF,
  T_INFOMASK,
  T_XMAX,
  T_XMIN,
  TUPLE_HEADER,
  tupleAt,
  tupleLength,
} from './heap-page.js';
import {
  ALL_VISIBLE_CLEARED,
  clearCommand,
  finish,
  isLockedOnly,
  placeTuple,
  setCtid,
  setHotUpdated,
  setInfobits,
  TUPLE_HEAD,
} from './heap-tuple.js';
import { blockOf, type PageOverlay } from './page-overlay.js';
import type { WalRecord } from './record.js';

/** SizeOfMultiInsertTuple: the tuple's length, then an xl_heap_header. */
const MULTI_HEAD = 7;

const DELETE_IS_SUPER = 0x08;
const DELETE_IS_PARTITION_MOVE = 0x10;

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
