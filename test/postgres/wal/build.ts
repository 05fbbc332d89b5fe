/** Writes WAL as PostgreSQL does, for tests: records into pages into segments. */
import { crc32c, crc32cFinish, crc32cUpdate } from '../../../src/postgres/crc32c.js';
import { walLayout } from '../../../src/postgres/wal/layout.js';
import { type Lsn, segmentName } from '../../../src/postgres/wal/lsn.js';
import { LONG_HEADER, SHORT_HEADER, type WalGeometry } from '../../../src/postgres/wal/page.js';
import type { WalFiles } from '../../../src/postgres/wal/window.js';

export interface MadeBlock {
  rel: readonly [spc: number, db: number, rel: number];
  block: number;
  fork?: number;
  data?: Uint8Array;
  /** A whole page, stored as it is. */
  image?: Uint8Array;
}

export interface MadeRecord {
  rmgr: number;
  info?: number;
  xid?: number;
  blocks?: readonly MadeBlock[];
  main?: Uint8Array;
}

/** Small, so that a test crosses many pages and segments. */
export function smallGeometry(version = 15): WalGeometry {
  return { layout: walLayout(version)!, blockSize: 1024, pageSize: 512, segmentSize: 4096 };
}

export class WalBuilder {
  readonly geometry: WalGeometry;
  readonly segments = new Map<string, Uint8Array>();
  /** Where the next record begins, and where each one began and ended. */
  position: Lsn;
  readonly records: { lsn: Lsn; end: Lsn }[] = [];
  timeline: number;
  #previous: Lsn;

  constructor(geometry: WalGeometry, start: Lsn, timeline = 1, previous: Lsn = 0) {
    this.geometry = geometry;
    this.position = start;
    this.timeline = timeline;
    this.#previous = previous;
  }

  get files(): WalFiles {
    return {
      list: () => [...this.segments.keys()],
      readAt: (name, offset, length) => this.segments.get(name)?.slice(offset, offset + length) ?? null,
    };
  }

  add(record: MadeRecord): void {
    this.write(encodeRecord(record, this.#lastLink()));
  }

  /** Writes a record's bytes at the position; up to `until` of them only, as a crash leaves it. */
  write(bytes: Uint8Array, until = bytes.length): void {
    const { pageSize } = this.geometry;
    if (this.position % pageSize === 0) this.#beginPage(0, 0);
    const lsn = this.position;
    let done = 0;
    while (done < until) {
      if (this.position % pageSize === 0) this.#beginPage(bytes.length - done, 0x01);
      const part = Math.min(until - done, pageSize - (this.position % pageSize));
      this.#put(bytes.subarray(done, done + part));
      this.position += part;
      done += part;
    }
    this.position += -this.position & 7;
    if (until < bytes.length) return;
    this.#previous = lsn;
    this.records.push({ lsn, end: this.position });
  }

  /** XLOG_SWITCH: the rest of the segment stays empty. */
  switchSegment(): void {
    this.add({ rmgr: 0, info: 0x40 });
    const { segmentSize } = this.geometry;
    this.position += segmentSize - (this.position % segmentSize || segmentSize);
    this.records.at(-1)!.end = this.position;
  }

  /** The next page begins with another record than the one that was going on (after a crash). */
  overwriteContinuation(): void {
    const { pageSize } = this.geometry;
    this.position += pageSize - (this.position % pageSize || pageSize);
    this.#beginPage(0, 0x08);
  }

  /** The same WAL up to now, which goes on on a timeline of its own. */
  fork(timeline: number): WalBuilder {
    const fork = new WalBuilder(this.geometry, this.position, timeline, this.#previous);
    const { segmentSize } = this.geometry;
    const shared = this.segments.get(segmentName(this.timeline, this.position, segmentSize));
    if (shared !== undefined)
      fork.segments.set(segmentName(timeline, this.position, segmentSize), shared.slice());
    return fork;
  }

  #lastLink(): Lsn {
    return this.#previous;
  }

  #beginPage(remaining: number, flags: number): void {
    const { layout, pageSize, segmentSize } = this.geometry;
    const first = this.position % segmentSize === 0;
    const bytes = new Uint8Array(first ? LONG_HEADER : SHORT_HEADER);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, layout.magic, true);
    view.setUint16(2, flags | (first ? 0x02 : 0), true);
    view.setUint32(4, this.timeline, true);
    view.setUint32(8, this.position, true);
    view.setUint32(16, remaining, true);
    if (first) {
      view.setUint32(32, segmentSize, true);
      view.setUint32(36, pageSize, true);
    }
    this.#put(bytes);
    this.position += bytes.length;
  }

  #put(bytes: Uint8Array): void {
    const { segmentSize } = this.geometry;
    const name = segmentName(this.timeline, this.position, segmentSize);
    let segment = this.segments.get(name);
    if (segment === undefined) {
      segment = new Uint8Array(segmentSize);
      this.segments.set(name, segment);
    }
    segment.set(bytes, this.position % segmentSize);
  }
}

/** An XLogRecord with all that belongs to it. */
export function encodeRecord(
  { rmgr, info = 0, xid = 0, blocks = [], main }: MadeRecord,
  previous: Lsn,
): Uint8Array {
  const heads: number[] = [];
  const data: number[] = [];
  for (const [id, { rel, block, fork = 0, data: blockData, image }] of blocks.entries()) {
    heads.push(id, fork | (image === undefined ? 0 : 0x10) | (blockData === undefined ? 0 : 0x20));
    heads.push(...word16(blockData?.length ?? 0));
    if (image !== undefined) heads.push(...word16(image.length), ...word16(0), 0x02);
    heads.push(...rel.flatMap(word32), ...word32(block));
    data.push(...(image ?? []), ...(blockData ?? []));
  }
  if (main !== undefined && main.length < 256) heads.push(255, main.length);
  if (main !== undefined && main.length >= 256) heads.push(254, ...word32(main.length));
  const bytes = Uint8Array.from([...new Uint8Array(24), ...heads, ...data, ...(main ?? [])]);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(4, xid, true);
  view.setUint32(8, previous, true);
  bytes[16] = info;
  bytes[17] = rmgr;
  return sealed(bytes);
}

/** With the CRC that the bytes should have. */
export function sealed(bytes: Uint8Array): Uint8Array {
  const body = ~crc32c(bytes, 24) >>> 0;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(
    20,
    crc32cFinish(crc32cUpdate(body, bytes, 0, 20)),
    true,
  );
  return bytes;
}

export function word16(value: number): number[] {
  return [value & 0xff, value >>> 8];
}

export function word32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

/** Bytes that look like nothing, the same for the same seed. */
export function noise(seed: number, length: number): Uint8Array {
  let state = seed * 2654435761 + 1;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (state >>> 16) & 0xff;
  });
}
