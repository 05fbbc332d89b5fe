/**
 * All row versions of pg_class of one database, a column an array: a million relations take 60 MB and their names'
 * bytes. Which of them counts is catalog-claims.ts's.
 */
import type { RelationFile } from '../postgres/catalog-source.js';
import type { RowLayout } from '../postgres/layout/columns.js';
import type { TransactionLog } from '../postgres/transaction-log.js';
import { XID_ABORTED, XID_COMMITTED } from '../postgres/transaction-log.js';
import { ROW_ABORTED, ROW_DELETED, ROW_LIVE, ROW_REPLACED } from '../postgres/visibility.js';
import {
  BlockRows,
  type CatalogReading,
  damageOf,
  earlierOf,
  type RowStore,
  roomFor,
} from './catalog-blocks.js';
import { RowIndex } from './catalog-index.js';
import { NameStore, nameLength } from './catalog-name.js';
import type { Row } from './catalog-scan.js';
import type { Cluster } from './cluster.js';

/** pg_class.relkind and relpersistence (src/include/catalog/pg_class.h), as codes. */
const RELKINDS = codes('riStvmcfpI');
const PERSISTENCES = codes('put');
const TEMPORARY = 't'.charCodeAt(0);
/** What make_new_heap() calls the table that a rewrite fills (src/backend/commands/cluster.c). */
const TRANSIENT_NAME = 'pg_temp_';
/** How many files that are gone one reading takes over from the one before. */
const MOST_INHERITED = 16384;
/** Marks a row that a newer reading of its block has replaced. */
export const NO_ROW = 255;

/** The columns that a row taken over keeps. */
const COLUMNS = [
  'oid',
  'filenode',
  'tablespace',
  'namespace',
  'toast',
  'rewrite',
  'kind',
  'temporary',
  'brief',
  'replaced',
  'xmin',
] as const;

/** Row numbers are the versions of rows that were found. */
export class Relations implements RowStore {
  readonly layout: RowLayout<string>;
  readonly room: number;
  count = 0;
  readonly oid: Uint32Array;
  /** 0 where it has no file, or its file is in the relation map. */
  readonly filenode: Uint32Array;
  /** 0: the database's own tablespace. */
  readonly tablespace: Uint32Array;
  readonly namespace: Uint32Array;
  readonly toast: Uint32Array;
  /** The relation that this one is to replace when a rewrite is done; 0 where none. */
  readonly rewrite: Uint32Array;
  readonly kind: Uint8Array;
  readonly temporary: Uint8Array;
  readonly verdict: Uint8Array;
  /** Of a row that the transaction that made it has deleted or replaced itself: 1. */
  readonly brief: Uint8Array;
  /** Of a row that another version follows: 1. */
  readonly replaced: Uint8Array;
  readonly xmin: Uint32Array;
  readonly byOid: RowIndex;
  readonly byFilenode: RowIndex;
  readonly byToast: RowIndex;
  readonly #at: Cluster['layout']['pgClass']['at'];
  readonly #defaultTablespace: number;
  readonly #nameAt: Uint32Array;
  readonly #nameLength: Uint8Array;
  readonly #names: NameStore;
  #log: TransactionLog;
  readonly #rows: BlockRows;
  /** Something of it could not be read, and is not read again. */
  #damaged: boolean;

  /** @param previous what was read before of the same database: files that are gone since stay known. */
  constructor(reading: CatalogReading, file: RelationFile, previous: Relations | null) {
    const { pgClass } = reading.cluster.layout;
    const blocks = reading.source.blocks(file);
    const earlier = earlierOf(reading, file);
    const inherited = previous === null ? 0 : MOST_INHERITED;
    const room = roomFor(reading.cluster, blocks + earlier.length, pgClass.width) + inherited;
    const words = (): Uint32Array => new Uint32Array(room);
    const bytes = (): Uint8Array => new Uint8Array(room);
    this.layout = pgClass;
    this.room = room;
    this.#at = pgClass.at;
    this.#defaultTablespace = file.tablespace;
    this.#log = reading.source.transactions;
    this.oid = words();
    this.filenode = words();
    this.tablespace = words();
    this.namespace = words();
    this.toast = words();
    this.rewrite = words();
    this.xmin = words();
    this.#nameAt = words();
    this.kind = bytes();
    this.temporary = bytes();
    this.verdict = bytes();
    this.brief = bytes();
    this.replaced = bytes();
    this.#nameLength = bytes();
    this.#names = new NameStore(room);
    this.byOid = new RowIndex(this.oid);
    this.byFilenode = new RowIndex(this.filenode);
    this.byToast = new RowIndex(this.toast);
    const wrong = damageOf(reading);
    this.#rows = new BlockRows(reading, file, blocks, this, earlier);
    this.#damaged = damageOf(reading) > wrong;
    // What is on a page that cannot be read is not gone.
    if (previous !== null && !this.incomplete) this.#inherit(previous);
  }

  /** The newest are the ones that late events may still touch. */
  #inherit(previous: Relations): void {
    let left = MOST_INHERITED;
    for (let row = previous.count - 1; row >= 0 && left > 0; row--) {
      if (previous.filenode[row] === 0 || previous.verdict[row] === NO_ROW || this.#knows(previous, row))
        continue;
      const verdict = goneVerdict(previous.verdict[row]!, previous.xmin[row]!, this.#log);
      if (verdict === NO_ROW) continue;
      const index = this.count++;
      for (const column of COLUMNS) this[column][index] = previous[column][row]!;
      const name = previous.name(row);
      this.#keepName(index, new DataView(name.buffer, name.byteOffset, name.length), 0, name.length);
      this.verdict[index] = verdict;
      this.#index(index);
      left--;
    }
  }

  /** Whether it has that relation with that file. */
  #knows(other: Relations, row: number): boolean {
    const index = this.byFilenode;
    for (let mine = index.first(other.filenode[row]!); mine >= 0; mine = index.next(mine))
      if (this.oid[mine] === other.oid[row] && this.tablespace[mine] === other.tablespace[row]) return true;
    return false;
  }

