/** Heap pages of catalogs' rows, made by hand: what a test of hostile or rare bytes needs and no server writes. */
import { HEAP_HASOID } from '../../src/postgres/heap-tuple.js';
import type { RowLayout } from '../../src/postgres/layout/columns.js';
import { pageChecksum } from '../../src/postgres/page-checksum.js';

const BLOCK_SIZE = 8192;
const HEADER = 24;
const TUPLE_HEADER = 24;

/** Who made a row version and who deleted it. By default frozen and not deleted. */
export interface Version {
  xmin?: number;
  xmax?: number;
  /** A newer version follows it: t_ctid leads elsewhere than to the tuple itself. */
  replaced?: true;
  /** t_infomask; by default HEAP_XMIN_FROZEN and HEAP_XMAX_INVALID. */
  infomask?: number;
}

export type ColumnValue = number | string | Uint8Array;

export class MadeHeap {
  readonly #layout: RowLayout<string>;
  readonly #checksums: boolean;
  readonly #pages: Uint8Array[] = [];
  #lower = BLOCK_SIZE;
  #upper = 0;

  constructor(layout: RowLayout<string>, checksums: boolean) {
    this.#layout = layout;
    this.#checksums = checksums;
  }

  /** Columns that are not given are 0; `oid` goes to where the layout's version keeps it. */
  add(values: Readonly<Record<string, ColumnValue>>, version: Version = {}): void {
    const { at, columns, width } = this.#layout;
    const inHeader = at.oid === -1 && values.oid !== undefined;
    const hoff = inHeader ? TUPLE_HEADER + 8 : TUPLE_HEADER;
    const size = hoff + 8 * Math.ceil(width / 8);
    if (this.#upper - this.#lower < size + 4) this.#addPage();
    const page = this.#pages[this.#pages.length - 1]!;
    const view = new DataView(page.buffer);
    this.#upper -= size;
    const tuple = this.#upper;
    view.setUint32(this.#lower, tuple | (1 << 15) | (size << 17), true);
    this.#lower += 4;
    view.setUint16(12, this.#lower, true);
    view.setUint16(14, this.#upper, true);

    view.setUint32(tuple, version.xmin ?? 3, true);
    view.setUint32(tuple + 4, version.xmax ?? 0, true);
    view.setUint16(tuple + 14, this.#pages.length - 1, true);
    view.setUint16(tuple + 16, version.replaced ? 0xffff : (this.#lower - HEADER) / 4, true);
    view.setUint16(tuple + 18, columns, true);
    view.setUint16(tuple + 20, (version.infomask ?? 0x0b00) | (inHeader ? HEAP_HASOID : 0), true);
    view.setUint8(tuple + 22, hoff);
    if (inHeader) view.setUint32(tuple + hoff - 4, values.oid as number, true);
    for (const name in values) {
      const offset = at[name];
      if (offset !== undefined && offset >= 0) writeColumn(page, view, tuple + hoff + offset, values[name]!);
    }
  }

  /** The relation's first file. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#pages.length * BLOCK_SIZE);
    this.#pages.forEach((page, block) => {
      if (this.#checksums) {
        const view = new DataView(page.buffer);
        view.setUint16(8, pageChecksum(view, 0, BLOCK_SIZE, block), true);
      }
      bytes.set(page, block * BLOCK_SIZE);
    });
    return bytes;
  }

  #addPage(): void {
    const page = new Uint8Array(BLOCK_SIZE);
    const view = new DataView(page.buffer);
    this.#lower = HEADER;
    this.#upper = BLOCK_SIZE;
    view.setUint16(12, HEADER, true);
    view.setUint16(14, BLOCK_SIZE, true);
    view.setUint16(16, BLOCK_SIZE, true);
    view.setUint16(18, BLOCK_SIZE | 4, true);
    this.#pages.push(page);
  }
}

function writeColumn(page: Uint8Array, view: DataView, at: number, value: ColumnValue): void {
  if (typeof value === 'number') view.setUint32(at, value, true);
  else if (typeof value === 'string' && value.length === 1) page[at] = value.charCodeAt(0);
  else page.set(typeof value === 'string' ? encoder.encode(value) : value, at);
}

const encoder = new TextEncoder();
