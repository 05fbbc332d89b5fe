/**
 * The records in a CPU's ring-buffer pages, as trace_pipe_raw hands them out. The encoding is that of
 * include/linux/ring_buffer.h (enum ring_buffer_type) and kernel/trace/ring_buffer.c: a header word of
 * type_len and time_delta, then data; the page's `commit` holds its length and the missed-events flags.
 *
 * The words are read by typed arrays, hence in the byte order of this machine, which is the kernel's.
 */
import { endianness } from 'node:os';
import type { EntryLayout, PageLayout } from './format.js';

/** RB_MISSED_EVENTS, RB_MISSED_STORED of ring_buffer.c; the length below them as in libtraceevent. */
const MISSED_EVENTS = 1 << 31;
const MISSED_STORED = 1 << 30;
const LENGTH_MASK = (1 << 27) - 1;

const LITTLE = endianness() === 'LE';

/** Times are nanoseconds of the trace clock since `origin`, so that they stay exact in a double. */
export interface Layouts {
  page: PageLayout;
  entry: EntryLayout;
  /** A moment of the trace clock, in nanoseconds. */
  origin: bigint;
}

/**
 * One CPU's pages and the record it stands on: `time`, `record` and `missed` are of the record that `peek`
 * found, its bytes stand until the next call of `room`.
 */
export class Pages {
  readonly cpu: number;
  /** How many bytes one read of trace_pipe_raw gives. */
  readonly pageSize: number;
  bytes: Buffer = Buffer.alloc(0);
  i32 = new Int32Array(0);
  u16 = new Uint16Array(0);
  /** The current record's time. */
  time = Number.NEGATIVE_INFINITY;
  /** Where its data begin and end, in bytes into `bytes`. */
  record = 0;
  recordEnd = 0;
  /** How many events the kernel dropped before the record; -1 where it does not say. Its reader sets it to 0. */
  missed = 0;
  /** Whether what is filled in is all that the CPU had when it was read. */
  drained = true;

  #ready = false;
  #page: PageLayout;
  #padding: number;
  #timeExtend: number;
  #timeStamp: number;
  #typeBits: number;
  #typeMask: number;
  #deltaBits: number;
  #deltaMask: number;
  #originLow: number;
  #originHigh: number;
  #originExtend: number;
  #originDelta: number;
  /** In bytes into `bytes`: the end of what is filled in, the next page, the next header, its page's end. */
  #end = 0;
  #nextPage = 0;
  #next = 0;
  #pageEnd = 0;

  constructor(cpu: number, { page, entry, origin }: Layouts) {
    this.cpu = cpu;
    this.pageSize = page.size;
    this.#page = page;
    this.#padding = entry.padding;
    this.#timeExtend = entry.timeExtend;
    this.#timeStamp = entry.timeStamp;
    this.#typeBits = entry.typeBits;
    this.#typeMask = 2 ** entry.typeBits - 1;
    this.#deltaBits = 32 - entry.typeBits;
    this.#deltaMask = 2 ** this.#deltaBits - 1;
    this.#originLow = Number(origin & 0xffffffffn);
    this.#originHigh = Number(origin >> 32n);
    this.#originExtend = Number(origin >> BigInt(this.#deltaBits));
    this.#originDelta = Number(origin & BigInt(this.#deltaMask));
  }

  /**
   * Makes room for `pages` more sub-buffers behind what is not read yet.
   * @returns where to fill them in, in bytes into `bytes`.
   */
  room(pages: number): number {
    const kept = this.#ready || this.#next < this.#pageEnd ? this.#nextPage - this.pageSize : this.#nextPage;
    const live = this.#end - kept;
    const wanted = live + pages * this.pageSize;
    if (wanted > this.bytes.length) {
      // A buffer of its own memory, so that typed arrays can lie over it from 0 on.
      const bytes = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, wanted));
      this.bytes.copy(bytes, 0, kept, this.#end);
      this.bytes = bytes;
      this.i32 = new Int32Array(bytes.buffer);
      this.u16 = new Uint16Array(bytes.buffer);
    } else if (kept > 0) this.bytes.copyWithin(0, kept, this.#end);
    this.record -= kept;
    this.recordEnd -= kept;
    this.#next -= kept;
    this.#pageEnd -= kept;
    this.#nextPage -= kept;
    this.#end = live;
    return live;
  }

  /** Says that `bytes` is filled in up to `end`, whole sub-buffers. */
  filled(end: number): void {
    this.#end = end;
  }

  /** Stands on the next record that was not taken; false where there is none (yet). */
  peek(): boolean {
    if (!this.#ready) this.#ready = this.#advance();
    return this.#ready;
  }

  /** Leaves the current record. */
  take(): void {
    this.#ready = false;
  }

  #advance(): boolean {
    const { i32 } = this;
    while (this.#next < this.#pageEnd || this.#openPage()) {
      const at = this.#next;
      const header = i32[at >> 2]!;
      // Bit fields begin at the low end on a little-endian machine, at the high end on a big-endian one.
      const type = LITTLE ? header & this.#typeMask : header >>> this.#deltaBits;
      const delta = LITTLE ? header >>> this.#typeBits : header & this.#deltaMask;
      const word = i32[(at >> 2) + 1]!;
      if (type === this.#timeExtend) {
        this.time += (word >>> 0) * (this.#deltaMask + 1) + delta;
        this.#next = at + 8;
      } else if (type === this.#timeStamp) {
        const high = (word >>> 0) - this.#originExtend;
        this.time = high * (this.#deltaMask + 1) + delta - this.#originDelta;
        this.#next = at + 8;
      } else if (type === this.#padding) {
        // Without a delta it is the rest of the page; with one, a discarded event of the next word's length.
        this.time += delta;
        this.#next = delta === 0 || word < 4 ? this.#pageEnd : at + 4 + word;
      } else {
        const length = type === 0 ? word : type * 4;
        const end = at + 4 + ((length + 3) & ~3);
        this.time += delta;
        // No kernel writes a record that leaves its page; one that does ends the page.
        this.#next = length < 4 || end > this.#pageEnd ? this.#pageEnd : end;
        if (this.#next !== end) continue;
        this.record = type === 0 ? at + 8 : at + 4;
        this.recordEnd = end;
        return true;
      }
    }
    return false;
  }

  #openPage(): boolean {
    if (this.#nextPage >= this.#end) return false;
    const start = this.#nextPage;
    const { timestamp, commit, commitSize, data } = this.#page;
    const low = this.#word(start + timestamp + (LITTLE ? 0 : 4)) >>> 0;
    const high = this.#word(start + timestamp + (LITTLE ? 4 : 0)) >>> 0;
    const flags = this.#word(start + commit + (LITTLE ? 0 : commitSize - 4));
    this.time = (high - this.#originHigh) * 2 ** 32 + (low - this.#originLow);
    this.#nextPage = start + this.pageSize;
    this.#next = start + data;
    this.#pageEnd = this.#next + Math.min(flags & LENGTH_MASK, this.pageSize - data);
    if ((flags & MISSED_EVENTS) !== 0) {
      const counted = (flags & MISSED_STORED) !== 0 && this.#pageEnd + commitSize <= this.#nextPage;
      const count = counted ? this.#word(this.#pageEnd + (LITTLE ? 0 : commitSize - 4)) : -1;
      this.missed = count > 0 && this.missed >= 0 ? this.missed + count : -1;
    }
    return true;
  }

  #word(at: number): number {
    return this.i32[at >> 2]!;
  }
}
