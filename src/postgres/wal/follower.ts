/**
 * Follows the WAL from a checkpoint's redo point on, and keeps what it did to some relations (the catalogs), to
 * transactions, relation maps and databases. Call follow() again to go on from where it stopped.
 */
import {
  type DatabaseCreation,
  readCheckpoint,
  readDatabaseChange,
  readMapUpdate,
  readTruncation,
} from './cluster-records.js';
import { redoHeap, redoHeap2 } from './heap-records.js';
import type { Lsn } from './lsn.js';
import { WalNews } from './news.js';
import type { WalGeometry } from './page.js';
import { type BasePage, PageOverlay } from './page-overlay.js';
import { type WalEnd, WalReader } from './reader.js';
import { RMGR, type WalRecord, XLOG_FPI, XLOG_FPI_FOR_HINT } from './record.js';
import { type Interest, RelationFilter } from './relation-filter.js';
import {
  applyMultixact,
  applyRunning,
  applyTransaction,
  MULTIXACT_CREATE_ID,
  RUNNING_XACTS,
} from './transaction-records.js';
import { WalTransactions } from './transactions.js';
import type { WalFiles } from './window.js';

export interface FollowerOptions {
  geometry: WalGeometry;
  /** pg_wal. */
  files: WalFiles;
  /** ThisTimeLineID and redo of the checkpoint to begin at. */
  timeline: number;
  redo: Lsn;
  /** Which relations' main forks are wanted. */
  interest: Interest;
  base: BasePage;
}

export class WalFollower {
  readonly pages: PageOverlay;
  /** What the records since the beginning may have changed. */
  readonly news = new WalNews();
  readonly transactions = new WalTransactions(this.news);
  /** The newest relation maps, by database (0: the shared one), as the files hold them. */
  readonly maps = new Map<number, Uint8Array>();
  /** Databases that came, or moved to another tablespace, by OID; those that are gone again are not here. */
  readonly databases = new Map<number, DatabaseCreation>();
  /** Wanted records that did not fit what they were for; their blocks are marked unreadable. */
  failures = 0;
  readonly #options: FollowerOptions;
  readonly #reader: WalReader;
  readonly #filter: RelationFilter;

  constructor(options: FollowerOptions) {
    const { geometry, files, timeline, redo, interest, base } = options;
    const { layout, blockSize } = geometry;
    this.#options = options;
    this.pages = new PageOverlay(layout, blockSize, base);
    this.#reader = new WalReader(geometry, files, timeline, redo);
    this.#filter = new RelationFilter(interest, layout.imagePglz | layout.imageLz4 | layout.imageZstd);
  }

  /** Reads on, up to where the WAL ends now, or to the page at `until`. */
  follow(until?: Lsn): WalEnd {
    const filter = this.#filter;
    return this.#reader.read(
      (view, at, rmgr, info) => wants(filter, view, at, rmgr, info),
      (record) => {
        if (!this.#apply(record)) this.#fail(record);
      },
      until,
    );
  }

  /**
   * Gives up what the data directory has by now, so that following for days takes no more memory.
   * @param redo of the checkpoint that pg_control names
   */
  forget(redo: Lsn): void {
    this.pages.forget(redo);
    this.transactions.forget(redo);
  }

  /** Where follow() goes on. */
  get position(): Lsn {
    return this.#reader.position;
  }

  get timeline(): number {
    return this.#reader.timeline;
  }

  #apply(record: WalRecord): boolean {
    const { layout } = this.#options.geometry;
    switch (record.rmgr) {
      case RMGR.heap:
        this.#announce(record);
        this.pages.restoreImages(record);
        return redoHeap(record, this.pages);
      case RMGR.heap2:
        this.#announce(record);
        this.pages.restoreImages(record);
        return redoHeap2(record, this.pages, layout);
      case RMGR.transaction:
        return applyTransaction(record, layout, this.transactions);
      case RMGR.multixact:
        return applyMultixact(record, this.transactions);
      case RMGR.standby:
        return applyRunning(record, this.transactions);
      case RMGR.relmap:
        return this.#applyMap(record);
      case RMGR.database:
        return this.#applyDatabase(record);
      case RMGR.storage:
        return this.#applyTruncation(record);
      default:
        return this.#applyXlog(record);
    }
  }

  #applyXlog(record: WalRecord): boolean {
    const op = record.info & 0xf0;
    if (op === XLOG_FPI || op === XLOG_FPI_FOR_HINT) {
      this.#announce(record);
      this.pages.restoreImages(record);
      return true;
    }
    const checkpoint = readCheckpoint(record, this.#options.geometry.layout);
    if (checkpoint === null) return true;
    this.transactions.settle(checkpoint.oldestActiveXid);
    this.transactions.beginPeriod(record.lsn);
    return true;
  }

  #applyMap(record: WalRecord): boolean {
    const update = readMapUpdate(record);
    if (update === null) return false;
    this.maps.set(update.db, update.bytes);
    this.news.add(update.db);
    return true;
  }

  #applyDatabase(record: WalRecord): boolean {
    const change = readDatabaseChange(record, this.#options.geometry.layout);
    if (change === null) return false;
    this.news.add(change.db);
    if ('spc' in change) {
      this.databases.set(change.db, change);
      return true;
    }
    for (const spc of change.spcs) {
      this.pages.dropDatabase(change.db, spc);
      if (this.databases.get(change.db)?.spc === spc) this.databases.delete(change.db);
    }
    return true;
  }

  #applyTruncation(record: WalRecord): boolean {
    const truncation = readTruncation(record);
    if (truncation === null) return true;
    const { spc, db, rel, blocks } = truncation;
    if (!this.#filter.has(spc, db, rel)) return true;
    this.news.add(db);
    this.pages.touch(spc, db, rel).truncate(blocks, record.end);
    return true;
  }

  /** Pages are going to change. */
  #announce({ blocks, blockCount, xid }: WalRecord): void {
    for (let index = 0; index < blockCount; index += 1) this.news.add(blocks[index]!.db, xid);
  }

  #fail(record: WalRecord): void {
    this.failures += 1;
    for (let index = 0; index < record.blockCount; index += 1)
      this.pages.fail(record, record.blocks[index]!.id);
  }
}

function wants(filter: RelationFilter, view: DataView, at: number, rmgr: number, info: number): boolean {
  switch (rmgr) {
    case RMGR.heap:
    case RMGR.heap2:
      return filter.matches(view, at);
    case RMGR.xlog: {
      const op = info & 0xf0;
      return op === XLOG_FPI || op === XLOG_FPI_FOR_HINT ? filter.matches(view, at) : true;
    }
    case RMGR.transaction:
    case RMGR.storage:
    case RMGR.database:
    case RMGR.relmap:
      return true;
    case RMGR.multixact:
      return (info & 0xf0) === MULTIXACT_CREATE_ID;
    case RMGR.standby:
      return (info & 0xf0) === RUNNING_XACTS;
    default:
      return false;
  }
}
