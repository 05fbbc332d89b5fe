/** The pages of the WAL, a window of some of them at a time, out of the segment files of the right timeline. */
import { type Lsn, segmentName } from './lsn.js';
import { isPage, LONG_HEADER, type WalGeometry } from './page.js';
import { descent, type Timeline } from './timeline.js';

/** The files of pg_wal. */
export interface WalFiles {
  /** `length` bytes from `offset` of a file, fewer where it ends; null where there is no such file. */
  readAt(name: string, offset: number, length: number): Uint8Array | null;
  /** The names in the directory. */
  list(): string[];
}

/** Bytes of one read: at first, because most often little has come, and then twice as many, up to the most. */
const FIRST_WINDOW = 1 << 15;
const MOST_WINDOW = 1 << 20;
/** More than a history file can have. */
const MAX_HISTORY = 1 << 20;

export class PageWindow {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** The position of the window's first byte, which begins a page. */
  start: Lsn = 0;
  #next = FIRST_WINDOW;
  readonly #geometry: WalGeometry;
  readonly #files: WalFiles;
  #timelines: Timeline[];

  constructor(geometry: WalGeometry, files: WalFiles, timeline: number) {
    this.#geometry = geometry;
    this.#files = files;
    this.#timelines = [{ id: timeline, begin: 0 }];
  }

  /** The newest timeline that has been found. */
  get timeline(): number {
    return this.#timelines[0]!.id;
  }

  /** Forgets what was read, and looks for the timeline that goes on from a position. */
  refresh(position: Lsn): void {
    this.bytes = new Uint8Array(0);
    this.#next = FIRST_WINDOW;
    const read = (name: string): string | null => {
      const bytes = this.#files.readAt(name, 0, MAX_HISTORY);
      return bytes === null ? null : new TextDecoder().decode(bytes);
    };
    this.#timelines = descent(this.timeline, position, this.#files.list(), read);
  }

  /** Brings the page of `lsn` into the window and gives where `lsn` is in it; -1 where there is no such page. */
  load(lsn: Lsn): number {
    const { pageSize } = this.#geometry;
    const page = lsn - (lsn % pageSize);
    if (page < this.start || page + pageSize > this.start + this.bytes.length)
      if (!this.#read(page)) return -1;
    return isPage(this.view, page - this.start, page, this.#geometry) ? lsn - this.start : -1;
  }

  /** Whether the page after the one at `pageAt` is in the window, so that this one is written in full. */
  isSettled(pageAt: number): boolean {
    const next = pageAt + this.#geometry.pageSize;
    if (next + LONG_HEADER > this.bytes.length) return false;
    return isPage(this.view, next, this.start + next, this.#geometry);
  }

  #read(page: Lsn): boolean {
    const { segmentSize, pageSize } = this.#geometry;
    const offset = page % segmentSize;
    const length = Math.min(Math.max(this.#next, 2 * pageSize), segmentSize - offset);
    for (const { id, begin } of this.#timelines) {
      if (begin - (begin % segmentSize) > page) continue;
      const name = segmentName(id, page, segmentSize);
      // What a promoted server, or pg_receivewal, leaves of a segment that was not full.
      const bytes =
        this.#files.readAt(name, offset, length) ?? this.#files.readAt(`${name}.partial`, offset, length);
      if (bytes === null || bytes.length < pageSize) continue;
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      this.start = page;
      this.#next = Math.min(2 * this.#next, MOST_WINDOW);
      return true;
    }
    return false;
  }
}
