/**
 * Pruning, vacuum and freezing of heap pages, in the form of each version (src/include/access/heapam_xlog.h):
 * rows of operations, by the upper bits of a heap2 record's info.
 */
import {
  defragment,
  freeLine,
  killLine,
  type Page,
  redirectLine,
  setAllVisible,
  T_CID,
  T_INFOMASK,
  T_INFOMASK2,
  T_XMAX,
  truncateLines,
  tupleAt,
} from './heap-page.js';
import type { PruneForm, WalLayout } from './layout.js';
import { writePageLsn } from './lsn.js';
import { blockOf, type PageOverlay } from './page-overlay.js';
import type { WalRecord } from './record.js';

type Redo = (record: WalRecord, page: Page, layout: WalLayout) => boolean;

/** CLEANUP_INFO of versions up to 13 is for standbys only, and has no page. */
const FORMS: Record<PruneForm, ReadonlyMap<number, Redo>> = {
  clean: new Map([
    [0x10, redoPrune],
    [0x20, redoFreeze],
  ]),
  vacuum: new Map([
    [0x10, redoPrune],
    [0x20, redoVacuum],
    [0x30, redoFreeze],
  ]),
  plans: new Map([
    [0x10, redoPrune],
    [0x20, redoVacuum],
    [0x30, redoFreezePlans],
  ]),
  combined: new Map([
    [0x10, redoCombined],
    [0x20, redoCombined],
    [0x30, redoCombined],
  ]),
};

/** Applies the record `op` (0x10, 0x20 or 0x30). False where it does not fit the page. */
export function redoPruning(record: WalRecord, op: number, pages: PageOverlay, layout: WalLayout): boolean {
  const redo = FORMS[layout.prune].get(op);
  if (redo === undefined) return true;
  const page = pages.forRedo(record, 0);
  if (page === null) return true;
  pages.keepEarlier(record, 0, page);
  if (!redo(record, page, layout)) return false;
  writePageLsn(page.view, 0, record.end);
  return true;
}

/** XLOG_HEAP2_VISIBLE: block 1 is the heap's. Its LSN stays, as it does without checksums. */
export function redoVisible(record: WalRecord, pages: PageOverlay): boolean {
  const page = pages.forRedo(record, 1);
  if (page !== null) setAllVisible(page);
  return true;
}

/** A cursor over a block's data: 16-bit numbers. */
class Numbers {
  readonly #view: DataView;
  readonly #end: number;
  at: number;

  constructor(record: WalRecord) {
    const block = blockOf(record, 0)!;
    this.#view = record.view;
    this.at = block.dataAt;
    this.#end = block.dataAt + block.dataLength;
  }

