/** What a relation of one database is called, and what it belongs to. */
import { qualifiedName, type RelKind } from '../event/pg.js';
import type { DecodeName } from '../postgres/encoding.js';
import {
  ROW_ABORTED,
  ROW_DELETED,
  ROW_LIVE,
  ROW_UNCOMMITTED_DELETED,
  ROW_UNKNOWN,
  type RowVerdict,
} from '../postgres/visibility.js';
import { committed, isGone, isUncommitted, ownerOfToast, wasBrief, withOid } from './catalog-claims.js';
import type { LinkCatalog } from './catalog-links.js';
import { NO_ROW, type Relations } from './catalog-relations.js';
import type { NamedRelation } from './names.js';

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
const TABLE = code('r');
const INDEX = code('i');
const PARTITIONED_INDEX = code('I');
const SEQUENCE = code('S');
const TOAST = code('t');

/** What REINDEX CONCURRENTLY calls the index that it builds (src/backend/commands/indexcmds.c, 12). */
const BUILT_CONCURRENTLY = /^(.+)_ccnew\d*$/s;

/** A database's catalogs as they are now. */
export interface NamingCatalogs {
  readonly relations: Relations;
  readonly namespaces: ReadonlyMap<number, string>;
  readonly indexes: LinkCatalog;
  readonly parents: LinkCatalog | null;
  /** Read when it is first asked for; null where it cannot be. */
  readonly owners: () => LinkCatalog | null;
  readonly decode: DecodeName;
}

/** The relation of a row of pg_class, or the reason why it has no name. */
export function nameRow(catalogs: NamingCatalogs, row: number): NamedRelation | string {
  const { relations, namespaces } = catalogs;
  if (relations.verdict[row] === ROW_UNKNOWN) return 'the transaction that made it is not in pg_xact';
  if (relations.incomplete && relations.verdict[row] !== ROW_LIVE)
    return 'its row may be on a page of pg_class that is broken';
  const replaced = rewritten(catalogs, row);
  const shown = replaced >= 0 ? replaced : row;
  const schema = namespaces.get(relations.namespace[shown]!);
  if (schema === undefined) return 'its schema is not in pg_namespace';
  const named: NamedRelation = {
    oid: relations.oid[shown]!,
    schema,
    name: plainName(catalogs, shown),
    relkind: RELKIND[String.fromCharCode(relations.kind[shown]!)]!,
  };
  const table = tableOf(catalogs, shown);
  if (table !== undefined) named.table = table;
  const parent = parentOf(catalogs, shown);
  if (parent !== undefined) named.parent = parent;
  if (isUncommitted(relations, row)) named.uncommitted = true;
  if (isGone(relations, row)) named.dropped = true;
  const rewriteOf =
    replaced >= 0 && named.uncommitted ? qualified(catalogs, replaced, row) : rewriteTarget(catalogs, row);
  if (rewriteOf !== undefined) named.rewriteOf = rewriteOf;
  return named;
}

/** `schema.name` of a relation that belongs to the row's; undefined where it has none that is known. */
function qualified(catalogs: NamingCatalogs, other: number, row: number): string | undefined {
  const { relations, namespaces, decode } = catalogs;
  if (!counts(catalogs, other, row)) return undefined;
  const schema = namespaces.get(relations.namespace[other]!);
  return schema === undefined ? undefined : qualifiedName(schema, decode(relations.name(other)));
}

/** Whether a relation can belong to the row's: what was rolled back to nothing but to what was rolled back with it. */
function counts({ relations }: NamingCatalogs, other: number, row: number): boolean {
  if (other < 0) return false;
  const verdict = relations.verdict[other]!;
  return verdict < ROW_UNKNOWN || (verdict === ROW_ABORTED && relations.verdict[row] === ROW_ABORTED);
}

/**
 * The relation that takes over the file of this one: make_new_heap() makes a table in the same schema, which is filled,
 * changes files with it and is dropped, all in one transaction (src/backend/commands/cluster.c). So what it has in the
 * end is the other's old file. -1 where this is none such.
 */
function rewritten(catalogs: NamingCatalogs, row: number): number {
  const { relations } = catalogs;
  const oid = relations.rewrite[row]!;
  if (oid === 0 || relations.kind[row] !== TABLE) return -1;
  if (!isUncommitted(relations, row) && !wasBrief(relations, row)) return -1;
  const target = withOid(relations, oid);
  return counts(catalogs, target, row) && wasBeside(relations, oid, row) ? target : -1;
}

/** Whether a version of the relation `oid` is in the row's schema: another may move it to one, or away again. */
function wasBeside({ byOid, namespace, temporary, verdict }: Relations, oid: number, row: number): boolean {
  for (let other = byOid.first(oid); other >= 0; other = byOid.next(other)) {
    if (verdict[other] === NO_ROW || verdict[other] === ROW_UNKNOWN) continue;
    if (namespace[other] === namespace[row] && temporary[other] === temporary[row]) return true;
  }
  return false;
}

