/**
 * Changing a heap page as PostgreSQL does: src/backend/storage/page/bufpage.c, with the layouts of
 * src/include/storage/bufpage.h, itemid.h and src/include/access/htup_details.h. Every function checks its
 * bounds and says false where the page cannot be what the record was written for.
 */
import { xidPrecedes } from '../xid.js';
import type { WalLayout } from './layout.js';

const PD_FLAGS = 10;
const PD_LOWER = 12;
const PD_UPPER = 14;
const PD_SPECIAL = 16;
const PD_PAGESIZE_VERSION = 18;
const PD_PRUNE_XID = 20;
const PAGE_HEADER = 24;
const PAGE_LAYOUT_VERSION = 4;
const PD_ALL_VISIBLE = 0x0004;

/** ItemIdData: lp_off 15 bits, lp_flags 2, lp_len 15. */
const LINE_POINTER = 4;
const LP_UNUSED = 0;
const LP_NORMAL = 1;
const LP_REDIRECT = 2;
const LP_DEAD = 3;

/** SizeofHeapTupleHeader: the fixed part, without the null bitmap. */
export const TUPLE_HEADER = 23;
export const T_XMIN = 0;
export const T_XMAX = 4;
/** t_cid and t_xvac share these four bytes. */
export const T_CID = 8;
export const T_CTID = 12;
export const T_INFOMASK2 = 18;
export const T_INFOMASK = 20;
export const T_HOFF = 22;

/** A page, as bytes and as a view of the same. */
export interface Page {
  bytes: Uint8Array;
  view: DataView;
}

