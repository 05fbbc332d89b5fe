/**
 * The pages of some relations as the WAL leaves them: the page on disk, read when a record first needs it, with
 * what the records did to it since. XLogReadBufferForRedo of src/backend/access/transam/xlogutils.c.
 */
import { type EarlierPage, EarlierPages } from './earlier-pages.js';
import { initPage, isNew, type Page, pageOf } from './heap-page.js';
import { restoreImage } from './image.js';
import type { WalLayout } from './layout.js';
import { type Lsn, readPageLsn, writePageLsn } from './lsn.js';
import type { BlockReference, WalRecord } from './record.js';

/** A block of a main fork as the data directory has it: a whole page, or null where there is none. */
export type BasePage = (spc: number, db: number, rel: number, block: number) => Uint8Array | null;

/** What the WAL made of one relation's main fork. */
export class RelationOverlay {
  readonly spc: number;
  readonly db: number;
  readonly rel: number;
  readonly pages = new Map<number, Page>();
  /** Blocks whose state is not known, because the record that ends at this position could not be applied. */
  readonly unreadable = new Map<number, Lsn>();
  /** Blocks that something was done to since takeChanges(). */
  readonly #changed = new Set<number>();
  /** The fork has at least so many blocks. */
  blocks = 0;
  /** The fork was truncated at this position, and `blocks` is exact apart from what is not in the WAL yet; else 0. */
  truncated: Lsn = 0;

  constructor(spc: number, db: number, rel: number) {
    this.spc = spc;
    this.db = db;
    this.rel = rel;
  }

  set(block: number, page: Page): void {
    this.pages.set(block, page);
    this.unreadable.delete(block);
    this.#changed.add(block);
    this.blocks = Math.max(this.blocks, block + 1);
  }

  fail(block: number, end: Lsn): void {
    this.pages.delete(block);
    this.unreadable.set(block, end);
    this.#changed.add(block);
  }

  change(block: number): void {
    this.#changed.add(block);
  }

  /** Which blocks have changed since the last call. */
  takeChanges(): number[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  truncate(blocks: number, end: Lsn): void {
    for (const block of this.pages.keys()) if (block >= blocks) this.pages.delete(block);
    for (const block of this.unreadable.keys()) if (block >= blocks) this.unreadable.delete(block);
    this.blocks = blocks;
    this.truncated = end;
  }

  /** What was done before `redo` is on disk by now. */
  forget(redo: Lsn): void {
    for (const [block, page] of this.pages) if (readPageLsn(page.view, 0) <= redo) this.pages.delete(block);
    for (const [block, end] of this.unreadable) if (end <= redo) this.unreadable.delete(block);
    if (this.truncated > redo) return;
    this.truncated = 0;
    this.blocks = 0;
    for (const known of [this.pages, this.unreadable])
      for (const block of known.keys()) this.blocks = Math.max(this.blocks, block + 1);
  }
}

export class PageOverlay {
  readonly #layout: WalLayout;
  readonly #blockSize: number;
  readonly #base: BasePage;
  readonly #relations = new Map<string, RelationOverlay>();
  readonly #earlier = new EarlierPages();

  constructor(layout: WalLayout, blockSize: number, base: BasePage) {
    this.#layout = layout;
    this.#blockSize = blockSize;
    this.#base = base;
  }

  /** Undefined where no record was for this relation. */
  relation(spc: number, db: number, rel: number): RelationOverlay | undefined {
    return this.#relations.get(`${spc}/${db}/${rel}`);
  }

  /** The relation's pages before rows were taken off them, since the last call, the oldest first. */
  takeEarlier(relation: RelationOverlay): EarlierPage[] {
    return this.#earlier.take(relation);
  }

  /** Rows are about to be taken off the page of the record's block. */
  keepEarlier(record: WalRecord, id: number, page: Page): void {
    const { spc, db, rel, block } = blockOf(record, id)!;
    this.#earlier.keep(this.touch(spc, db, rel), block, page.bytes.slice());
  }

  relations(): Iterable<RelationOverlay> {
    return this.#relations.values();
  }

  touch(spc: number, db: number, rel: number): RelationOverlay {
    const key = `${spc}/${db}/${rel}`;
    let relation = this.#relations.get(key);
    if (relation === undefined) {
      relation = new RelationOverlay(spc, db, rel);
      this.#relations.set(key, relation);
    }
    return relation;
  }

  /** A checkpoint with this redo point is complete: the data directory has all that was done before. */
  forget(redo: Lsn): void {
    for (const relation of this.#relations.values()) relation.forget(redo);
  }

  /** The database's files are gone, in one tablespace or in all. */
  dropDatabase(db: number, spc?: number): void {
    for (const [key, relation] of this.#relations)
      if (relation.db === db && (spc === undefined || relation.spc === spc)) this.#relations.delete(key);
  }

  /** Puts the record's full-page images in place; what they hold needs no redo. */
  restoreImages(record: WalRecord): void {
    for (let index = 0; index < record.blockCount; index += 1) {
      const block = record.blocks[index]!;
      if (block.fork !== 0 || !this.#isRestored(block)) continue;
      const relation = this.touch(block.spc, block.db, block.rel);
      const before = relation.pages.get(block.block);
      if (before !== undefined) this.#earlier.keep(relation, block.block, before.bytes);
      const bytes = restoreImage(record.bytes, block, this.#layout, this.#blockSize);
      if (bytes === null) {
        relation.fail(block.block, record.end);
        continue;
      }
      const page = pageOf(bytes);
      if (!isNew(page)) writePageLsn(page.view, 0, record.end);
      relation.set(block.block, page);
    }
  }

  /** The page to which the record's change is to be made; null where it is there already, or where no page is. */
  forRedo(record: WalRecord, id: number): Page | null {
    const block = blockOf(record, id);
    if (block === null || block.fork !== 0 || this.#isRestored(block)) return null;
    const relation = this.touch(block.spc, block.db, block.rel);
    if (relation.unreadable.has(block.block)) return null;
    const page = relation.pages.get(block.block) ?? this.#readBase(relation, block.block);
    if (page === null || isNew(page)) return null;
    if (readPageLsn(page.view, 0) >= record.end) return null;
    relation.change(block.block);
    return page;
  }

  /** A fresh page in place of whatever there was (XLogInitBufferForRedo). */
  init(record: WalRecord, id: number): Page | null {
    const block = blockOf(record, id);
    if (block === null || block.fork !== 0) return null;
    const page = pageOf(new Uint8Array(this.#blockSize));
    initPage(page);
    this.touch(block.spc, block.db, block.rel).set(block.block, page);
    return page;
  }

  /** The record does not fit the page, which cannot be known from here on; with an image it can. */
  fail(record: WalRecord, id: number): void {
    const block = blockOf(record, id);
    if (block !== null && block.fork === 0)
      this.touch(block.spc, block.db, block.rel).fail(block.block, record.end);
  }

  #isRestored(block: BlockReference): boolean {
    return (block.imageInfo & this.#layout.imageApply) !== 0;
  }

  #readBase(relation: RelationOverlay, block: number): Page | null {
    if (relation.truncated > 0 && block >= relation.blocks) return null;
    const bytes = this.#base(relation.spc, relation.db, relation.rel, block);
    if (bytes === null || bytes.length !== this.#blockSize) return null;
    const page = pageOf(bytes.slice());
    relation.set(block, page);
    return page;
  }
}

export function blockOf(record: WalRecord, id: number): BlockReference | null {
  for (let index = 0; index < record.blockCount; index += 1)
    if (record.blocks[index]!.id === id) return record.blocks[index]!;
  return null;
}
