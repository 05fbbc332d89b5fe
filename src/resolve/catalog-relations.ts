/** pg_class of one database, a column an array: a million relations take 50 MB and their names' bytes. */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import { LINE_POINTER_SIZE, MIN_TUPLE_SIZE } from '../postgres/page.js';
import { ROW_DELETED, ROW_LIVE, ROW_REPLACED, type RowVerdict } from '../postgres/visibility.js';
import { xidPrecedes } from '../postgres/xid.js';
import { RowIndex } from './catalog-index.js';
import { nameLength } from './catalog-name.js';
import { type Row, type ScanDamage, scanCatalog } from './catalog-scan.js';
import type { Cluster } from './cluster.js';

/** pg_class.relkind and relpersistence (src/include/catalog/pg_class.h), as codes. */
const RELKINDS = codes('riStvmcfpI');
const PERSISTENCES = codes('put');
const TEMPORARY = 't'.charCodeAt(0);
const GUESSED_NAME_SIZE = 24;

/** Row numbers are the versions of rows that were found, aborted ones left out. */
export class Relations {
  count = 0;
  readonly oid: Uint32Array;
  /** 0 where it has no file, or its file is in the relation map. */
  readonly filenode: Uint32Array;
  /** The database's own tablespace where pg_class says 0. */
  readonly tablespace: Uint32Array;
  readonly namespace: Uint32Array;
  readonly toast: Uint32Array;
  /** The relation that this one is to replace when a rewrite is done; 0 where none, and in version 10. */
  readonly rewrite: Uint32Array;
  readonly kind: Uint8Array;
  readonly temporary: Uint8Array;
  readonly verdict: Uint8Array;
  readonly #xmin: Uint32Array;
  readonly #nameAt: Uint32Array;
  readonly #nameLength: Uint8Array;
  #names: Uint8Array;
  #namesEnd = 0;
  readonly #byOid: RowIndex;
  readonly #byFilenode: RowIndex;
  readonly #byToast: RowIndex;
  /** Filenodes that two relations claim with the same right. */
  readonly #disputed = new Set<number>();

  constructor(cluster: Cluster, source: CatalogSource, file: RelationFile, damage: ScanDamage) {
    const { pgClass } = cluster.layout;
    const blocks = source.blocks(file);
    const rowSize = LINE_POINTER_SIZE + MIN_TUPLE_SIZE + pgClass.width;
    const most = blocks * Math.floor(cluster.control.blockSize / rowSize);
    const words = (): Uint32Array => new Uint32Array(most);
    const bytes = (): Uint8Array => new Uint8Array(most);
    this.oid = words();
    this.filenode = words();
    this.tablespace = words();
    this.namespace = words();
    this.toast = words();
    this.rewrite = words();
    this.#xmin = words();
    this.#nameAt = words();
    this.kind = bytes();
    this.temporary = bytes();
    this.verdict = bytes();
    this.#nameLength = bytes();
    this.#names = new Uint8Array(most * GUESSED_NAME_SIZE);
    const { at } = pgClass;
    scanCatalog(cluster, source, file, blocks, pgClass, damage, (row) => this.#add(row, at, file.tablespace));

    this.#byOid = new RowIndex(this.oid, this.count, (row, other) => this.#succeeds(row, other));
    this.#byFilenode = new RowIndex(
      this.filenode,
      this.count,
      (row, other) => this.#claims(row, other),
      (row, other) => this.#sameFile(row, other),
    );
    this.#byToast = new RowIndex(this.toast, this.count, (row, other) => this.#better(row, other));
  }

  /** The best version of the relation with that OID; -1 where there is none. */
  withOid(oid: number): number {
    return this.#byOid.find(oid);
  }

  /** The relation that has this TOAST table. */
  ownerOfToast(oid: number): number {
    return this.#byToast.find(oid);
  }

