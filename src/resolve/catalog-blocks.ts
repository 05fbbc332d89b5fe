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

  /** Reads all of the catalog, its first `blocks` blocks; the store has room for these and twice the `earlier` ones. */
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
    this.#scan(reading, 0, blocks);
    this.#revisit(reading, [], earlier);
  }

  /**
   * Reads again what has changed since. False where that cannot be told, or there is no room for it: then nothing was
   * read, or not all of it, and the catalog is to be read anew.
   */
  refresh(reading: CatalogReading, file: RelationFile, earlier: readonly EarlierPage[] = []): boolean {
    const { tablespace, filenode } = this.#file;
    if (file.filenode !== filenode || file.tablespace !== tablespace) return false;
    const changed = reading.source.changes?.(file) ?? null;
    const blocks = reading.source.blocks(file);
    if (changed === null || blocks < this.#from.length) return false;
    const known = this.#from.length;
    const again = [...changed, ...this.#open].filter((block) => block < known);
    return this.#scan(reading, known, blocks) && this.#revisit(reading, again, earlier);
  }

  /**
   * Reads blocks again, and before each what it was on its way: rows that came and went in between are gone, but were
   * seen. False where there is no room for more.
   */
  #revisit(reading: CatalogReading, blocks: readonly number[], earlier: readonly EarlierPage[]): boolean {
    const { source } = reading;
    const steps = earlier
      .filter(({ block }) => block < this.#from.length)
      .map(({ block, bytes }) => ({ block, source: { ...source, read: () => bytes } }));
    const again = new Set([...blocks, ...steps.map(({ block }) => block)]);
    for (const step of [...steps, ...Array.from(again, (block) => ({ block, source }))]) {
      const { block } = step;
      const [oldFrom, oldTo] = [this.#from[block]!, this.#to[block]!];
      if (!this.#scan({ ...reading, source: step.source }, block, block + 1)) return false;
      this.#store.replace(oldFrom, oldTo, this.#from[block]!, this.#to[block]!);
    }
    return true;
  }

  /** False where there is no room for more. */
  #scan({ cluster, source, damage }: CatalogReading, first: number, end: number): boolean {
    const store = this.#store;
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
    return store.count < store.room;
  }
}
