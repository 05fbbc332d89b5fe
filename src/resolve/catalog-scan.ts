/** All row versions of a catalog's heap, judged; pages that a server is just writing are read again. */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import {
  attributesAt,
  HEAP_HASOID,
  HEAP_XMAX_INVALID,
  HEAP_XMIN_FROZEN,
  hasSuccessor,
  TUPLE_HOFF,
  TUPLE_INFOMASK,
  TUPLE_XMAX,
  TUPLE_XMIN,
} from '../postgres/heap-tuple.js';
import type { RowLayout } from '../postgres/layout/columns.js';
import { forEachTuple, pageDamage } from '../postgres/page.js';
import { isOpen, judgeRow, ROW_ABORTED, type RowVerdict } from '../postgres/visibility.js';
import { FROZEN_XID } from '../postgres/xid.js';
import type { Cluster } from './cluster.js';

/** What a scan could not use, so that a missing name has its explanation. */
export interface ScanDamage {
  /** Pages that stayed broken when they were read again. */
  pages: number;
  /** Rows and line pointers that no page of that catalog can hold. */
  rows: number;
  /** What was wrong with the first of them. */
  first: string | null;
}

/** A row version: where its columns begin, and what it is worth. One object, filled anew for each row. */
export interface Row {
  view: DataView;
  /** Offset of the first attribute in the view. */
  at: number;
  verdict: RowVerdict;
  /** A transaction that has not ended may change the verdict. */
  open: boolean;
  block: number;
  /** FROZEN_XID where the row is frozen. */
  xmin: number;
  /** Its transaction itself has deleted or replaced it: nobody else ever saw it. */
  brief: boolean;
  /** Another version of it follows. */
  replaced: boolean;
  /** The OID in the tuple's header, up to version 11; else 0. */
  headerOid: number;
}

/** Bytes to read at once; a whole number of pages of every size. */
const CHUNK = 1 << 20;
const REREADS = 5;

/**
 * Calls `visit` for every row version in the blocks from `first` up to, not with, `end`. `visit` answers false for a
 * row that no such catalog can hold, which is then counted.
 */
export function scanCatalog(
  cluster: Cluster,
  source: CatalogSource,
  file: RelationFile,
  first: number,
  end: number,
  layout: RowLayout<string>,
  damage: ScanDamage,
  visit: (row: Row) => boolean,
): void {
  const { blockSize, checksums } = cluster.control;
  const row: Row = {
    view: new DataView(new ArrayBuffer(0)),
    at: 0,
    verdict: ROW_ABORTED,
    open: false,
    block: 0,
    xmin: 0,
    brief: false,
    replaced: false,
    headerOid: 0,
  };
  const onTuple = (tuple: number, length: number, pointer: number): void => {
    const { view } = row;
    const infomask = view.getUint16(tuple + TUPLE_INFOMASK, true);
    const frozen = (infomask & HEAP_XMIN_FROZEN) === HEAP_XMIN_FROZEN;
    row.xmin = frozen ? FROZEN_XID : view.getUint32(tuple + TUPLE_XMIN, true);
    const xmax = view.getUint32(tuple + TUPLE_XMAX, true);
    row.replaced = hasSuccessor(view, tuple, row.block, pointer);
    row.verdict = judgeRow(infomask, row.xmin, xmax, row.replaced, source.transactions);
    row.brief = xmax === row.xmin && (infomask & HEAP_XMAX_INVALID) === 0;
    row.open = isOpen(row.verdict, infomask, xmax, source.transactions);
    row.at = attributesAt(view, tuple, length, layout.columns, layout.width);
    if (row.at >= 0) {
      const hoff = view.getUint8(tuple + TUPLE_HOFF);
      row.headerOid = infomask & HEAP_HASOID ? view.getUint32(tuple + hoff - 4, true) : 0;
      if (visit(row)) return;
    }
    damage.rows++;
    damage.first ??= `${describe(file)}: a row that the catalog cannot hold`;
  };
  const onPage = (bytes: Uint8Array, page: number, block: number): void => {
    const whole = intactPage(bytes, page, block);
    if (whole === null) return;
    row.view = whole.view;
    row.block = block;
    const outside = forEachTuple(whole.view, whole.page, blockSize, onTuple);
    damage.rows += outside;
    if (outside > 0) damage.first ??= `${describe(file)}: line pointers out of bounds in block ${block}`;
  };

  for (let block = first; block < end; ) {
    const bytes = source.read(file, block, Math.min(end - block, CHUNK / blockSize));
    if (bytes.length === 0) break; // truncated since
    const pages = Math.ceil(bytes.length / blockSize);
    for (let index = 0; index < pages; index++) onPage(bytes, index * blockSize, block + index);
    block += pages;
  }

  /** The page as read, or read again until it is whole. */
  function intactPage(
    bytes: Uint8Array,
    page: number,
    block: number,
  ): { view: DataView; page: number } | null {
    let view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = page;
    for (let attempt = 0; ; attempt++) {
      const wrong =
        view.byteLength < at + blockSize
          ? `cut short (expected ${blockSize} bytes, found ${view.byteLength - at})`
          : pageDamage(view, at, blockSize, block, checksums);
      if (wrong === null) return { view, page: at };
      if (attempt === REREADS) {
        damage.pages++;
        damage.first ??= `${describe(file)}: block ${block}: ${wrong}`;
        return null;
      }
      const again = source.read(file, block, 1);
      view = new DataView(again.buffer, again.byteOffset, again.length);
      at = 0;
    }
  }
}

function describe(file: RelationFile): string {
  return `tablespace ${file.tablespace}, database ${file.database}, filenode ${file.filenode}`;
}
