/**
 * Reads the chain of WAL records from a position to where it ends, and can be called again to go on from
 * there. A record that nobody wants costs a look at its header; nothing of it is copied or checked.
 *
 * The chain proves itself: each page says its address, each record where the one before began, and the end is
 * where one of them does not hold (zeros, or what a recycled segment held before). A wanted record must also
 * have its CRC. On the last page that is there (the only one that the server may still be filling) every
 * record must have it, because the header of one that is not copied in full yet could lie about what it is.
 */
import { CRC32C_INIT, crc32cFinish, crc32cUpdate } from '../crc32c.js';
import { type Lsn, readLsn } from './lsn.js';
import {
  FIRST_IS_CONTRECORD,
  FIRST_IS_OVERWRITE_CONTRECORD,
  headerLength,
  pageFlags,
  remainingLength,
  type WalGeometry,
} from './page.js';
import { decodeBlocks, emptyRecord, RECORD_HEADER, RMGR, type WalRecord, XLOG_SWITCH } from './record.js';
import { PageWindow, type WalFiles } from './window.js';

/**
 * Whether a record is wanted. At `at` is its header, contiguous with at least the first HEAD bytes of the
 * record (or all of it, where it is shorter).
 */
export type Wants = (view: DataView, at: number, rmgr: number, info: number) => boolean;

/** Where reading stopped, which is where the next call goes on, and what was found there. */
export interface WalEnd {
  lsn: Lsn;
  reason: string;
  /** Valid pages follow: what is at `lsn` is damaged, or was being written in that moment. */
  goesOn: boolean;
}

/** Why reading stopped before the end. */
export const FAR_ENOUGH = 'as far as was asked for';

/** How much of a record Wants may look at: header, and the first block reference with its image header. */
export const HEAD = 64;

const UNLINKED = 'a record that does not follow the one before';

/** No record is larger (XLogRecordMaxSize, src/include/access/xlogrecord.h, is a little less). */
const MAX_RECORD = 1 << 30;

export class WalReader {
  readonly #geometry: WalGeometry;
  readonly #window: PageWindow;
  readonly #record: WalRecord = emptyRecord();
  #position: Lsn;
  /** Where the record before began; NaN as long as none was read. */
  #previous: Lsn = Number.NaN;

  /** Where records that cross pages are put together. */
  #scratch = new Uint8Array(1 << 16);
  #scratchView = new DataView(this.#scratch.buffer);

  /** Begins at `start`, where a record or a page must begin, on `timeline` or one that came of it. */
  constructor(geometry: WalGeometry, files: WalFiles, timeline: number, start: Lsn) {
    this.#geometry = geometry;
    this.#window = new PageWindow(geometry, files, timeline);
    this.#position = start;
  }

  /** Where the next record is expected. */
  get position(): Lsn {
    return this.#position;
  }

  /** The newest timeline that has been found. */
  get timeline(): number {
    return this.#window.timeline;
  }

  /** Hands every wanted record to `take`, in order, up to the end of the chain as it is now, or to the page at `until`. */
  read(wants: Wants, take: (record: WalRecord) => void, until: Lsn = Number.POSITIVE_INFINITY): WalEnd {
    this.#window.refresh(this.#position);
    for (;;) {
      if (this.#position >= until) return { lsn: this.#position, reason: FAR_ENOUGH, goesOn: false };
      const at = this.#window.load(this.#position);
      const reason = at < 0 ? 'no page of this WAL' : this.#readPage(at, wants, take);
      if (reason !== null) return { lsn: this.#position, reason, goesOn: this.#goesOn() };
    }
  }

  /** Reads the records that begin on the page in the window, from `from` on. Null when it is done. */
  #readPage(from: number, wants: Wants, take: (record: WalRecord) => void): string | null {
    const { pageSize } = this.#geometry;
    const { view, start } = this.#window;
    const pageAt = from - (from % pageSize);
    const pageEnd = pageAt + pageSize;
    const settled = this.#window.isSettled(pageAt);
    let at = from;
    if (at - pageAt < headerLength(view, pageAt)) {
      at = this.#firstRecord(pageAt);
      if (at < 0) return 'a page that begins with the rest of another record';
      this.#position = start + at;
    }
    let previous = this.#previous;
    let problem: string | null = null;
    while (at < pageEnd) {
      const length = view.getUint32(at, true);
      if (length < RECORD_HEADER || length > MAX_RECORD) {
        problem = length === 0 ? 'zeros' : `a record of ${length} bytes`;
        break;
      }
      const next = at + ((length + 7) & ~7);
      if (next > pageEnd) {
        this.#stand(previous, start + at);
        return this.#readCrossing(at, length, wants, take);
      }
      const link = readLsn(view, at + 8);
      if (link !== previous && !(Number.isNaN(previous) && link < start + at)) {
        problem = UNLINKED;
        break;
      }
      const info = view.getUint8(at + 16);
      const rmgr = view.getUint8(at + 17);
      const wanted = wants(view, at, rmgr, info);
      if (wanted || !settled) {
        this.#stand(previous, start + at);
        problem = this.#check(this.#window.bytes, view, at, length, start + next, wanted ? take : null);
        if (problem !== null) return problem;
      }
      previous = start + at;
      at = next;
      if (isSwitch(rmgr, info)) {
        this.#stand(previous, this.#segmentEnd(previous));
        return null;
      }
    }
    this.#stand(previous, start + at);
    return problem;
  }

  #stand(previous: Lsn, position: Lsn): void {
    this.#previous = previous;
    this.#position = position;
  }

