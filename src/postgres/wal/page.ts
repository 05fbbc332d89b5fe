/**
 * The header at the beginning of each WAL page: XLogPageHeaderData and, on the first page of a segment,
 * XLogLongPageHeaderData (src/include/access/xlog_internal.h).
 */
import type { WalLayout } from './layout.js';
import { type Lsn, readLsn } from './lsn.js';

/** Bytes of the short header, with its padding; of the long one. */
export const SHORT_HEADER = 24;
export const LONG_HEADER = 40;

/** XLP_FIRST_IS_CONTRECORD: the page begins with the rest of a record. */
export const FIRST_IS_CONTRECORD = 0x01;
const LONG = 0x02;
/** XLP_FIRST_IS_OVERWRITE_CONTRECORD: the record that should go on here was lost in a crash. */
export const FIRST_IS_OVERWRITE_CONTRECORD = 0x08;
const ALL_FLAGS = 0x0f;

/** What a page must be to belong to this WAL. */
export interface WalGeometry {
  readonly layout: WalLayout;
  /** BLCKSZ, bytes: a page of a relation. */
  readonly blockSize: number;
  /** XLOG_BLCKSZ, bytes: a page of the WAL. */
  readonly pageSize: number;
  /** wal_segment_size, bytes. */
  readonly segmentSize: number;
}

/** Whether the bytes at `at` are the header of the page at `lsn`; a recycled segment has an older address. */
export function isPage(view: DataView, at: number, lsn: Lsn, geometry: WalGeometry): boolean {
  if (view.getUint16(at, true) !== geometry.layout.magic) return false;
  const flags = view.getUint16(at + 2, true);
  if ((flags & ~ALL_FLAGS) !== 0 || readLsn(view, at + 8) !== lsn) return false;
  const first = lsn % geometry.segmentSize === 0;
  if (((flags & LONG) !== 0) !== first) return false;
  return (
    !first ||
    (view.getUint32(at + 32, true) === geometry.segmentSize &&
      view.getUint32(at + 36, true) === geometry.pageSize)
  );
}

export function pageFlags(view: DataView, at: number): number {
  return view.getUint16(at + 2, true);
}

/** How many bytes of the record that began on an earlier page are still to come, this page's included. */
export function remainingLength(view: DataView, at: number): number {
  return view.getUint32(at + 16, true);
}

export function headerLength(view: DataView, at: number): number {
  return (pageFlags(view, at) & LONG) !== 0 ? LONG_HEADER : SHORT_HEADER;
}