  get left(): number {
    return (this.#end - this.at) >>> 1;
  }

  /** NaN beyond the end, which is no line pointer of any page. */
  next(): number {
    if (this.left < 1) return Number.NaN;
    const value = this.#view.getUint16(this.at, true);
    this.at += 2;
    return value;
  }

  has(bytes: number): boolean {
    return this.#end - this.at >= bytes;
  }
}

/** xl_heap_clean and xl_heap_prune up to 16: an xid, nredirected, ndead. The rest of the offsets are unused. */
function redoPrune(record: WalRecord, page: Page, layout: WalLayout): boolean {
  if (record.mainLength < 8) return false;
  const redirected = record.view.getUint16(record.mainAt + 4, true);
  const dead = record.view.getUint16(record.mainAt + 6, true);
  const numbers = new Numbers(record);
  if (!pruneLines(page, numbers, redirected, dead, numbers.left - 2 * redirected - dead)) return false;
  return defragment(page, layout);
}

/** heap_page_prune_execute, without what follows it. */
function pruneLines(page: Page, numbers: Numbers, redirected: number, dead: number, unused: number): boolean {
  if (!(redirected >= 0 && dead >= 0 && unused >= 0)) return false;
  for (let index = 0; index < redirected; index += 1)
    if (!redirectLine(page, numbers.next(), numbers.next())) return false;
  for (let index = 0; index < dead; index += 1) if (!killLine(page, numbers.next())) return false;
  for (let index = 0; index < unused; index += 1) if (!freeLine(page, numbers.next())) return false;
  return true;
}

/** xl_heap_vacuum: nunused. */
function redoVacuum(record: WalRecord, page: Page): boolean {
  const numbers = new Numbers(record);
  if (!pruneLines(page, numbers, 0, 0, numbers.left)) return false;
  truncateLines(page);
  return true;
}

/** xl_heap_freeze_page up to 15: cutoff_xid, ntuples; a tuple is xmax, offset, t_infomask2, t_infomask, frzflags. */
function redoFreeze(record: WalRecord, page: Page): boolean {
  if (record.mainLength < 6) return false;
  const count = record.view.getUint16(record.mainAt + 4, true);
  const block = blockOf(record, 0)!;
  if (block.dataLength < count * 12) return false;
  for (let index = 0; index < count; index += 1) {
    const at = block.dataAt + index * 12;
    if (!freezeTuple(page, record.view.getUint16(at + 4, true), record.view, at, at + 6)) return false;
  }
  return true;
}

/** xl_heap_freeze_page of 16: snapshotConflictHorizon, nplans; the plans, then the offsets. */
function redoFreezePlans(record: WalRecord, page: Page): boolean {
  if (record.mainLength < 6) return false;
  const count = record.view.getUint16(record.mainAt + 4, true);
  const numbers = new Numbers(record);
  if (!numbers.has(count * 12)) return false;
  const plans = numbers.at;
  numbers.at += count * 12;
  return freezePlans(record, page, plans, count, numbers);
}

/** A plan is xmax, t_infomask2, t_infomask, frzflags, and at 10 how many of the offsets are its own. */
function freezePlans(record: WalRecord, page: Page, plans: number, count: number, offsets: Numbers): boolean {
  for (let plan = plans; plan < plans + count * 12; plan += 12) {
    const tuples = record.view.getUint16(plan + 10, true);
    for (let index = 0; index < tuples; index += 1)
      if (!freezeTuple(page, offsets.next(), record.view, plan, plan + 4)) return false;
  }
  return true;
}

/** heap_execute_freeze_tuple: xmax at `xmaxAt`, infomasks and flags at `masksAt`. */
function freezeTuple(page: Page, offset: number, view: DataView, xmaxAt: number, masksAt: number): boolean {
  const tuple = tupleAt(page, offset);
  if (tuple < 0) return false;
  page.view.setUint32(tuple + T_XMAX, view.getUint32(xmaxAt, true), true);
  const flags = view.getUint8(masksAt + 4);
  // XLH_FREEZE_XVAC: FrozenTransactionId; XLH_INVALID_XVAC: none.
  if ((flags & 0x02) !== 0) page.view.setUint32(tuple + T_CID, 2, true);
  if ((flags & 0x04) !== 0) page.view.setUint32(tuple + T_CID, 0, true);
  page.view.setUint16(tuple + T_INFOMASK, view.getUint16(masksAt + 2, true), true);
  page.view.setUint16(tuple + T_INFOMASK2, view.getUint16(masksAt, true), true);
  return true;
}

/** xl_heap_prune since 17: reason, flags; what the flags announce follows in this order. */
const CLEANUP_LOCK = 0x04;
const HAS_FREEZE_PLANS = 0x10;
const HAS_REDIRECTIONS = 0x20;
const HAS_DEAD_ITEMS = 0x40;
const HAS_NOW_UNUSED_ITEMS = 0x80;

function redoCombined(record: WalRecord, page: Page, layout: WalLayout): boolean {
  if (record.mainLength < 2) return false;
  const flags = record.view.getUint8(record.mainAt + 1);
  const numbers = new Numbers(record);
  let plans = 0;
  let planCount = 0;
  if ((flags & HAS_FREEZE_PLANS) !== 0) {
    planCount = numbers.next();
    plans = numbers.at + 2;
    if (!numbers.has(2 + planCount * 12)) return false;
    numbers.at = plans + planCount * 12;
  }
  if ((flags & (HAS_REDIRECTIONS | HAS_DEAD_ITEMS | HAS_NOW_UNUSED_ITEMS)) !== 0) {
    const redirected = (flags & HAS_REDIRECTIONS) !== 0 ? numbers.next() : 0;
    if (!pruneLines(page, numbers, redirected, 0, 0)) return false;
    const dead = (flags & HAS_DEAD_ITEMS) !== 0 ? numbers.next() : 0;
    if (!pruneLines(page, numbers, 0, dead, 0)) return false;
    const unused = (flags & HAS_NOW_UNUSED_ITEMS) !== 0 ? numbers.next() : 0;
    if (!pruneLines(page, numbers, 0, 0, unused)) return false;
    // Without the cleanup lock dead line pointers become unused ones, and no tuple may move.
    if ((flags & CLEANUP_LOCK) === 0) truncateLines(page);
    else if (!defragment(page, layout)) return false;
  }
  return freezePlans(record, page, plans, planCount, numbers);
}