/** What a row's new file replaces: an older file of the same relation, a TOAST table, an index that is built anew. */
function rewriteTarget(catalogs: NamingCatalogs, row: number): string | undefined {
  const { relations } = catalogs;
  if (!isUncommitted(relations, row)) return builtConcurrently(catalogs, row);
  const before = committed(relations, row);
  if (before >= 0)
    return relations.filenode[before] === relations.filenode[row]
      ? undefined
      : qualified(catalogs, before, row);
  const toast = toastOf(catalogs, row);
  const heap = toast < 0 ? -1 : heapOfToast(catalogs, toast);
  const old = heap < 0 ? -1 : committed(relations, heap);
  const replaced = old < 0 ? -1 : withOid(relations, relations.toast[old]!);
  if (replaced < 0 || relations.oid[replaced] === relations.oid[toast]) return undefined;
  const name = qualified(catalogs, replaced, row);
  return name === undefined || toast === row ? name : `${name}_index`;
}

/** The valid index in whose place REINDEX CONCURRENTLY builds this one. */
function builtConcurrently(catalogs: NamingCatalogs, row: number): string | undefined {
  const { relations, indexes, namespaces, decode } = catalogs;
  if (relations.kind[row] !== INDEX || relations.verdict[row] !== ROW_LIVE) return undefined;
  const base = BUILT_CONCURRENTLY.exec(decode(relations.name(row)))?.[1];
  const oid = relations.oid[row]!;
  if (base === undefined || indexes.order(oid) !== 1) return undefined;
  const namespace = relations.namespace[row]!;
  const table = indexes.target(oid);
  for (const index of indexes.sources(table)) {
    const other = withOid(relations, index);
    if (other < 0 || relations.verdict[other] !== ROW_LIVE || relations.namespace[other] !== namespace)
      continue;
    if (decode(relations.name(other)) === base) return qualifiedName(namespaces.get(namespace)!, base);
  }
  return undefined;
}

/**
 * relname; of a TOAST table that a rewrite makes, and of its index, the one that finish_heap_swap() gives it in the end:
 * by the OID of the table whose it is then.
 */
function plainName(catalogs: NamingCatalogs, row: number): string {
  const { relations, decode } = catalogs;
  const name = decode(relations.name(row));
  const toast = toastOf(catalogs, row);
  const owner = toast < 0 ? -1 : ownerOfToast(relations, relations.oid[toast]!);
  if (!counts(catalogs, owner, row)) return name;
  const replaced = rewritten(catalogs, owner);
  const heap = replaced < 0 && isNew(catalogs, toast) ? owner : replaced;
  const match = /^pg_toast_\d+(_index)?$/.exec(name);
  return heap < 0 || match === null ? name : `pg_toast_${relations.oid[heap]}${match[1] ?? ''}`;
}

/** Nobody but the transaction that makes it knows it. */
function isNew({ relations }: NamingCatalogs, row: number): boolean {
  return isUncommitted(relations, row) && committed(relations, row) < 0;
}

/** The TOAST table that this is, or is the index of; -1 where it is neither. */
function toastOf(catalogs: NamingCatalogs, row: number): number {
  const { relations } = catalogs;
  if (relations.kind[row] === TOAST) return row;
  if (relations.kind[row] !== INDEX) return -1;
  const table = indexed(catalogs, row);
  return table >= 0 && relations.kind[table] === TOAST ? table : -1;
}

/** The table that an index is of; -1 where that is not known. */
function indexed({ relations, indexes }: NamingCatalogs, row: number): number {
  const least = relations.verdict[row] === ROW_ABORTED ? ROW_ABORTED : ROW_DELETED;
  return withOid(relations, indexes.target(relations.oid[row]!, least));
}

/** The table whose values a TOAST table holds, or will hold when a rewrite is done. */
function heapOfToast(catalogs: NamingCatalogs, toast: number): number {
  const owner = ownerOfToast(catalogs.relations, catalogs.relations.oid[toast]!);
  const heap = owner < 0 ? -1 : rewritten(catalogs, owner);
  return heap >= 0 ? heap : owner;
}

function tableOf(catalogs: NamingCatalogs, row: number): string | undefined {
  const { relations } = catalogs;
  switch (relations.kind[row]) {
    case INDEX:
    case PARTITIONED_INDEX:
    case TOAST: {
      const toast = toastOf(catalogs, row);
      if (toast >= 0) return qualified(catalogs, heapOfToast(catalogs, toast), row);
      return qualified(catalogs, indexed(catalogs, row), row);
    }
    case SEQUENCE:
      return qualified(
        catalogs,
        withOid(relations, catalogs.owners()?.target(relations.oid[row]!, worst(catalogs, row)) ?? 0),
        row,
      );
    default:
      return undefined;
  }
}

function parentOf(catalogs: NamingCatalogs, row: number): string | undefined {
  const { relations, parents } = catalogs;
  const oid = parents?.target(relations.oid[row]!, worst(catalogs, row)) ?? 0;
  return oid === 0 ? undefined : qualified(catalogs, withOid(relations, oid), row);
}

/** What a link may be worth to hold for this row: of a table that is there one that is being made, or was cut, does not. */
function worst({ relations }: NamingCatalogs, row: number): RowVerdict {
  if (relations.verdict[row] === ROW_ABORTED) return ROW_ABORTED;
  if (isGone(relations, row)) return ROW_DELETED;
  return isUncommitted(relations, row) ? ROW_UNCOMMITTED_DELETED : ROW_LIVE;
}

function code(letter: string): number {
  return letter.charCodeAt(0);
}
