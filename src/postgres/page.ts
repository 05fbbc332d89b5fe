/**
 * A page of a heap (src/include/storage/bufpage.h, itemid.h). Offsets count from the page's beginning:
 * pd_lsn 0, pd_checksum 8, pd_flags 10, pd_lower 12, pd_upper 14, pd_special 16, pd_pagesize_version 18,
 * pd_prune_xid 20, line pointers from 24.
 */
import { pageChecksum } from './page-checksum.js';

const PAGE_HEADER_SIZE = 24;
const PD_CHECKSUM = 8;
const PD_FLAGS = 10;
const PD_LOWER = 12;
const PD_UPPER = 14;
const PD_SPECIAL = 16;
const PD_PAGESIZE_VERSION = 18;
const PD_VALID_FLAGS = 0x0007;
/** The layout of 8.3 and later. */
const PAGE_LAYOUT_VERSION = 4;

const LP_NORMAL = 1;
export const LINE_POINTER_SIZE = 4;
/** A heap tuple's header without null bitmap, aligned. */
export const MIN_TUPLE_SIZE = 24;

/**
 * Whether the page at offset `page` of the view is one that PostgreSQL would accept (PageIsVerified):
 * null if so; otherwise why not. A new page, all zeros in its header, is accepted.
 */
export function pageDamage(
  view: DataView,
  page: number,
  size: number,
  block: number,
  checksums: boolean,
): string | null {
  const lower = view.getUint16(page + PD_LOWER, true);
  const upper = view.getUint16(page + PD_UPPER, true);
  if (upper === 0) return isZero(view, page, size) ? null : 'pd_upper is 0 in a page that is not empty';
  const special = view.getUint16(page + PD_SPECIAL, true);
  const flags = view.getUint16(page + PD_FLAGS, true);
  const sizeAndVersion = view.getUint16(page + PD_PAGESIZE_VERSION, true);
  if (sizeAndVersion !== (size | PAGE_LAYOUT_VERSION)) {
    return `page size and layout version (expected ${size | PAGE_LAYOUT_VERSION}, found ${sizeAndVersion})`;
  }
  if (
    lower < PAGE_HEADER_SIZE ||
    lower > upper ||
    upper > special ||
    special > size ||
    special % 8 !== 0 ||
    flags & ~PD_VALID_FLAGS
  ) {
    return `page header out of bounds (lower ${lower}, upper ${upper}, special ${special}, flags ${flags})`;
  }
  if (checksums) {
    const found = view.getUint16(page + PD_CHECKSUM, true);
    const expected = pageChecksum(view, page, size, block);
    if (found !== expected) return `page checksum (expected ${expected}, found ${found})`;
  }
  return null;
}

/**
 * Calls `visit` with the offset and length of each tuple that a NORMAL line pointer shows, and that pointer's number
 * from 1; redirected, dead and unused ones have none. The page must have passed pageDamage(). Returns how many line pointers lead out of the page.
 */
export function forEachTuple(
  view: DataView,
  page: number,
  size: number,
  visit: (tuple: number, length: number, pointer: number) => void,
): number {
  const upper = view.getUint16(page + PD_UPPER, true);
  if (upper === 0) return 0;
  const special = view.getUint16(page + PD_SPECIAL, true);
  const end = page + Math.min(view.getUint16(page + PD_LOWER, true), size);
  let outside = 0;
  let number = 0;
  for (let at = page + PAGE_HEADER_SIZE; at + LINE_POINTER_SIZE <= end; at += LINE_POINTER_SIZE) {
    const pointer = view.getUint32(at, true); // lp_off 15 bits, lp_flags 2, lp_len 15
    number++;
    if (((pointer >>> 15) & 3) !== LP_NORMAL) continue;
    const offset = pointer & 0x7fff;
    const length = pointer >>> 17;
    if (offset < upper || offset % 8 !== 0 || offset + length > special || length < MIN_TUPLE_SIZE) outside++;
    else visit(page + offset, length, number);
  }
  return outside;
}

function isZero(view: DataView, page: number, size: number): boolean {
  for (let at = page; at < page + size; at += 4) if (view.getUint32(at, true) !== 0) return false;
  return true;
}
