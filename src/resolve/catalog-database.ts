/** The catalogs of one database, and the names of files that they prove. */
import { qualifiedName, type RelKind } from '../event/pg.js';
import type { RelationFile } from '../postgres/catalog-source.js';
import { type DecodeName, nameDecoder } from '../postgres/encoding.js';
import { ROW_LIVE, ROW_UNCOMMITTED, ROW_UNCOMMITTED_DELETED, ROW_UNKNOWN } from '../postgres/visibility.js';
import { Relations } from './catalog-relations.js';
import { type CatalogReading, readIndexes, readNamespaces } from './catalog-small.js';
import type { NamedRelation } from './names.js';

/** pg_class.oid of the catalogs themselves, fixed by initdb. */
const PG_CLASS = 1259;
const PG_NAMESPACE = 2615;
const PG_INDEX = 2610;

/** The words of psql for pg_class.relkind. */
const RELKIND: Readonly<Record<string, RelKind>> = {
  r: 'table',
  i: 'index',
  S: 'sequence',
  t: 'toast',
  v: 'view',
  m: 'materialized view',
  c: 'composite type',
  f: 'foreign table',
  p: 'partitioned table',
  I: 'partitioned index',
};

export class DatabaseCatalog {
  readonly #relations: Relations;
  readonly #namespaces: ReadonlyMap<number, string>;
  readonly #tableOfIndex: (index: number) => number;
  readonly #mapped: ReadonlyMap<number, number>;
  readonly #tablespace: number;
  readonly #decode: DecodeName;

  /**
   * @param tablespace the database's own
   * @param encoding pg_database.encoding; undefined where the database has no row
   * @throws ClusterFileError where a file is missing or unreadable, CatalogError where pg_class is not pg_class.
   */
  constructor(reading: CatalogReading, tablespace: number, database: number, encoding: number | undefined) {
    const { cluster, source, damage } = reading;
    const map = source.map(tablespace, database);
    const file = (filenode: number): RelationFile => ({ tablespace, database, filenode });
    this.#tablespace = tablespace;
    this.#decode = nameDecoder(encoding);
    this.#mapped = new Map(Array.from(map, ([oid, filenode]) => [filenode, oid]));
    this.#relations = new Relations(cluster, source, file(map.get(PG_CLASS) ?? 0), damage);
    this.#namespaces = readNamespaces(reading, file(this.#prove(PG_NAMESPACE, 'pg_namespace')), this.#decode);
    this.#prove(PG_CLASS, 'pg_class');
    this.#tableOfIndex = readIndexes(reading, file(this.#prove(PG_INDEX, 'pg_index')));
  }

  /** The relation with a file in this database; `backend` of a temporary one. Otherwise the reason. */
  name(tablespace: number, filenode: number, backend?: number): NamedRelation | string {
    const mapped = backend === undefined && tablespace === this.#tablespace && this.#mapped.get(filenode);
    if (mapped) return this.nameOid(mapped);
    const temporary =
      backend === undefined ? undefined : (namespace: number) => this.#isTemporary(namespace, backend);
    const row = this.#relations.withFile(tablespace, filenode, temporary);
    if (row < 0) return 'no such filenode in pg_class';
    if (this.#relations.isDisputed(filenode)) return 'two relations of pg_class have this filenode';
    return this.#describe(row);
  }

  /** The relation with an OID, as for the mapped and the shared ones. */
  nameOid(oid: number): NamedRelation | string {
    const row = this.#relations.withOid(oid);
    return row < 0 ? 'no such oid in pg_class' : this.#describe(row);
  }

  #describe(row: number): NamedRelation | string {
    const relations = this.#relations;
    const verdict = relations.verdict[row];
    if (verdict === ROW_UNKNOWN) return 'the transaction that made it is not in pg_xact';
    const schema = this.#namespaces.get(relations.namespace[row]!);
    if (schema === undefined) return 'its schema is not in pg_namespace';
    const named: NamedRelation = {
      oid: relations.oid[row]!,
      schema,
      name: this.#decode(relations.name(row)),
      relkind: RELKIND[String.fromCharCode(relations.kind[row]!)]!,
    };
    const table = this.#tableOf(row);
    if (table !== undefined) named.table = table;
    if (verdict === ROW_UNCOMMITTED || verdict === ROW_UNCOMMITTED_DELETED) named.uncommitted = true;
    if (relations.isGone(row)) named.dropped = true;
    const target = relations.rewrite[row];
    const rewriteOf = target ? this.#qualified(relations.withOid(target)) : undefined;
    if (rewriteOf !== undefined) named.rewriteOf = rewriteOf;
    return named;
  }

  /** The table of an index, the owner of a TOAST table; of a TOAST table's index that owner too. */
  #tableOf(row: number): string | undefined {
    const relations = this.#relations;
    const oid = relations.oid[row]!;
    switch (relations.kind[row]) {
      case code('i'):
      case code('I'): {
        const table = relations.withOid(this.#tableOfIndex(oid));
        if (table >= 0 && relations.kind[table] === code('t')) return this.#tableOf(table);
        return this.#qualified(table);
      }
      case code('t'):
        return this.#qualified(relations.ownerOfToast(oid));
      default:
        return undefined;
    }
  }

  #qualified(row: number): string | undefined {
    if (row < 0 || this.#relations.verdict[row] === ROW_UNKNOWN) return undefined;
    const schema = this.#namespaces.get(this.#relations.namespace[row]!);
    return schema === undefined ? undefined : qualifiedName(schema, this.#decode(this.#relations.name(row)));
  }

  #isTemporary(namespace: number, backend: number): boolean {
    const schema = this.#namespaces.get(namespace);
    return schema === `pg_temp_${backend}` || schema === `pg_toast_temp_${backend}`;
  }

  /**
   * The filenode of a catalog that must be there under its own name: proof that bytes and layout belong together.
   * pg_class's own is in the map.
   */
  #prove(oid: number, name: string): number {
    const row = this.#relations.withOid(oid);
    const found = row < 0 ? 'nothing' : `"${this.#decode(this.#relations.name(row))}"`;
    const right =
      row >= 0 &&
      found === `"${name}"` &&
      this.#relations.verdict[row] === ROW_LIVE &&
      this.#relations.kind[row] === code('r');
    if (!right)
      throw new CatalogError(
        `pg_class does not name itself (expected "${name}" at oid ${oid}, found ${found})`,
      );
    return this.#relations.filenode[row]!;
  }
}

/** A pg_class that is none, or not of the version that the cluster claims. */
export class CatalogError extends Error {}

function code(letter: string): number {
  return letter.charCodeAt(0);
}
