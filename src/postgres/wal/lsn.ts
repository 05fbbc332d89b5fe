/**
 * Positions in the WAL (LSN). A number here: PostgreSQL's is 64 bits, but 2^53 bytes are 8 PiB of WAL in one
 * cluster's life, and a decoder of records cannot afford bigint. Beyond that `readLsn` gives NaN, and NaN
 * belongs to no page.
 */
export type Lsn = number;

const HIGH = 2 ** 32;

/** The 64 bits at `at`, little-endian as on every machine that PostgreSQL packages are made for. */
export function readLsn(view: DataView, at: number): Lsn {
  const high = view.getUint32(at + 4, true);
  return high < 0x200000 ? high * HIGH + view.getUint32(at, true) : Number.NaN;
}

/** The page LSN at `at` (PageXLogRecPtr, src/include/storage/bufpage.h): the high half comes first. */
export function readPageLsn(view: DataView, at: number): Lsn {
  const high = view.getUint32(at, true);
  return high < 0x200000 ? high * HIGH + view.getUint32(at + 4, true) : Number.NaN;
}

export function writePageLsn(view: DataView, at: number, lsn: Lsn): void {
  view.setUint32(at, Math.floor(lsn / HIGH), true);
  view.setUint32(at + 4, lsn % HIGH, true);
}

/** As PostgreSQL prints it up to version 18 (%X/%X): `0/45A3C000`. */
export function formatLsn(lsn: Lsn): string {
  return `${hex(Math.floor(lsn / HIGH))}/${hex(lsn % HIGH)}`;
}

/** What formatLsn() writes; null where the text is none. */
export function parseLsn(text: string): Lsn | null {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  if (match === null) return null;
  const lsn = Number.parseInt(match[1]!, 16) * HIGH + Number.parseInt(match[2]!, 16);
  return Number.isSafeInteger(lsn) ? lsn : null;
}

/** The name of the segment file that holds `lsn` (XLogFileName, src/include/access/xlog_internal.h). */
export function segmentName(timeline: number, lsn: Lsn, segmentSize: number): string {
  const number = Math.floor(lsn / segmentSize);
  const perHigh = HIGH / segmentSize;
  return pad(timeline) + pad(Math.floor(number / perHigh)) + pad(number % perHigh);
}

function pad(value: number): string {
  return hex(value).padStart(8, '0');
}

function hex(value: number): string {
  return value.toString(16).toUpperCase();
}