export function pageOf(bytes: Uint8Array): Page {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** PageIsNew: never initialized. */
export function isNew(page: Page): boolean {
  return page.view.getUint16(PD_UPPER, true) === 0;
}

/** PageInit, for a heap: no special space. */
export function initPage(page: Page): void {
  const { bytes, view } = page;
  bytes.fill(0);
  view.setUint16(PD_LOWER, PAGE_HEADER, true);
  view.setUint16(PD_UPPER, bytes.length, true);
  view.setUint16(PD_SPECIAL, bytes.length, true);
  view.setUint16(PD_PAGESIZE_VERSION, bytes.length | PAGE_LAYOUT_VERSION, true);
}

export function setAllVisible(page: Page): void {
  page.view.setUint16(PD_FLAGS, page.view.getUint16(PD_FLAGS, true) | PD_ALL_VISIBLE, true);
}

export function clearAllVisible(page: Page): void {
  page.view.setUint16(PD_FLAGS, page.view.getUint16(PD_FLAGS, true) & ~PD_ALL_VISIBLE, true);
}

/** PageSetPrunable. */
export function setPrunable(page: Page, xid: number): void {
  const before = page.view.getUint32(PD_PRUNE_XID, true);
  if (before === 0 || xidPrecedes(xid, before)) page.view.setUint32(PD_PRUNE_XID, xid, true);
}

function lineCount(page: Page): number {
  const lower = page.view.getUint16(PD_LOWER, true);
  return lower <= PAGE_HEADER || lower > page.bytes.length ? 0 : (lower - PAGE_HEADER) >>> 2;
}

/** False for NaN, too. */
function hasLine(page: Page, offset: number): boolean {
  return offset >= 1 && offset <= lineCount(page);
}

function lineAt(offset: number): number {
  return PAGE_HEADER + (offset - 1) * LINE_POINTER;
}

function setLine(page: Page, offset: number, flags: number, at: number, length: number): void {
  page.view.setUint32(lineAt(offset), (at | (flags << 15) | (length << 17)) >>> 0, true);
}

/** Where the tuple of a NORMAL line pointer begins; -1 where there is none. */
export function tupleAt(page: Page, offset: number): number {
  if (!hasLine(page, offset)) return -1;
  const line = page.view.getUint32(lineAt(offset), true);
  const at = line & 0x7fff;
  const length = line >>> 17;
  if (((line >>> 15) & 3) !== LP_NORMAL || at < PAGE_HEADER || length < TUPLE_HEADER) return -1;
  return at + length <= page.bytes.length ? at : -1;
}

/** lp_len of a line pointer that tupleAt() has accepted. */
export function tupleLength(page: Page, offset: number): number {
  return page.view.getUint32(lineAt(offset), true) >>> 17;
}

/** PageAddItem with PAI_OVERWRITE: makes room for a tuple under a given line pointer; -1 where there is none. */
export function addTuple(page: Page, offset: number, length: number): number {
  const { view } = page;
  const lines = lineCount(page);
  if (offset < 1 || offset > lines + 1 || length < TUPLE_HEADER) return -1;
  if (offset <= lines && view.getUint32(lineAt(offset), true) >>> 15 !== LP_UNUSED) return -1;
  const lower = offset > lines ? lineAt(offset) + LINE_POINTER : view.getUint16(PD_LOWER, true);
  const upper = view.getUint16(PD_UPPER, true) - ((length + 7) & ~7);
  if (lower > upper || upper + length > page.bytes.length) return -1;
  view.setUint16(PD_LOWER, lower, true);
  view.setUint16(PD_UPPER, upper, true);
  setLine(page, offset, LP_NORMAL, upper, length);
  return upper;
}

/** ItemIdSetRedirect, ItemIdSetDead, ItemIdSetUnused. */
export function redirectLine(page: Page, offset: number, target: number): boolean {
  return hasLine(page, target) && replaceLine(page, offset, LP_REDIRECT, target);
}

export function killLine(page: Page, offset: number): boolean {
  return replaceLine(page, offset, LP_DEAD, 0);
}

export function freeLine(page: Page, offset: number): boolean {
  return replaceLine(page, offset, LP_UNUSED, 0);
}

function replaceLine(page: Page, offset: number, flags: number, target: number): boolean {
  if (!hasLine(page, offset)) return false;
  setLine(page, offset, flags, target, 0);
  return true;
}

/** PageTruncateLinePointerArray: gives up the unused line pointers at the end, all but the first. */
export function truncateLines(page: Page): void {
  let lines = lineCount(page);
  while (lines > 1 && isUnused(page, lines)) lines -= 1;
  if (lines > 0) page.view.setUint16(PD_LOWER, lineAt(lines) + LINE_POINTER, true);
}

function isUnused(page: Page, offset: number): boolean {
  return ((page.view.getUint32(lineAt(offset), true) >>> 15) & 3) === LP_UNUSED;
}

/** PageRepairFragmentation: moves the tuples to the end of the page, so that the free space is one piece. */
export function defragment(page: Page, { keepsOrder, truncatesLines }: WalLayout): boolean {
  const { bytes, view } = page;
  const lines = lineCount(page);
  const special = view.getUint16(PD_SPECIAL, true);
  if (special > bytes.length) return false;
  const stored: number[] = [];
  let lastUsed = 0;
  for (let offset = 1; offset <= lines; offset += 1) {
    if (isUnused(page, offset)) {
      setLine(page, offset, LP_UNUSED, 0, 0);
      continue;
    }
    lastUsed = offset;
    if (tupleLength(page, offset) === 0) continue;
    if (tupleAt(page, offset) < 0) return false;
    stored.push(offset);
  }
  if (keepsOrder) stored.sort((a, b) => tupleAt(page, b) - tupleAt(page, a));
  const before = bytes.slice();
  let upper = special;
  for (const offset of stored) {
    const length = tupleLength(page, offset);
    const at = tupleAt(page, offset);
    const aligned = (length + 7) & ~7;
    upper -= aligned;
    if (upper < view.getUint16(PD_LOWER, true)) return false;
    bytes.set(before.subarray(at, at + aligned), upper);
    setLine(page, offset, LP_NORMAL, upper, length);
  }
  view.setUint16(PD_UPPER, upper, true);
  if (truncatesLines) view.setUint16(PD_LOWER, lineAt(lastUsed) + LINE_POINTER, true);
  return true;
}
