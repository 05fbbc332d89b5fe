/** The catalogs of one database, and the names of files that they prove. */
import type { RelationFile } from '../postgres/catalog-source.js';
import { type DecodeName, nameDecoder } from '../postgres/encoding.js';
import type { RowLayout } from '../postgres/layout/columns.js';
import { ROW_LIVE } from '../postgres/visibility.js';
import type { CatalogReading } from './catalog-blocks.js';
import { FILE_DISPUTED, withFile, withOid } from './catalog-claims.js';
import { LinkCatalog, type ReadLink, readIndexRow, readOwnerRow, readParentRow } from './catalog-links.js';
import { type NamingCatalogs, nameRow } from './catalog-naming.js';
import { Relations } from './catalog-relations.js';
import { readNamespaces } from './catalog-small.js';
import { ClusterFileError } from './files.js';
import type { NamedRelation } from './names.js';

/** pg_class.oid of the catalogs themselves, fixed by initdb. */
const PG_CLASS = 1259;
const PG_NAMESPACE = 2615;
const PG_INDEX = 2610;
const PG_INHERITS = 2611;
const PG_DEPEND = 2608;
const TABLE = 'r'.charCodeAt(0);
/** A pg_depend of more blocks is not read for the owners of sequences: 256 MiB, a quarter of a second. */
const MAX_DEPEND_BLOCKS = 32768;

export class DatabaseCatalog implements NamingCatalogs {
  readonly decode: DecodeName;
  readonly relations: Relations;
  namespaces: ReadonlyMap<number, string>;
  readonly indexes: LinkCatalog;
  readonly parents: LinkCatalog | null;
  /** Another number whenever a refresh has found something that may have changed. */
  edition = 0;
  #reading: CatalogReading;
  /** CatalogSource.news() as of the last reading. */
  #news: number | undefined;
  /** Undefined where nobody has asked for it yet. */
  #owners: LinkCatalog | null | undefined;
  readonly #mapped: ReadonlyMap<number, number>;
  readonly #tablespace: number;
  readonly #database: number;
  readonly #encoding: number | undefined;
  readonly #pgClass: number;

  /**
   * @param tablespace the database's own
   * @param encoding pg_database.encoding; undefined where the database has no row
   * @param previous what was read of the same database before, where its tablespace was the same
   * @throws ClusterFileError where a file is missing or unreadable, CatalogError where pg_class is not pg_class.
   */
  constructor(
    reading: CatalogReading,
    tablespace: number,
    database: number,
    encoding: number | undefined,
    previous: DatabaseCatalog | null,
  ) {
    const { cluster, source } = reading;
    const map = source.map(tablespace, database);
    this.#reading = reading;
    this.#news = source.news?.(database);
    this.#tablespace = tablespace;
    this.#database = database;
    this.#encoding = encoding;
    this.decode = nameDecoder(encoding);
    this.#mapped = new Map(Array.from(map, ([oid, filenode]) => [filenode, oid]));
    this.#pgClass = map.get(PG_CLASS) ?? 0;
    this.relations = new Relations(reading, this.#file(this.#pgClass), previous?.relations ?? null);
    const namespaces = this.#prove(PG_NAMESPACE, 'pg_namespace');
    this.namespaces = readNamespaces(reading, namespaces, this.decode, previous?.namespaces ?? new Map());
    this.#prove(PG_CLASS, 'pg_class');
    const indexes = this.#prove(PG_INDEX, 'pg_index');
    this.indexes = new LinkCatalog(reading, indexes, cluster.layout.pgIndex, readIndexRow(cluster));
    this.parents = this.#readFurther(
      PG_INHERITS,
      'pg_inherits',
      cluster.layout.pgInherits,
      readParentRow(cluster),
    );
  }

  /** Whether it was read as the catalogs of a database with that tablespace and encoding. */
  isOf(tablespace: number, encoding: number | undefined): boolean {
    return this.#tablespace === tablespace && this.#encoding === encoding;
  }