  /** The relation whose file it is; a temporary one only where `temporary` accepts its namespace. */
  withFile(tablespace: number, filenode: number, temporary?: (namespace: number) => boolean): number {
    return this.#byFilenode.find(
      filenode,
      (row) =>
        this.tablespace[row] === tablespace &&
        (temporary === undefined
          ? this.temporary[row] === 0
          : this.temporary[row] === 1 && temporary(this.namespace[row]!)),
    );
  }

  /**
   * Whether the row's file is none any more: the relation was dropped, or has another file in a later version. A
   * row that was replaced by one that is not on disk yet does not tell.
   */
  isGone(row: number): boolean {
    if (this.verdict[row] !== ROW_REPLACED) return this.verdict[row] === ROW_DELETED;
    const last = this.withOid(this.oid[row]!);
    return this.verdict[last] === ROW_DELETED || this.filenode[last] !== this.filenode[row];
  }

  isDisputed(filenode: number): boolean {
    return this.#disputed.has(filenode);
  }

  /** The bytes of relname. */
  name(row: number): Uint8Array {
    const at = this.#nameAt[row]!;
    return this.#names.subarray(at, at + this.#nameLength[row]!);
  }

  #add(row: Row, at: Cluster['layout']['pgClass']['at'], defaultTablespace: number): boolean {
    const { view } = row;
    const oid = at.oid < 0 ? row.headerOid : view.getUint32(row.at + at.oid, true);
    const kind = view.getUint8(row.at + at.relkind);
    const persistence = view.getUint8(row.at + at.relpersistence);
    const length = nameLength(view, row.at + at.relname);
    if (oid === 0 || length < 0 || !RELKINDS.has(kind) || !PERSISTENCES.has(persistence)) return false;
    const index = this.count++;
    this.oid[index] = oid;
    this.filenode[index] = view.getUint32(row.at + at.relfilenode, true);
    this.tablespace[index] = view.getUint32(row.at + at.reltablespace, true) || defaultTablespace;
    this.namespace[index] = view.getUint32(row.at + at.relnamespace, true);
    this.toast[index] = view.getUint32(row.at + at.reltoastrelid, true);
    this.rewrite[index] = at.relrewrite < 0 ? 0 : view.getUint32(row.at + at.relrewrite, true);
    this.kind[index] = kind;
    this.temporary[index] = persistence === TEMPORARY ? 1 : 0;
    this.verdict[index] = row.verdict;
    this.#xmin[index] = row.xmin;
    this.#keepName(index, view, row.at + at.relname, length);
    return true;
  }

  #keepName(row: number, view: DataView, at: number, length: number): void {
    if (this.#namesEnd + length > this.#names.length) {
      const larger = new Uint8Array((this.#names.length + length) * 2);
      larger.set(this.#names);
      this.#names = larger;
    }
    this.#nameAt[row] = this.#namesEnd;
    this.#nameLength[row] = length;
    for (let index = 0; index < length; index++) {
      this.#names[this.#namesEnd++] = view.getUint8(at + index);
    }
  }

  /**
   * Whether `row` is the version of its relation that counts, not `other`. A page on disk may be older than another:
   * a version still looks live although the one that replaced it has been written. Then the earlier is a replaced one.
   */
  #succeeds(row: number, other: number): boolean {
    const better = this.#better(row, other);
    if (this.verdict[row] === ROW_LIVE && this.verdict[other] === ROW_LIVE) {
      this.verdict[better ? other : row] = ROW_REPLACED;
    }
    return better;
  }

  #better(row: number, other: number): boolean {
    const difference = rank(this.verdict[row] as RowVerdict) - rank(this.verdict[other] as RowVerdict);
    return difference === 0 ? xidPrecedes(this.#xmin[other]!, this.#xmin[row]!) : difference < 0;
  }

  #sameFile(row: number, other: number): boolean {
    return (
      this.tablespace[row] === this.tablespace[other] &&
      this.temporary[row] === this.temporary[other] &&
      (this.temporary[row] === 0 || this.namespace[row] === this.namespace[other])
    );
  }

  /**
   * Whether `row` has more right to a file's name than `other`. The table that a rewrite makes and then drops has
   * less than the one that keeps the file.
   */
  #claims(row: number, other: number): boolean {
    const both = this.verdict[row] === ROW_LIVE && this.verdict[other] === ROW_LIVE;
    if (!both) return this.#better(row, other);
    if (this.rewrite[row] === 0 && this.rewrite[other] === 0) this.#disputed.add(this.filenode[row]!);
    return this.rewrite[other] !== 0;
  }
}

/** Of the versions that a committed transaction ended the later counts, however it ended. */
function rank(verdict: RowVerdict): number {
  return verdict === ROW_REPLACED ? ROW_DELETED : verdict;
}

function codes(letters: string): ReadonlySet<number> {
  return new Set([...letters].map((letter) => letter.charCodeAt(0)));
}
