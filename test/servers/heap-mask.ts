/**
 * What may differ between a page that a server wrote and one that the WAL makes: what PostgreSQL itself masks
 * when wal_consistency_checking compares them (src/backend/access/common/bufmask.c, heap_mask in heapam.c).
 */
const HEAP_XACT_MASK = 0xfff0;
const XMIN_FROZEN = 0x0300;
const XMAX_HINTS = 0x0c00;

/** The page with all that set to zero; `lsn` too where hint bits are logged, because then it moves without a record for the page. */
export function maskHeapPage(page: Uint8Array, lsn: boolean): Uint8Array {
  const bytes = page.slice();
  const view = new DataView(bytes.buffer);
  if (lsn) bytes.fill(0, 0, 8);
  // Checksum; pd_flags; pd_prune_xid.
  bytes.fill(0, 8, 12);
  bytes.fill(0, 20, 24);
  const lower = view.getUint16(12, true);
  const upper = view.getUint16(14, true);
  bytes.fill(0, lower, upper);
  for (let at = 24; at < lower; at += 4) {
    const line = view.getUint32(at, true);
    const offset = line & 0x7fff;
    const length = line >>> 17;
    if (((line >>> 15) & 3) !== 1) continue;
    const mask = view.getUint16(offset + 20, true);
    const frozen = (mask & XMIN_FROZEN) === XMIN_FROZEN;
    view.setUint16(offset + 20, mask & ~(frozen ? XMAX_HINTS : HEAP_XACT_MASK), true);
    // A command id is not in the WAL.
    view.setUint32(offset + 8, 0, true);
    bytes.fill(0, offset + length, (offset + length + 7) & ~7);
  }
  return bytes;
}
