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
import { type Lsn, readLsn, segmentName } from './lsn.js';
import {
  FIRST_IS_CONTRECORD,
  FIRST_IS_OVERWRITE_CONTRECORD,
  headerLength,
  isPage,
  LONG_HEADER,
  pageFlags,
  remainingLength,
  type WalGeometry,
} from './page.js';
import { decodeBlocks, emptyRecord, RECORD_HEADER, RMGR, type WalRecord, XLOG_SWITCH } from './record.js';
import { descent, type Timeline } from './timeline.js';

/** The files of pg_wal. */
export interface WalFiles {
  /** `length` bytes from `offset` of a file, fewer where it ends; null where there is no such file. */
  readAt(name: string, offset: number, length: number): Uint8Array | null;
  /** The names in the directory. */
  list(): string[];
}

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

/** No record is larger (XLogRecordMaxSize, src/include/access/xlogrecord.h, is a little less). */
const MAX_RECORD = 1 << 30;
/** Bytes of one read. */
const WINDOW = 1 << 20;

export class WalReader {
  readonly #geometry: WalGeometry;
  readonly #files: WalFiles;
  readonly #record: WalRecord = emptyRecord();
  #timelines: Timeline[];
  #position: Lsn;
  /** Where the record before began; NaN as long as none was read. */
  #previous: Lsn = Number.NaN;

  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  /** The position of the window's first byte, which begins a page. */
  #start: Lsn = 0;
  /** Where records that cross pages are put together. */
  #scratch = new Uint8Array(1 << 16);
  #scratchView = new DataView(this.#scratch.buffer);

  /** Begins at `start`, where a record or a page must begin, on `timeline` or one that came of it. */
  constructor(geometry: WalGeometry, files: WalFiles, timeline: number, start: Lsn) {
    this.#geometry = geometry;
    this.#files = files;
    this.#timelines = [{ id: timeline, begin: 0 }];
    this.#position = start;
  }

  /** Where the next record is expected. */
  get position(): Lsn {
    return this.#position;
  }

  /** The newest timeline that has been found. */
  get timeline(): number {
    return this.#timelines[0]!.id;
  }

