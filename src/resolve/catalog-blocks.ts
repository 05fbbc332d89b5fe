/**
 * Which rows came from which block of a catalog, so that a block that has changed can be read again alone. Rows are
 * numbered as they are found; those of a block follow one another.
 */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import type { RowLayout } from '../postgres/layout/columns.js';
import { LINE_POINTER_SIZE, MIN_TUPLE_SIZE } from '../postgres/page.js';
import { type Row, type ScanDamage, scanCatalog } from './catalog-scan.js';
import type { Cluster } from './cluster.js';

/** What reading a catalog takes. */
export interface CatalogReading {
  readonly cluster: Cluster;
  readonly source: CatalogSource;
  readonly damage: ScanDamage;
}

export type EarlierPage = ReturnType<NonNullable<CatalogSource['earlier']>>[number];

/** What pages of a catalog were on their way to what they are now, as far as the source has kept it. */
export function earlierOf({ source }: CatalogReading, file: RelationFile): readonly EarlierPage[] {
  return source.earlier?.(file) ?? [];
}

/** How much could not be read so far. */
export function damageOf({ damage }: CatalogReading): number {
  return damage.pages + damage.rows;
}

/** The rows of one catalog. */
export interface RowStore {
  readonly layout: RowLayout<string>;
  /** How many rows it has, and how many it has room for. */
  readonly count: number;
  readonly room: number;
  /** Takes a row; false where it can be none of this catalog. */
  add(row: Row): boolean;
  /** A block was read again: its rows `from` to `to` are what those `oldFrom` to `oldTo` were before. */
  replace(oldFrom: number, oldTo: number, from: number, to: number): void;
}

/** Beside what a catalog can hold now: what it may get before it is read anew. */
const SPARE_ROWS = 8192;

/** How many rows to make room for. */
export function roomFor(cluster: Cluster, blocks: number, width: number): number {
  const rowSize = LINE_POINTER_SIZE + MIN_TUPLE_SIZE + width;
  const most = blocks * Math.floor(cluster.control.blockSize / rowSize);
  return most + SPARE_ROWS + (most >>> 3);
}

export class BlockRows {
  readonly #store: RowStore;
  readonly #file: RelationFile;
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** Blocks with rows whose fate is not decided yet: it changes without the block. */
  readonly #open = new Set<number>();
  /** Blocks that could not be read again: they are as they were before, which proves less now. */
  readonly #broken = new Set<number>();
  /** How often anything of it was read: as often as anything may have changed. */
  readings = 0;

  /** Reads all of the catalog, its first `blocks` blocks; the store has room for these and the `earlier` ones. */
  constructor(
    reading: CatalogReading,
    file: RelationFile,
    blocks: number,
    store: RowStore,
    earlier: readonly EarlierPage[] = [],
  ) {
    this.#store = store;
    this.#file = file;
    reading.source.changes?.(file); // what changes from now on
    this.#read(reading, [], blocks, earlier);
  }

  /** Whether another reading may find more than what was changed since. */
  get isOpen(): boolean {
    return this.#open.size > 0 || this.isBroken;
  }

  /** Whether there are blocks that could not be read again. */
  get isBroken(): boolean {
    return this.#broken.size > 0;
  }

  /**
   * Reads again what has changed since. False where that cannot be told, or there is no room for it: then nothing was
   * read, or not all of it, and the catalog is to be read anew.
   * @param earlier is not asked where that cannot be told: who reads it anew will ask
   */
  refresh(
    reading: CatalogReading,
    file: RelationFile,
    earlier: () => readonly EarlierPage[] = () => [],
  ): boolean {
    const { tablespace, filenode } = this.#file;
    if (file.filenode !== filenode || file.tablespace !== tablespace) return false;
    const changed = reading.source.changes?.(file) ?? null;
    const blocks = reading.source.blocks(file);
    if (changed === null || blocks < this.#from.length) return false;
    return this.#read(reading, [...changed, ...this.#open, ...this.#broken], blocks, earlier());
  }

  /**
   * Reads blocks again and the new ones, and before each what it was on its way: rows that came and went in between are
   * gone, but were seen. In this order, or a row that has come since would be taken for one that is gone. False where
   * there is no room for more.
   */
  #read(
    reading: CatalogReading,
    again: readonly number[],
    blocks: number,
    earlier: readonly EarlierPage[],
  ): boolean {
    const known = this.#from.length;
    for (let block = known; block < blocks; block++) this.#from[block] = this.#to[block] = this.#store.count;
    const changed = new Set(again);
    for (const { block, bytes } of earlier) {
      if (block >= blocks) continue;
      changed.add(block);
      const source = { ...reading.source, read: () => bytes };
      if (!this.#scan({ ...reading, source }, block, block + 1)) return false;
    }
    if (known === 0) return this.#scan(reading, 0, blocks);
    for (let block = known; block < blocks; block++) changed.add(block);
    for (const block of changed) if (block < blocks && !this.#scan(reading, block, block + 1)) return false;
    return true;
  }

  /** Puts what is read in the place of what the blocks were before. False where there is no room for more. */
  #scan({ cluster, source, damage }: CatalogReading, first: number, end: number): boolean {
    if (first === end) return true;
    this.readings++;
    const store = this.#store;
    const oldFrom = this.#from.slice(first, end);
    const oldTo = this.#to.slice(first, end);
    const wasOpen = this.#open.has(first);
    const broken = damage.pages;
    for (let block = first; block < end; block++) {
      this.#from[block] = store.count;
      this.#to[block] = store.count;
      this.#open.delete(block);
    }
    scanCatalog(cluster, source, this.#file, first, end, store.layout, damage, (row) => {
      if (store.count === store.room) return true;
      const { block } = row;
      if (this.#from[block] === this.#to[block]) this.#from[block] = store.count;
      if (!store.add(row)) return false;
      this.#to[block] = store.count;
      if (row.open) this.#open.add(block);
      return true;
    });
    if (store.count === store.room) return false;
    if (end === first + 1) {
      if (damage.pages > broken) {
        this.#from[first] = oldFrom[0]!;
        this.#to[first] = oldTo[0]!;
        if (wasOpen) this.#open.add(first);
        this.#broken.add(first);
        return true;
      }
      this.#broken.delete(first);
    }
    oldFrom.forEach((from, index) => {
      const block = first + index;
      if (from < oldTo[index]!) store.replace(from, oldTo[index]!, this.#from[block]!, this.#to[block]!);
    });
    return true;
  }
}
