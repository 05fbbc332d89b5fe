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
import type { Lsn } from './lsn.js';
import type { WalNews } from './news.js';

type Mark = typeof XID_COMMITTED | typeof XID_ABORTED | typeof XID_IN_PROGRESS;

/** Transactions of one page of marks, one byte each. */
const MARKS = 1 << 15;
/** Multixacts of one page of updaters. */
const UPDATERS = 1 << 10;
/** An updater's place in a multixact that has none. */
const LOCKED_ONLY = 0xffffffff;
/** MultiXactStatusNoKeyUpdate, the first of those that are no locks (src/include/access/multixact.h). */
const FIRST_UPDATER_STATUS = 4;

/** What the WAL from one checkpoint's record to the next says. */
interface Period {
  readonly marks: Map<number, Uint8Array>;
  readonly updaters: Map<number, Uint32Array>;
  /** The position of the record that ended it. */
  end: Lsn;
}

export class WalTransactions {
  readonly #news: WalNews;
  /** The newest first. */
  #periods: [Period, ...Period[]] = [newPeriod()];
  /** Every transaction older than this has ended, with or without a record of it. 0: not known. */
  #settledBefore = 0;

  /** @param news is told of every end */
  constructor(news: WalNews) {
    this.#news = news;
  }

  /** Committed, aborted, or in progress as far as the WAL tells. */
  mark(xid: number): Mark {
    for (const { marks } of this.#periods) {
      const mark = marks.get(xid >>> 15)?.[xid & (MARKS - 1)] ?? XID_IN_PROGRESS;
      if (mark !== XID_IN_PROGRESS) return mark as Mark;
    }
    return XID_IN_PROGRESS;
  }

  /** 0 where all members only lock; undefined where the WAL does not make this multixact. */
  updater(multixact: number): number | undefined {
    for (const { updaters } of this.#periods) {
      const updater = updaters.get(multixact >>> 10)?.[multixact & (UPDATERS - 1)] ?? 0;
      if (updater !== 0) return updater === LOCKED_ONLY ? 0 : updater;
    }
    return undefined;
  }

  /** Nobody recorded this transaction's end, and yet it is over: a crash was its end. */
  isLost(xid: number): boolean {
    return this.#settledBefore !== 0 && xidPrecedes(xid, this.#settledBefore);
  }

  end(xid: number, mark: typeof XID_COMMITTED | typeof XID_ABORTED): void {
    const { marks } = this.#periods[0];
    let page = marks.get(xid >>> 15);
    if (page === undefined) {
      page = new Uint8Array(MARKS);
      marks.set(xid >>> 15, page);
    }
    page[xid & (MARKS - 1)] = mark;
    this.#news.end(xid);
  }

  settle(before: number): void {
    if (before !== 0 && (this.#settledBefore === 0 || xidPrecedes(this.#settledBefore, before)))
      this.#settledBefore = before;
    this.#news.settle(before);
  }

  /** Members from `at` on: an xid and a MultiXactStatus each. */
  addMultixact(multixact: number, view: DataView, at: number, members: number): void {
    let updater = LOCKED_ONLY;
    for (let member = at; member < at + members * 8; member += 8)
      if (view.getUint32(member + 4, true) >= FIRST_UPDATER_STATUS) updater = view.getUint32(member, true);
    const { updaters } = this.#periods[0];
    let page = updaters.get(multixact >>> 10);
    if (page === undefined) {
      page = new Uint32Array(UPDATERS);
      updaters.set(multixact >>> 10, page);
    }
    page[multixact & (UPDATERS - 1)] = updater;
  }

  /** A checkpoint's record is at `lsn`: what comes from here on is newer than it. */
  beginPeriod(lsn: Lsn): void {
    this.#periods[0].end = lsn;
    this.#periods.unshift(newPeriod());
  }

  /** What the WAL before `redo` says is on disk by now: as much of it as lies in whole periods is given up. */
  forget(redo: Lsn): void {
    const [newest, ...older] = this.#periods;
    this.#periods = [newest, ...older.filter(({ end }) => end > redo)];
  }
}

function newPeriod(): Period {
  return { marks: new Map(), updaters: new Map(), end: Number.POSITIVE_INFINITY };
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
