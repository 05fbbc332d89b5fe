/**
 * What became of transactions, from the files that keep it: pg_xact, pg_subtrans and pg_multixact.
 * Sources: src/backend/access/transam/{clog,subtrans,multixact,transam}.c.
 */
import { BOOTSTRAP_XID, FIRST_NORMAL_XID, INVALID_XID, xidPrecedes } from './xid.js';

/** The two bits of pg_xact; the last is what the files do not tell. */
export const XID_IN_PROGRESS = 0;
export const XID_COMMITTED = 1;
export const XID_ABORTED = 2;
const XID_SUB_COMMITTED = 3;
export const XID_UNKNOWN = 4;

export type XidStatus =
  | typeof XID_IN_PROGRESS
  | typeof XID_COMMITTED
  | typeof XID_ABORTED
  | typeof XID_UNKNOWN;

/** The question that judging a row asks. WAL that is newer than the files answers first, by wrapping one of these. */
export interface TransactionLog {
  /** In progress means: no end of it is known. A committed subtransaction has its parent's status. */
  status(xid: number): XidStatus;
  /** The member of a multixact that updates or deletes; 0 where all only lock, null where it is not known. */
  updater(multixact: number): number | null;
}

export type SlruDirectory = 'pg_xact' | 'pg_subtrans' | 'pg_multixact/offsets' | 'pg_multixact/members';

/** Pages of those directories. */
export interface SlruPages {
  /** The page of that number, counted from the first segment file's beginning; null where there is none. */
  page(directory: SlruDirectory, number: number): DataView | null;
}

/** What pg_control says that bounds the reading of the files. */
export interface TransactionBounds {
  blockSize: number;
  /** Every transaction before this one had ended at the last checkpoint: no mark means aborted by a crash. 0: none. */
  settledBefore: number;
  nextMulti: number;
  nextMultiOffset: number;
}

/** MultiXactStatus: ForKeyShare, ForShare, ForNoKeyUpdate, ForUpdate are lockers; NoKeyUpdate and Update follow. */
const FIRST_UPDATER_STATUS = 4;
/** Four flag bytes, then four xids (MULTIXACT_MEMBERGROUP_SIZE). */
const MEMBERS_PER_GROUP = 4;
const GROUP_SIZE = 20;
/** More members than this in one multixact is no multixact but damage. */
const MAX_MEMBERS = 1 << 16;
/** PGPROC_MAX_CACHED_SUBXIDS does not bound nesting; this bounds a walk through damaged pages. */
const MAX_PARENTS = 1 << 16;

export class SlruTransactionLog implements TransactionLog {
  readonly #pages: SlruPages;
  readonly #bounds: TransactionBounds;
  #lastXid = INVALID_XID;
  #lastStatus: XidStatus = XID_ABORTED;

  constructor(pages: SlruPages, bounds: TransactionBounds) {
    this.#pages = pages;
    this.#bounds = bounds;
  }

  status(xid: number): XidStatus {
    if (xid < FIRST_NORMAL_XID) return xid >= BOOTSTRAP_XID ? XID_COMMITTED : XID_ABORTED;
    if (xid !== this.#lastXid) {
      this.#lastStatus = this.#lookUp(xid);
      this.#lastXid = xid;
    }
    return this.#lastStatus;
  }

  updater(multixact: number): number | null {
    const bounds = this.#bounds;
    const first = this.#offset(multixact);
    const next = (multixact + 1) >>> 0 || 1; // 0 is no multixact
    const end = next === bounds.nextMulti ? bounds.nextMultiOffset : this.#offset(next);
    if (first === 0 || end === 0) return null;
    const count = (end - first) >>> 0;
    if (count > MAX_MEMBERS) return null;
    for (let index = 0; index < count; index++) {
      const member = (first + index) >>> 0;
      const groupsPerPage = Math.floor(bounds.blockSize / GROUP_SIZE);
      const group = Math.floor(member / MEMBERS_PER_GROUP);
      const page = this.#pages.page('pg_multixact/members', Math.floor(group / groupsPerPage));
      if (page === null) return null;
      const at = (group % groupsPerPage) * GROUP_SIZE;
      const slot = member % MEMBERS_PER_GROUP;
      if (page.getUint8(at + slot) < FIRST_UPDATER_STATUS) continue;
      return page.getUint32(at + MEMBERS_PER_GROUP + slot * 4, true);
    }
    return 0;
  }

  #lookUp(xid: number): XidStatus {
    let current = xid;
    for (let steps = 0; steps < MAX_PARENTS; steps++) {
      const mark = this.#mark(current);
      if (mark === XID_IN_PROGRESS) return this.#unmarked(current);
      if (mark !== XID_SUB_COMMITTED) return mark;
      const parent = this.#parent(current);
      // A parent is older than its child; without one, its fate is a crash's or not known.
      if (parent === 0 || !xidPrecedes(parent, current)) return this.#unmarked(current);
      current = parent;
    }
    return XID_UNKNOWN;
  }

  #unmarked(xid: number): XidStatus {
    const { settledBefore } = this.#bounds;
    return settledBefore !== 0 && xidPrecedes(xid, settledBefore) ? XID_ABORTED : XID_IN_PROGRESS;
  }

  /** pg_xact: two bits a transaction, the lowest bits first. */
  #mark(xid: number): XidStatus | typeof XID_SUB_COMMITTED {
    const perPage = this.#bounds.blockSize * 4;
    const page = this.#pages.page('pg_xact', Math.floor(xid / perPage));
    if (page === null) return XID_UNKNOWN;
    const index = xid % perPage;
    return ((page.getUint8(index >>> 2) >>> ((index & 3) * 2)) & 3) as XidStatus;
  }

  /** pg_subtrans: the parent, four bytes a transaction; 0 where it has none or the page is gone. */
  #parent(xid: number): number {
    return this.#word('pg_subtrans', xid);
  }

  /** pg_multixact/offsets: where the members begin; 0 where it is not written yet or the page is gone. */
  #offset(multixact: number): number {
    return this.#word('pg_multixact/offsets', multixact);
  }

  #word(directory: SlruDirectory, index: number): number {
    const perPage = this.#bounds.blockSize / 4;
    return (
      this.#pages.page(directory, Math.floor(index / perPage))?.getUint32((index % perPage) * 4, true) ?? 0
    );
  }
}
