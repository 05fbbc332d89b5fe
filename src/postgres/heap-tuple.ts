/** HeapTupleHeaderData (src/include/access/htup_details.h): offsets from the tuple's beginning, and flags. */
export const TUPLE_XMIN = 0;
export const TUPLE_XMAX = 4;
/** t_ctid: block number, two halves, the higher first; line pointer number. */
const TUPLE_CTID = 12;
export const TUPLE_INFOMASK2 = 18;
export const TUPLE_INFOMASK = 20;
export const TUPLE_HOFF = 22;
const TUPLE_BITS = 23;

/** t_infomask */
const HEAP_HASNULL = 0x0001;
/** An OID lies in the last four bytes of the header; up to version 11. */
export const HEAP_HASOID = 0x0008;
const HEAP_XMAX_EXCL_LOCK = 0x0040;
const HEAP_XMAX_LOCK_ONLY = 0x0080;
const HEAP_LOCK_MASK = 0x0050;
export const HEAP_XMIN_COMMITTED = 0x0100;
export const HEAP_XMIN_INVALID = 0x0200;
/** Both bits: committed so long ago that xmin is not looked at any more. */
export const HEAP_XMIN_FROZEN = 0x0300;
export const HEAP_XMAX_COMMITTED = 0x0400;
export const HEAP_XMAX_INVALID = 0x0800;
export const HEAP_XMAX_IS_MULTI = 0x1000;

/** t_infomask2: the number of attributes. */
const HEAP_NATTS_MASK = 0x07ff;

/** HEAP_XMAX_IS_LOCKED_ONLY: xmax holds lockers, no deleter; the second form was written up to version 9.2. */
export function isLockedOnly(infomask: number): boolean {
  return (
    (infomask & HEAP_XMAX_LOCK_ONLY) !== 0 ||
    (infomask & (HEAP_XMAX_IS_MULTI | HEAP_LOCK_MASK)) === HEAP_XMAX_EXCL_LOCK
  );
}

/** Whether t_ctid leads to a newer version of the row, and not to the tuple itself, as it does in a deleted one. */
export function hasSuccessor(view: DataView, tuple: number, block: number, pointer: number): boolean {
  const high = view.getUint16(tuple + TUPLE_CTID, true);
  const low = view.getUint16(tuple + TUPLE_CTID + 2, true);
  return high * 0x10000 + low !== block || view.getUint16(tuple + TUPLE_CTID + 4, true) !== pointer;
}

/**
 * Where the first attribute of a tuple lies, from the page bytes' beginning, if the tuple can hold the first
 * `columns` attributes in `width` bytes, none of them null; -1 if it cannot.
 */
export function attributesAt(
  view: DataView,
  tuple: number,
  length: number,
  columns: number,
  width: number,
): number {
  const hoff = view.getUint8(tuple + TUPLE_HOFF);
  if (hoff % 8 !== 0 || hoff + width > length) return -1;
  if ((view.getUint16(tuple + TUPLE_INFOMASK2, true) & HEAP_NATTS_MASK) < columns) return -1;
  if (view.getUint16(tuple + TUPLE_INFOMASK, true) & HEAP_HASNULL) {
    if (TUPLE_BITS + ((columns + 7) >>> 3) > hoff) return -1;
    for (let index = 0; index < columns; index++) {
      if (!((view.getUint8(tuple + TUPLE_BITS + (index >>> 3)) >>> (index & 7)) & 1)) return -1;
    }
  }
  return tuple + hoff;
}