  /** The record at `at` in the window, which goes on on the next page. */
  #readCrossing(at: number, length: number, wants: Wants, take: (record: WalRecord) => void): string | null {
    const { pageSize } = this.#geometry;
    const window = this.#window;
    const lsn = window.start + at;
    let got = pageSize - (at % pageSize);
    let keep = true;
    let wanted: boolean | null = null;
    let rmgr = 0;
    let info = 0;
    let page = lsn + got;
    let end = page;
    this.#keep(window.bytes, at, got, 0);
    for (;;) {
      if (wanted === null && got >= Math.min(HEAD, length)) {
        const head = this.#scratchView;
        const link = readLsn(head, 8);
        if (link !== this.#previous && !(Number.isNaN(this.#previous) && link < lsn)) return UNLINKED;
        info = head.getUint8(16);
        rmgr = head.getUint8(17);
        wanted = wants(head, 0, rmgr, info);
        const pageAt = page - pageSize - window.start;
        keep = wanted || !window.isSettled(pageAt);
      }
      if (got === length) break;
      const pageAt = window.load(page);
      if (pageAt < 0) return 'a record whose rest is not there';
      const flags = pageFlags(window.view, pageAt);
      const header = headerLength(window.view, pageAt);
      if ((flags & FIRST_IS_OVERWRITE_CONTRECORD) !== 0) {
        this.#position = page + header;
        return null;
      }
      if ((flags & FIRST_IS_CONTRECORD) === 0 || remainingLength(window.view, pageAt) !== length - got)
        return 'a record whose rest is another one';
      const part = Math.min(length - got, pageSize - header);
      if (keep) this.#keep(window.bytes, pageAt + header, part, got);
      got += part;
      end = page + header + ((part + 7) & ~7);
      page += pageSize;
    }
    if (keep) {
      const problem = this.#check(this.#scratch, this.#scratchView, 0, length, end, wanted ? take : null);
      if (problem !== null) return problem;
    }
    this.#stand(lsn, isSwitch(rmgr, info) ? this.#segmentEnd(lsn) : end);
    return null;
  }

  /** Appends bytes to the record in the scratch space, which grows only by what was really there. */
  #keep(bytes: Uint8Array, from: number, length: number, to: number): void {
    if (to + length > this.#scratch.length) {
      const grown = new Uint8Array(2 * (to + length));
      grown.set(this.#scratch.subarray(0, to));
      this.#scratch = grown;
      this.#scratchView = new DataView(grown.buffer);
    }
    this.#scratch.set(bytes.subarray(from, from + length), to);
  }

  /** Checks the record at the position by its CRC, and hands it on to `take`, if anybody wants it. */
  #check(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    length: number,
    end: Lsn,
    take: ((record: WalRecord) => void) | null,
  ): string | null {
    const body = crc32cUpdate(CRC32C_INIT, bytes, at + RECORD_HEADER, at + length);
    if (crc32cFinish(crc32cUpdate(body, bytes, at, at + 20)) !== view.getUint32(at + 20, true))
      return 'a record with a wrong CRC';
    if (take === null) return null;
    const record = this.#record;
    const { layout, blockSize } = this.#geometry;
    record.bytes = bytes;
    record.view = view;
    record.at = at;
    record.length = length;
    record.lsn = this.#position;
    record.prev = readLsn(view, at + 8);
    record.xid = view.getUint32(at + 4, true);
    record.info = view.getUint8(at + 16);
    record.rmgr = view.getUint8(at + 17);
    record.end = isSwitch(record.rmgr, record.info) ? this.#segmentEnd(record.lsn) : end;
    if (!decodeBlocks(record, layout, blockSize)) return 'a record with wrong block references';
    take(record);
    return null;
  }

  #segmentEnd(lsn: Lsn): Lsn {
    const { segmentSize } = this.#geometry;
    return lsn - (lsn % segmentSize) + segmentSize;
  }

  /**
   * Where the first record of the page begins, in the window; -1 where the page begins with the rest of
   * another one. That is an error in a chain; before the first record it is skipped, up to the page's end.
   */
  #firstRecord(pageAt: number): number {
    const { view } = this.#window;
    const at = pageAt + headerLength(view, pageAt);
    const flags = pageFlags(view, pageAt);
    if ((flags & FIRST_IS_CONTRECORD) === 0 || (flags & FIRST_IS_OVERWRITE_CONTRECORD) !== 0) return at;
    if (!Number.isNaN(this.#previous)) return -1;
    const { pageSize } = this.#geometry;
    const rest = (Math.min(remainingLength(view, pageAt), pageSize) + 7) & ~7;
    return Math.min(at + rest, pageAt + pageSize);
  }

  #goesOn(): boolean {
    const { pageSize } = this.#geometry;
    const next = this.#position - (this.#position % pageSize) + pageSize;
    return this.#window.load(next) >= 0 || this.#window.load(this.#segmentEnd(this.#position)) >= 0;
  }
}

function isSwitch(rmgr: number, info: number): boolean {
  return rmgr === RMGR.xlog && (info & 0xf0) === XLOG_SWITCH;
}