  /** Hands every wanted record to `take`, in order, up to the end of the chain as it is now, or to the page at `until`. */
  read(wants: Wants, take: (record: WalRecord) => void, until: Lsn = Number.POSITIVE_INFINITY): WalEnd {
    this.#bytes = new Uint8Array(0);
    this.#findTimelines();
    for (;;) {
      if (this.#position >= until) return { lsn: this.#position, reason: FAR_ENOUGH, goesOn: false };
      const at = this.#load(this.#position);
      const reason = at < 0 ? 'no page of this WAL' : this.#readPage(at, wants, take);
      if (reason !== null) return { lsn: this.#position, reason, goesOn: this.#goesOn() };
    }
  }

  /** Reads the records that begin on the page in the window, from `from` on. Null when it is done. */
  #readPage(from: number, wants: Wants, take: (record: WalRecord) => void): string | null {
    const { pageSize } = this.#geometry;
    const view = this.#view;
    const pageAt = from - (from % pageSize);
    const pageEnd = pageAt + pageSize;
    const settled = this.#isSettled(pageAt);
    let at = from;
    if (at - pageAt < headerLength(view, pageAt)) {
      at = this.#firstRecord(pageAt);
      if (at < 0) return 'a page that begins with the rest of another record';
      this.#position = this.#start + at;
    }
    let previous = this.#previous;
    while (at < pageEnd) {
      const length = view.getUint32(at, true);
      if (length === 0) return 'zeros';
      if (length < RECORD_HEADER || length > MAX_RECORD) return `a record of ${length} bytes`;
      const next = at + ((length + 7) & ~7);
      if (next > pageEnd) return this.#readCrossing(at, length, wants, take);
      if (!this.#follows(readLsn(view, at + 8), previous))
        return 'a record that does not follow the one before';
      const info = view.getUint8(at + 16);
      const rmgr = view.getUint8(at + 17);
      const wanted = wants(view, at, rmgr, info);
      if (wanted || !settled) {
        if (!this.#setRecord(this.#bytes, view, at, length, this.#start + next))
          return 'a record with a wrong CRC';
        if (wanted && !this.#deliver(take)) return 'a record with wrong block references';
      }
      previous = this.#position;
      this.#advance(this.#start + next, rmgr, info);
      if (this.#position !== this.#start + next) return null;
      at = next;
    }
    return null;
  }

  /** The record at `at` in the window, which goes on on the next page. */
  #readCrossing(at: number, length: number, wants: Wants, take: (record: WalRecord) => void): string | null {
    const { pageSize } = this.#geometry;
    const lsn = this.#start + at;
    let got = pageSize - (at % pageSize);
    let keep = true;
    let wanted: boolean | null = null;
    let rmgr = 0;
    let info = 0;
    let page = lsn + got;
    let end = page;
    this.#keep(this.#bytes, at, got, 0);
    for (;;) {
      if (wanted === null && got >= Math.min(HEAD, length)) {
        const head = this.#scratchView;
        if (!this.#follows(readLsn(head, 8), this.#previous))
          return 'a record that does not follow the one before';
        info = head.getUint8(16);
        rmgr = head.getUint8(17);
        wanted = wants(head, 0, rmgr, info);
        const pageAt = page - pageSize - this.#start;
        keep = wanted || !this.#isSettled(pageAt);
      }
      if (got === length) break;
      const pageAt = this.#load(page);
      if (pageAt < 0) return 'a record whose rest is not there';
      const flags = pageFlags(this.#view, pageAt);
      const header = headerLength(this.#view, pageAt);
      if ((flags & FIRST_IS_OVERWRITE_CONTRECORD) !== 0) {
        this.#position = page + header;
        return null;
      }
      if ((flags & FIRST_IS_CONTRECORD) === 0 || remainingLength(this.#view, pageAt) !== length - got)
        return 'a record whose rest is another one';
      const part = Math.min(length - got, pageSize - header);
      if (keep) this.#keep(this.#bytes, pageAt + header, part, got);
      got += part;
      end = page + header + ((part + 7) & ~7);
      page += pageSize;
    }
    if (keep) {
      if (!this.#setRecord(this.#scratch, this.#scratchView, 0, length, end))
        return 'a record with a wrong CRC';
      if (wanted && !this.#deliver(take)) return 'a record with wrong block references';
    }
    this.#advance(end, rmgr, info);
    return null;
  }

  /** The record at the position has been read; the rest of the segment after a switch is no WAL. */
  #advance(end: Lsn, rmgr: number, info: number): void {
    const lsn = this.#position;
    this.#previous = lsn;
    this.#position = isSwitch(rmgr, info) ? this.#segmentEnd(lsn) : end;
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

  #follows(link: Lsn, previous: Lsn): boolean {
    return link === previous || (Number.isNaN(previous) && link < this.#position);
  }

  /** The common part of a record's fields. False where its CRC is wrong. */
  #setRecord(bytes: Uint8Array, view: DataView, at: number, length: number, end: Lsn): boolean {
    const body = crc32cUpdate(CRC32C_INIT, bytes, at + RECORD_HEADER, at + length);
    if (crc32cFinish(crc32cUpdate(body, bytes, at, at + 20)) !== view.getUint32(at + 20, true)) return false;
    const record = this.#record;
    record.bytes = bytes;
    record.view = view;
    record.at = at;
    record.length = length;
    record.lsn = this.#position;
    record.end = end;
    record.prev = readLsn(view, at + 8);
    record.xid = view.getUint32(at + 4, true);
    record.info = view.getUint8(at + 16);
    record.rmgr = view.getUint8(at + 17);
    return true;
  }

  #deliver(take: (record: WalRecord) => void): boolean {
    const record = this.#record;
    if (!decodeBlocks(record, this.#geometry.layout, this.#geometry.blockSize)) return false;
    if (isSwitch(record.rmgr, record.info)) record.end = this.#segmentEnd(record.lsn);
    take(record);
    return true;
  }

  #segmentEnd(lsn: Lsn): Lsn {
    const { segmentSize } = this.#geometry;
    return lsn - (lsn % segmentSize) + segmentSize;
  }

  /**
   * Where the first record of the page begins, in the window; -1 where the page begins with the rest of
   * another one. That is an error in a chain; before the first record it is skipped, up to the window's end.
   */
  #firstRecord(pageAt: number): number {
    const view = this.#view;
    const at = pageAt + headerLength(view, pageAt);
    const flags = pageFlags(view, pageAt);
    if ((flags & FIRST_IS_CONTRECORD) === 0 || (flags & FIRST_IS_OVERWRITE_CONTRECORD) !== 0) return at;
    if (!Number.isNaN(this.#previous)) return -1;
    const rest = (remainingLength(view, pageAt) + 7) & ~7;
    return Math.min(at + rest, pageAt + this.#geometry.pageSize);
  }

  /** Whether the page after the one at `pageAt` is there, so that this one is written in full. */
  #isSettled(pageAt: number): boolean {
    const next = pageAt + this.#geometry.pageSize;
    if (next + LONG_HEADER > this.#bytes.length) return false;
    return isPage(this.#view, next, this.#start + next, this.#geometry);
  }

  /** Brings the page of `lsn` into the window and gives where `lsn` is in it; -1 where there is no such page. */
  #load(lsn: Lsn): number {
    const { pageSize } = this.#geometry;
    const page = lsn - (lsn % pageSize);
    if (page < this.#start || page + pageSize > this.#start + this.#bytes.length)
      if (!this.#readWindow(page)) return -1;
    return isPage(this.#view, page - this.#start, page, this.#geometry) ? lsn - this.#start : -1;
  }

  #readWindow(page: Lsn): boolean {
    const { segmentSize, pageSize } = this.#geometry;
    const offset = page % segmentSize;
    const length = Math.min(WINDOW, segmentSize - offset);
    for (const { id, begin } of this.#timelines) {
      if (begin - (begin % segmentSize) > page) continue;
      const name = segmentName(id, page, segmentSize);
      // What a promoted server, or pg_receivewal, leaves of a segment that was not full.
      const bytes =
        this.#files.readAt(name, offset, length) ?? this.#files.readAt(`${name}.partial`, offset, length);
      if (bytes === null || bytes.length < pageSize) continue;
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      this.#start = page;
      return true;
    }
    return false;
  }

  #goesOn(): boolean {
    const { pageSize } = this.#geometry;
    const next = this.#position - (this.#position % pageSize) + pageSize;
    return this.#load(next) >= 0 || this.#load(this.#segmentEnd(this.#position)) >= 0;
  }

  #findTimelines(): void {
    const decoder = new TextDecoder();
    const read = (name: string): string | null => {
      const bytes = this.#files.readAt(name, 0, 1 << 20);
      return bytes === null ? null : decoder.decode(bytes);
    };
    this.#timelines = descent(this.timeline, this.#position, this.#files.list(), read);
  }
}

function isSwitch(rmgr: number, info: number): boolean {
  return rmgr === RMGR.xlog && (info & 0xf0) === XLOG_SWITCH;
}
