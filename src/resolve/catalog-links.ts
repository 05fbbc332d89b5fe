/** Catalogs that lead from one relation to another: pg_index, pg_inherits, pg_depend. */
import type { RelationFile } from '../postgres/catalog-source.js';
import type { RowLayout } from '../postgres/layout/columns.js';
import { ROW_DELETED, ROW_UNKNOWN, type RowVerdict } from '../postgres/visibility.js';
import { BlockRows, type CatalogReading, type RowStore, roomFor } from './catalog-blocks.js';
import { RowIndex } from './catalog-index.js';
import type { Row } from './catalog-scan.js';
import type { Cluster } from './cluster.js';

/** What a row of such a catalog says. */
export interface Link {
  /** 0 where the row says nothing that matters: then it is not kept. */
  from: number;
  to: number;
  /** Of several links from one relation the one with the lowest counts. */
  order: number;
}

/** Reads a row into `link`; false where the catalog can have no such row. */
export type ReadLink = (row: Row, link: Link) => boolean;

/** Marks a row that another has replaced. */
const NO_ROW = 255;

class Links implements RowStore {
  readonly layout: RowLayout<string>;
  readonly room: number;
  count = 0;
  readonly #read: ReadLink;
  readonly #link: Link = { from: 0, to: 0, order: 0 };
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;
  readonly #order: Int32Array;
  readonly #verdict: Uint8Array;
  readonly #index: RowIndex;

  constructor(layout: RowLayout<string>, room: number, read: ReadLink) {
    this.layout = layout;
    this.room = room;
    this.#read = read;
    this.#from = new Uint32Array(room);
    this.#to = new Uint32Array(room);
    this.#order = new Int32Array(room);
    this.#verdict = new Uint8Array(room);
    this.#index = new RowIndex(this.#from);
  }

  add(row: Row): boolean {
    const link = this.#link;
    if (!this.#read(row, link)) return false;
    if (link.from === 0) return true;
    const index = this.count++;
    this.#from[index] = link.from;
    this.#to[index] = link.to;
    // Memory that is not written to is none: most are 0.
    if (link.order !== 0) this.#order[index] = link.order;
    this.#verdict[index] = row.verdict;
    this.#index.add(index);
    return true;
  }

  replace(oldFrom: number, oldTo: number): void {
    this.#verdict.fill(NO_ROW, oldFrom, oldTo);
  }

  /** The row of the best link, committed before uncommitted, deleted, and rolled back; -1 where there is none. */
  find(from: number): number {
    let best = -1;
    for (let row = this.#index.first(from); row >= 0; row = this.#index.next(row)) {
      if (this.#verdict[row] === NO_ROW || this.#verdict[row] === ROW_UNKNOWN) continue;
      if (best < 0 || this.#isBetter(row, best)) best = row;
    }
    return best;
  }

  sources(to: number): number[] {
    const found: number[] = [];
    for (let row = 0; row < this.count; row++)
      if (this.#to[row] === to && this.#verdict[row] !== NO_ROW) found.push(this.#from[row]!);
    return found;
  }

  to(row: number): number {
    return this.#to[row]!;
  }

  order(row: number): number {
    return this.#order[row]!;
  }

  verdict(row: number): number {
    return this.#verdict[row]!;
  }

  #isBetter(row: number, other: number): boolean {
    const difference = this.#verdict[row]! - this.#verdict[other]!;
    return difference === 0 ? this.#order[row]! < this.#order[other]! : difference < 0;
  }
}

/** One such catalog of a database. */
export class LinkCatalog {
  readonly #links: Links;
  readonly #rows: BlockRows;

  constructor(reading: CatalogReading, file: RelationFile, layout: RowLayout<string>, read: ReadLink) {
    const blocks = reading.source.blocks(file);
    this.#links = new Links(layout, roomFor(reading.cluster, blocks, layout.width), read);
    this.#rows = new BlockRows(reading, file, blocks, this.#links);
  }

  /** As BlockRows.readings. */
  get readings(): number {
    return this.#rows.readings;
  }

  /** As BlockRows.isOpen. */
  get isOpen(): boolean {
    return this.#rows.isOpen;
  }

  /** As BlockRows.refresh(). */
  refresh(reading: CatalogReading, file: RelationFile): boolean {
    return this.#rows.refresh(reading, file);
  }

  /**
   * Where the best link from that relation leads; 0 where there is none.
   * @param worst the verdict that it may have at the worst
   */
  target(from: number, worst: RowVerdict = ROW_DELETED): number {
    const row = this.#links.find(from);
    return row < 0 || this.#links.verdict(row) > worst ? 0 : this.#links.to(row);
  }

  /** From which relations there is, or was, a link to that one: goes through all links. */
  sources(to: number): number[] {
    return this.#links.sources(to);
  }

  /** The order of that link; undefined where there is none. */
  order(from: number): number | undefined {
    const row = this.#links.find(from);
    return row < 0 ? undefined : this.#links.order(row);
  }
}

/** Of each index its table; the order is 1 for an index that is not valid, 0 else. */
export function readIndexRow({ layout }: Cluster): ReadLink {
  const { at } = layout.pgIndex;
  return (row, link) => {
    link.from = row.view.getUint32(row.at + at.indexrelid, true);
    link.to = row.view.getUint32(row.at + at.indrelid, true);
    link.order = row.view.getUint8(row.at + at.indisvalid) === 0 ? 1 : 0;
    return link.from !== 0 && link.to !== 0;
  };
}

/** Of each relation its parents, the first one first. */
export function readParentRow({ layout }: Cluster): ReadLink {
  const { at } = layout.pgInherits;
  return (row, link) => {
    link.from = row.view.getUint32(row.at + at.inhrelid, true);
    link.to = row.view.getUint32(row.at + at.inhparent, true);
    link.order = row.view.getInt32(row.at + at.inhseqno, true);
    return link.from !== 0 && link.to !== 0;
  };
}

/** pg_class.oid of pg_class, by which pg_depend says that an object is a relation. */
const PG_CLASS = 1259;
/** pg_depend.deptype: of a sequence to the column that it was made for (src/include/catalog/dependency.h). */
const OWNED = new Set(['a'.charCodeAt(0), 'i'.charCodeAt(0)]);

/** Of each relation the table of the column that it belongs to: of a sequence its owner. */
export function readOwnerRow({ layout }: Cluster): ReadLink {
  const { at } = layout.pgDepend;
  return ({ view, at: start }, link) => {
    const word = (offset: number): number => view.getUint32(start + offset, true);
    const owns =
      word(at.classid) === PG_CLASS &&
      word(at.refclassid) === PG_CLASS &&
      word(at.objsubid) === 0 &&
      view.getInt32(start + at.refobjsubid, true) > 0 &&
      OWNED.has(view.getUint8(start + at.deptype));
    link.from = owns ? word(at.objid) : 0;
    link.to = word(at.refobjid);
    link.order = 0;
    return true;
  };
}
