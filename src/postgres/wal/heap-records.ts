/** Which record of the two heap resource managers does what (src/include/access/heapam_xlog.h). */
import {
  redoConfirm,
  redoDelete,
  redoInplace,
  redoInsert,
  redoLock,
  redoLockUpdated,
  redoMultiInsert,
} from './heap-redo.js';
import type { WalLayout } from './layout.js';
import type { PageOverlay } from './page-overlay.js';
import { redoPruning, redoVisible } from './prune-redo.js';
import type { WalRecord } from './record.js';
import { redoUpdate } from './update-redo.js';

const OP_MASK = 0x70;
const INIT_PAGE = 0x80;

/** RM_HEAP_ID. False where the record does not fit its pages. */
export function redoHeap(record: WalRecord, pages: PageOverlay): boolean {
  const init = (record.info & INIT_PAGE) !== 0;
  switch (record.info & OP_MASK) {
    case 0x00:
      return redoInsert(record, pages, init);
    case 0x10:
      return redoDelete(record, pages);
    case 0x20:
      return redoUpdate(record, pages, init, false);
    case 0x40:
      return redoUpdate(record, pages, init, true);
    case 0x50:
      return redoConfirm(record, pages);
    case 0x60:
      return redoLock(record, pages);
    case 0x70:
      return redoInplace(record, pages);
    default:
      // XLOG_HEAP_TRUNCATE is for logical decoding only.
      return true;
  }
}

/** RM_HEAP2_ID. REWRITE and NEW_CID are for logical decoding only. */
export function redoHeap2(record: WalRecord, pages: PageOverlay, layout: WalLayout): boolean {
  const op = record.info & OP_MASK;
  switch (op) {
    case 0x10:
    case 0x20:
    case 0x30:
      return redoPruning(record, op, pages, layout);
    case 0x40:
      return redoVisible(record, pages);
    case 0x50:
      return redoMultiInsert(record, pages, (record.info & INIT_PAGE) !== 0);
    case 0x60:
      return redoLockUpdated(record, pages);
    default:
      return true;
  }
}
