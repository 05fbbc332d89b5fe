/** XLOG_HEAP_UPDATE and XLOG_HEAP_HOT_UPDATE: heap_xlog_update, as heap-redo.ts. */
import {
  clearAllVisible,
  type Page,
  setPrunable,
  T_HOFF,
  T_XMAX,
  TUPLE_HEADER,
  tupleAt,
  tupleLength,
} from './heap-page.js';
import {
  ALL_VISIBLE_CLEARED,
  clearCommand,
  finish,
  placeTuple,
  setCtid,
  setHotUpdated,
  setInfobits,
  TUPLE_HEAD,
} from './heap-tuple.js';
import { blockOf, type PageOverlay } from './page-overlay.js';
import type { BlockReference, WalRecord } from './record.js';

const NEW_ALL_VISIBLE_CLEARED = 0x02;
const PREFIX_FROM_OLD = 0x20;
const SUFFIX_FROM_OLD = 0x40;

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
