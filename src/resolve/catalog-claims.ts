/** Which of pg_class's row versions counts: of a relation's own, and of those that claim a file. */
import {
  ROW_ABORTED,
  ROW_DELETED,
  ROW_LIVE,
  ROW_REPLACED,
  ROW_UNCOMMITTED,
  ROW_UNCOMMITTED_DELETED,
} from '../postgres/visibility.js';
import { xidPrecedes } from '../postgres/xid.js';
import type { RowIndex } from './catalog-index.js';
import { NO_ROW, type Relations } from './catalog-relations.js';

/** What withFile() found: a row, or why there is none. */
export const NO_FILE = -1;
export const FILE_DISPUTED = -2;

/** The best version of the relation with that OID; -1 where there is none. */
export function withOid(relations: Relations, oid: number): number {
  return best(relations, relations.byOid, oid);
}

/** The relation that has this TOAST table. */
export function ownerOfToast(relations: Relations, oid: number): number {
  return best(relations, relations.byToast, oid);
}

/** The version of the relation that is committed, while the given one is not; -1 where there is none. */
export function committed(relations: Relations, row: number): number {
  const { byOid, oid, verdict } = relations;
  let found = -1;
  for (let other = byOid.first(oid[row]!); other >= 0; other = byOid.next(other))
    if (verdict[other] === ROW_LIVE && (found < 0 || isBetter(relations, other, found))) found = other;
  return found;
}

/** The relation whose file it is; a temporary one only where `temporary` accepts its namespace. */
export function withFile(
  relations: Relations,
  tablespace: number,
  filenode: number,
  temporary?: (namespace: number) => boolean,
): number {
  const { byFilenode, verdict } = relations;
  const stored = relations.stored(tablespace);
  let found = NO_FILE;
  let disputed = false;
  for (let row = byFilenode.first(filenode); row >= 0; row = byFilenode.next(row)) {
    if (relations.tablespace[row] !== stored || verdict[row] === NO_ROW) continue;
    const right =
      temporary === undefined
        ? relations.temporary[row] === 0
        : relations.temporary[row] === 1 && temporary(relations.namespace[row]!);
    if (!right) continue;
    if (found < 0) {
      found = row;
      continue;
    }
    const difference = claim(relations, row) - claim(relations, found);
    // Two relations that both live and have it: nobody can tell whose it is.
    disputed = difference === 0 ? disputed || areRivals(relations, row, found) : difference > 0 && disputed;
    if (difference < 0 || (difference === 0 && isLater(relations, row, found))) found = row;
  }
  return disputed ? FILE_DISPUTED : found;
}

/**
 * Whether the row's file is none any more: the relation was dropped, its making was rolled back, or it has another file
 * in a later version. A row that was replaced by one that is not on disk yet does not tell.
 */
export function isGone(relations: Relations, row: number): boolean {
  const { oid, filenode, verdict } = relations;
  if (verdictOf(relations, row) !== ROW_REPLACED)
    return verdict[row] === ROW_DELETED || verdict[row] === ROW_ABORTED;
  const last = withOid(relations, oid[row]!);
  return verdict[last] === ROW_DELETED || filenode[last] !== filenode[row];
}

/** Its transaction has not committed: it is open, or was rolled back. */
export function isUncommitted({ verdict }: Relations, row: number): boolean {
  return (
    verdict[row] === ROW_UNCOMMITTED ||
    verdict[row] === ROW_UNCOMMITTED_DELETED ||
    verdict[row] === ROW_ABORTED
  );
}

/** The transaction that made it has deleted or replaced it itself, and committed. */
export function wasBrief({ brief, verdict }: Relations, row: number): boolean {
  return brief[row] === 1 && rank(verdict[row]!) === ROW_DELETED;
}

function best(relations: Relations, index: RowIndex, key: number): number {
  let found = -1;
  for (let row = index.first(key); row >= 0; row = index.next(row))
    if (relations.verdict[row] !== NO_ROW && (found < 0 || isBetter(relations, row, found))) found = row;
  return found;
}

/** Whether `row` counts and not `other`, a version of the same relation. */
function isBetter(relations: Relations, row: number, other: number): boolean {
  const difference = rank(relations.verdict[row]!) - rank(relations.verdict[other]!);
  return difference === 0 ? isLater(relations, row, other) : difference < 0;
}

/** Of the versions that one transaction made, the one that no other follows. */
function isLater({ xmin, replaced }: Relations, row: number, other: number): boolean {
  if (xmin[row] === xmin[other]) return replaced[row]! < replaced[other]!;
  return xidPrecedes(xmin[other]!, xmin[row]!);
}

/**
 * A page on disk may be older than another: a version still looks live although the one that replaced it has been
 * written. Then the earlier is a replaced one.
 */
function verdictOf(relations: Relations, row: number): number {
  const verdict = relations.verdict[row]!;
  return verdict === ROW_LIVE && withOid(relations, relations.oid[row]!) !== row ? ROW_REPLACED : verdict;
}

/**
 * How good a row's right to its file's name is, 0 the best. The table that a rewrite makes and then drops has less, and
 * what only the transaction that made it ever saw: so it is with the rest of what a rewrite makes.
 */
function claim(relations: Relations, row: number): number {
  const { rewrite, brief } = relations;
  return rank(verdictOf(relations, row)) * 4 + (rewrite[row] === 0 ? 0 : 2) + brief[row]!;
}

function areRivals(relations: Relations, row: number, other: number): boolean {
  return verdictOf(relations, row) === ROW_LIVE && relations.oid[row] !== relations.oid[other];
}

/** Of the versions that a committed transaction ended the later counts, however it ended. */
function rank(verdict: number): number {
  return verdict === ROW_REPLACED ? ROW_DELETED : verdict;
}
