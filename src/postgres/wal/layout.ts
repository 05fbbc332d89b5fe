/**
 * What differs in the WAL between PostgreSQL versions, one row a version, resolved once and passed down.
 *
 * - magic: XLOG_PAGE_MAGIC, src/include/access/xlog_internal.h; with the other numbers of a version.
 * - image bits: BKPIMAGE_*, src/include/access/xlogrecord.h; renumbered in 15, when the compression method
 *   became one bit each.
 * - prune: the records that heap pruning, vacuum and freezing leave, src/include/access/heapam_xlog.h:
 *   `clean` (CLEAN, FREEZE_PAGE), `vacuum` (14: PRUNE, VACUUM, FREEZE_PAGE), `plans` (16: FREEZE_PAGE with
 *   deduplicated plans), `combined` (17: one PRUNE record with sub-records).
 * - keepsOrder: whether defragmenting a page leaves the tuples in the order they were in (up to 13), or puts
 *   them in that of their line pointers (compactify_tuples, src/backend/storage/page/bufpage.c).
 * - truncatesLines: whether defragmenting a page also drops unused line pointers at its end
 *   (PageRepairFragmentation, the same file).
 * - oldestActiveXidAt: where CheckPoint (src/include/catalog/pg_control.h) keeps it; nextXid became 64 bits in 12.
 * - databaseWalLog: XLOG_DBASE_* of src/include/commands/dbcommands_xlog.h, renumbered in 15, where CREATE
 *   DATABASE can write its copy into the WAL (`wal_log`) or not (`file_copy`).
 * - dropLists: since 13 the drop of a database lists the tablespaces.
 */
import { VERSIONS } from '../layout/versions.js';

export type PruneForm = 'clean' | 'vacuum' | 'plans' | 'combined';

export interface WalLayout {
  readonly version: number;
  readonly magic: number;
  readonly imageApply: number;
  readonly imagePglz: number;
  readonly imageLz4: number;
  readonly imageZstd: number;
  readonly prune: PruneForm;
  readonly keepsOrder: boolean;
  readonly truncatesLines: boolean;
  readonly oldestActiveXidAt: number;
  readonly databaseWalLog: boolean;
  readonly dropLists: boolean;
  /** Bytes of one item of a commit's list of dropped statistics; 0 where there is no such list. */
  readonly droppedStatSize: number;
}

type Row = Omit<WalLayout, 'magic'>;

const V10: Row = {
  version: 10,
  imageApply: 0x04,
  imagePglz: 0x02,
  imageLz4: 0,
  imageZstd: 0,
  prune: 'clean',
  keepsOrder: true,
  truncatesLines: false,
  oldestActiveXidAt: 72,
  databaseWalLog: false,
  dropLists: false,
  droppedStatSize: 0,
};
const V11: Row = { ...V10, version: 11 };
const V12: Row = { ...V11, version: 12, oldestActiveXidAt: 80 };
const V13: Row = { ...V12, version: 13, dropLists: true };
const V14: Row = { ...V13, version: 14, prune: 'vacuum', keepsOrder: false };
const V15: Row = {
  ...V14,
  version: 15,
  truncatesLines: true,
  imageApply: 0x02,
  imagePglz: 0x04,
  imageLz4: 0x08,
  imageZstd: 0x10,
  databaseWalLog: true,
  droppedStatSize: 12,
};
const V16: Row = { ...V15, version: 16, prune: 'plans' };
const V17: Row = { ...V16, version: 17, prune: 'combined' };
const V18: Row = { ...V17, version: 18, droppedStatSize: 16 };

const ROWS: readonly Row[] = [V10, V11, V12, V13, V14, V15, V16, V17, V18];

/**
 * The layout of a major version. No newer one is guessed: the magic of a page is of one version only, so WAL
 * of an unknown version is not read at all. Undefined where there is none.
 */
export function walLayout(version: number): WalLayout | undefined {
  const row = ROWS.find((candidate) => candidate.version === version);
  const numbers = VERSIONS.find(({ major }) => major === version);
  return row && numbers && { ...row, magic: numbers.walMagic };
}