  #index(row: number): void {
    this.byOid.add(row);
    this.byFilenode.add(row);
    this.byToast.add(row);
  }

  /** As BlockRows.readings. */
  get readings(): number {
    return this.#rows.readings;
  }

  /** Some of it could not be read: then what a row that is not live was replaced by may be there. */
  get incomplete(): boolean {
    return this.#damaged || this.#rows.isBroken;
  }

  /** As BlockRows.isOpen. */
  get isOpen(): boolean {
    return this.#rows.isOpen;
  }

  /** As BlockRows.refresh(). What is not on its page any more is remembered as dropped, or rolled back. */
  refresh(reading: CatalogReading, file: RelationFile): boolean {
    this.#log = reading.source.transactions;
    const { rows } = reading.damage;
    const done = this.#rows.refresh(reading, file, () => earlierOf(reading, file));
    this.#damaged ||= reading.damage.rows > rows;
    return done;
  }

  /** The bytes of relname. */
  name(row: number): Uint8Array {
    return this.#names.at(this.#nameAt[row]!, this.#nameLength[row]!);
  }

  add(row: Row): boolean {
    const { view, at: start } = row;
    const at = this.#at;
    const oid = at.oid < 0 ? row.headerOid : view.getUint32(start + at.oid, true);
    const kind = view.getUint8(start + at.relkind);
    const persistence = view.getUint8(start + at.relpersistence);
    const length = nameLength(view, start + at.relname);
    if (oid === 0 || length < 0 || !RELKINDS.has(kind) || !PERSISTENCES.has(persistence)) return false;
    const index = this.count++;
    this.oid[index] = oid;
    this.filenode[index] = view.getUint32(start + at.relfilenode, true);
    this.namespace[index] = view.getUint32(start + at.relnamespace, true);
    this.kind[index] = kind;
    this.verdict[index] = row.verdict;
    this.xmin[index] = row.xmin;
    this.#keepName(index, view, start + at.relname, length);
    // What is seldom set stays as it is, so that the memory is not touched.
    const tablespace = this.stored(view.getUint32(start + at.reltablespace, true));
    if (tablespace !== 0) this.tablespace[index] = tablespace;
    const toast = view.getUint32(start + at.reltoastrelid, true);
    if (toast !== 0) this.toast[index] = toast;
    const rewrite =
      at.relrewrite < 0
        ? transientOf(view, start + at.relname, length)
        : view.getUint32(start + at.relrewrite, true);
    if (rewrite !== 0) this.rewrite[index] = rewrite;
    if (persistence === TEMPORARY) this.temporary[index] = 1;
    if (row.brief) this.brief[index] = 1;
    if (row.replaced) this.replaced[index] = 1;
    this.#index(index);
    return true;
  }

  /** What the column has for that tablespace. */
  stored(tablespace: number): number {
    return tablespace === this.#defaultTablespace ? 0 : tablespace;
  }

  replace(oldFrom: number, oldTo: number, from: number, to: number): void {
    for (let old = oldFrom; old < oldTo; old++) {
      let row = from;
      while (row < to && !this.#saysTheSame(row, old)) row++;
      if (row < to || this.filenode[old] === 0) this.verdict[old] = NO_ROW;
      else this.verdict[old] = goneVerdict(this.verdict[old]!, this.xmin[old]!, this.#log);
    }
  }

  #saysTheSame(row: number, other: number): boolean {
    return (
      this.oid[row] === this.oid[other] &&
      this.filenode[row] === this.filenode[other] &&
      this.tablespace[row] === this.tablespace[other]
    );
  }

  #keepName(row: number, view: DataView, at: number, length: number): void {
    this.#nameAt[row] = this.#names.add(view, at, length);
    this.#nameLength[row] = length;
  }
}

/**
 * What a row is that is not on its page any more. Of a transaction of which no end is known it cannot be told whether it
 * was dropped or rolled back.
 */
function goneVerdict(verdict: number, xmin: number, log: TransactionLog): number {
  if (verdict === ROW_ABORTED) return ROW_ABORTED;
  if (verdict === ROW_LIVE || verdict === ROW_REPLACED || verdict === ROW_DELETED) return ROW_DELETED;
  const status = log.status(xmin);
  if (status === XID_ABORTED) return ROW_ABORTED;
  return status === XID_COMMITTED ? ROW_DELETED : NO_ROW;
}

/** Version 10 has no relrewrite: the name tells (`pg_temp_16384`). 0 where it tells nothing. */
function transientOf(view: DataView, at: number, length: number): number {
  const digits = length - TRANSIENT_NAME.length;
  if (digits < 1 || digits > 10) return 0;
  for (let index = 0; index < TRANSIENT_NAME.length; index++)
    if (view.getUint8(at + index) !== TRANSIENT_NAME.charCodeAt(index)) return 0;
  let oid = 0;
  for (let index = TRANSIENT_NAME.length; index < length; index++) {
    const digit = view.getUint8(at + index) - 48;
    if (digit < 0 || digit > 9 || (oid === 0 && digit === 0)) return 0;
    oid = oid * 10 + digit;
  }
  return oid <= 0xffffffff ? oid : 0;
}

function codes(letters: string): ReadonlySet<number> {
  return new Set([...letters].map((letter) => letter.charCodeAt(0)));
}