  /**
   * Reads again what has changed. False where that cannot be told, or the catalogs have other files now: then they are
   * to be read anew. @throws as the constructor.
   */
  refresh(reading: CatalogReading): boolean {
    this.#reading = reading;
    const news = reading.source.news?.(this.#database);
    if (news !== undefined && news === this.#news && !this.#isOpen()) return true;
    this.#news = news;
    const map = reading.source.map(this.#tablespace, this.#database);
    if (map.get(PG_CLASS) !== this.#pgClass || map.size !== this.#mapped.size) return false;
    for (const [oid, filenode] of map) if (this.#mapped.get(filenode) !== oid) return false;
    const before = this.#readings();
    if (!this.relations.refresh(reading, this.#file(this.#pgClass))) return false;
    if (!this.indexes.refresh(reading, this.#prove(PG_INDEX, 'pg_index'))) return false;
    const parents = this.#find(PG_INHERITS, 'pg_inherits');
    if (parents === null ? this.parents !== null : !this.parents?.refresh(reading, parents)) return false;
    const owners = this.#find(PG_DEPEND, 'pg_depend');
    if (owners === null || !this.#owners?.refresh(reading, owners)) this.#owners = undefined;
    const file = this.#prove(PG_NAMESPACE, 'pg_namespace');
    const namespaces = readNamespaces(reading, file, this.decode, this.namespaces);
    if (this.#readings() !== before || !isSame(namespaces, this.namespaces)) this.edition++;
    this.namespaces = namespaces;
    return true;
  }

  /** Whether the end of a transaction may change something, be there news or not: it may have begun before the WAL. */
  #isOpen(): boolean {
    const { relations, indexes, parents } = this;
    return relations.isOpen || indexes.isOpen || parents?.isOpen === true || this.#owners?.isOpen === true;
  }

  #readings(): number {
    const { relations, indexes, parents } = this;
    return relations.readings + indexes.readings + (parents?.readings ?? 0) + (this.#owners?.readings ?? 0);
  }

  /** The relation with a file in this database; `backend` of a temporary one. Otherwise the reason. */
  name(tablespace: number, filenode: number, backend?: number): NamedRelation | string {
    const mapped = backend === undefined && tablespace === this.#tablespace && this.#mapped.get(filenode);
    if (mapped) return this.nameOid(mapped);
    const temporary =
      backend === undefined ? undefined : (namespace: number) => this.#isTemporary(namespace, backend);
    const row = withFile(this.relations, tablespace, filenode, temporary);
    if (row >= 0) return nameRow(this, row);
    return row === FILE_DISPUTED
      ? 'two relations of pg_class have this filenode'
      : 'no such filenode in pg_class';
  }

  /** The relation with an OID, as for the mapped and the shared ones. */
  nameOid(oid: number): NamedRelation | string {
    const row = withOid(this.relations, oid);
    return row < 0 ? 'no such oid in pg_class' : nameRow(this, row);
  }

  owners(): LinkCatalog | null {
    if (this.#owners === undefined) {
      const { cluster } = this.#reading;
      const { pgDepend } = cluster.layout;
      this.#owners = this.#readFurther(
        PG_DEPEND,
        'pg_depend',
        pgDepend,
        readOwnerRow(cluster),
        MAX_DEPEND_BLOCKS,
      );
    }
    return this.#owners;
  }

  /** A catalog that adds to names; null where it is not there, as in a snapshot that was made without it, or too large. */
  #readFurther(
    oid: number,
    name: string,
    layout: RowLayout<string>,
    read: ReadLink,
    maxBlocks = Number.POSITIVE_INFINITY,
  ): LinkCatalog | null {
    const file = this.#find(oid, name);
    if (file === null || this.#reading.source.blocks(file) > maxBlocks) return null;
    try {
      return new LinkCatalog(this.#reading, file, layout, read);
    } catch (error) {
      if (error instanceof ClusterFileError && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  #isTemporary(namespace: number, backend: number): boolean {
    const schema = this.namespaces.get(namespace);
    return schema === `pg_temp_${backend}` || schema === `pg_toast_temp_${backend}`;
  }

  #file(filenode: number): RelationFile {
    return { tablespace: this.#tablespace, database: this.#database, filenode };
  }

  /**
   * The file of a catalog that must be there under its own name: proof that bytes and layout belong together.
   * pg_class's own is in the map.
   */
  #prove(oid: number, name: string): RelationFile {
    const file = this.#find(oid, name);
    if (file !== null) return file;
    const row = withOid(this.relations, oid);
    const found = row < 0 ? 'nothing' : `"${this.decode(this.relations.name(row))}"`;
    throw new CatalogError(
      `pg_class does not name itself (expected "${name}" at oid ${oid}, found ${found})`,
    );
  }

  /** The file of a catalog; null where there is none under that name. */
  #find(oid: number, name: string): RelationFile | null {
    const { relations } = this;
    const row = withOid(relations, oid);
    const right =
      row >= 0 &&
      relations.verdict[row] === ROW_LIVE &&
      relations.kind[row] === TABLE &&
      this.decode(relations.name(row)) === name;
    return right ? this.#file(relations.filenode[row]!) : null;
  }
}

function isSame(one: ReadonlyMap<number, string>, other: ReadonlyMap<number, string>): boolean {
  if (one.size !== other.size) return false;
  for (const [oid, name] of one) if (other.get(oid) !== name) return false;
  return true;
}

/** A pg_class that is none, or not of the version that the cluster claims. */
export class CatalogError extends Error {}
