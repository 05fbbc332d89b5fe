/** What the WAL says of transactions: who has ended and how, and which member of a multixact updates. */
import {
  type TransactionLog,
  XID_ABORTED,
  type XID_COMMITTED,
  XID_IN_PROGRESS,
  XID_UNKNOWN,
  type XidStatus,
} from '../transaction-log.js';
import { xidPrecedes } from '../xid.js';

/** Transactions of one page of marks, one byte each. */
const MARKS = 1 << 15;
/** Multixacts of one page of updaters. */
const UPDATERS = 1 << 10;
/** An updater's place in a multixact that has none. */
const LOCKED_ONLY = 0xffffffff;
/** MultiXactStatusNoKeyUpdate, the first of those that are no locks (src/include/access/multixact.h). */
const FIRST_UPDATER_STATUS = 4;

export class WalTransactions {
  readonly #marks = new Map<number, Uint8Array>();
  readonly #updaters = new Map<number, Uint32Array>();
  /** Every transaction older than this has ended, with or without a record of it. 0: not known. */
  #settledBefore = 0;

  /** Committed, aborted, or in progress as far as the WAL tells. */
  mark(xid: number): typeof XID_COMMITTED | typeof XID_ABORTED | typeof XID_IN_PROGRESS {
    const mark = this.#marks.get(xid >>> 15)?.[xid & (MARKS - 1)] ?? XID_IN_PROGRESS;
    return mark as typeof XID_COMMITTED | typeof XID_ABORTED | typeof XID_IN_PROGRESS;
  }

  /** 0 where all members only lock; undefined where the WAL does not make this multixact. */
  updater(multixact: number): number | undefined {
    const updater = this.#updaters.get(multixact >>> 10)?.[multixact & (UPDATERS - 1)] ?? 0;
    return updater === LOCKED_ONLY ? 0 : updater || undefined;
  }

  /** Nobody recorded this transaction's end, and yet it is over: a crash was its end. */
  isLost(xid: number): boolean {
    return this.#settledBefore !== 0 && xidPrecedes(xid, this.#settledBefore);
  }

  end(xid: number, mark: typeof XID_COMMITTED | typeof XID_ABORTED): void {
    let page = this.#marks.get(xid >>> 15);
    if (page === undefined) {
      page = new Uint8Array(MARKS);
      this.#marks.set(xid >>> 15, page);
    }
    page[xid & (MARKS - 1)] = mark;
  }

  settle(before: number): void {
    if (before !== 0 && (this.#settledBefore === 0 || xidPrecedes(this.#settledBefore, before)))
      this.#settledBefore = before;
  }

  /** Members from `at` on: an xid and a MultiXactStatus each. */
  addMultixact(multixact: number, view: DataView, at: number, members: number): void {
    let updater = LOCKED_ONLY;
    for (let member = at; member < at + members * 8; member += 8)
      if (view.getUint32(member + 4, true) >= FIRST_UPDATER_STATUS) updater = view.getUint32(member, true);
    let page = this.#updaters.get(multixact >>> 10);
    if (page === undefined) {
      page = new Uint32Array(UPDATERS);
      this.#updaters.set(multixact >>> 10, page);
    }
    page[multixact & (UPDATERS - 1)] = updater;
  }
}

/** A log on disk, and before it what the WAL since then says. */
export class OverlaidTransactionLog implements TransactionLog {
  readonly #base: TransactionLog;
  readonly #wal: () => WalTransactions;
  readonly #nextXid: number;

  /**
   * @param wal what the WAL says by now
   * @param nextXid the next transaction id as of the checkpoint: the log on disk need not know that one and later ones
   */
  constructor(base: TransactionLog, wal: () => WalTransactions, nextXid: number) {
    this.#base = base;
    this.#wal = wal;
    this.#nextXid = nextXid;
  }

  status(xid: number): XidStatus {
    const wal = this.#wal();
    const mark = wal.mark(xid);
    if (mark !== XID_IN_PROGRESS) return mark;
    const status = this.#base.status(xid);
    const isNew = status === XID_UNKNOWN && !xidPrecedes(xid, this.#nextXid);
    if (status !== XID_IN_PROGRESS && !isNew) return status;
    return wal.isLost(xid) ? XID_ABORTED : XID_IN_PROGRESS;
  }

  updater(multixact: number): number | null {
    return this.#wal().updater(multixact) ?? this.#base.updater(multixact);
  }
}
