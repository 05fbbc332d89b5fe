/** A file that events touch, with what is said of it made ready: text and objects that only want their numbers. */
import type { Pg, PgRelation } from '../event/pg.js';
import { describe } from './describe.js';
import type { ClusterFiles } from './files.js';
import type { Located } from './locate.js';
import type { Names } from './names.js';
import { refreshSize, type Size, UNSEGMENTED } from './sizes.js';
import { slruPages } from './slru.js';
import { formatLsn } from './walpath.js';

/** What resolving needs of an open data directory. */
export interface ClusterView {
  names: Names;
  /**
   * Whether the catalogs may say something else than when they were read last, a look at what came since; null where
   * nothing tells that.
   */
  news: () => boolean | null;
  /** Reads the catalogs again. @throws Failure; then the names stay as they are. */
  reload: () => void;
  /** What of the catalogs could not be read, in words; null where all could. */
  damage: () => string | null;
  files: ClusterFiles;
  /** PG_VERSION. */
  major: number;
  /** Bytes of a block, in relations and SLRUs. */
  blockSize: number;
  /** Blocks of a relation's full segment. */
  segmentBlocks: number;
  /** Bytes, a power of two up to 1 GB. */
  walSegmentSize: number;
  /** `PG_<major>_<catalog version>`, the folder below a tablespace's location. */
  versionFolder: string;
}

/** How many events had a reason for which something of them is not known. */
export interface Counter {
  events: number;
}

export interface Target {
  readonly located: Located;
  /** Which generation of Places it was located in. */
  readonly generation: number;
  /** The tick in which what is said of it was asked for last. */
  tick: number;
  /** As `tick`, but more often: for what has no name yet. */
  quick: number;
  /** The reading of the catalogs as of which it was asked for last, and the edition that its database had in it. */
  reading: number;
  edition: number;
  /** It is a catalog that gives names, or a relation map. */
  isCatalog: boolean;
  /** JSON up to the keys that change with each call, and from there on. */
  head: string;
  tail: string;
  reason: string | null;
  counter: Counter | null;
  /** Of a fork, or a temporary file. */
  size: Size | null;
  /** The block that the file begins with: of a segment, a page of an SLRU. Null where bytes are no blocks. */
  base: number | null;
  /** Of an SLRU: how many ids a page holds; 0 where that is not told. */
  perPage: number;
  /** Of WAL: the two halves of the LSN that the file begins with; null where it has none. */
  lsn: { high: number; low: number } | null;
  /** Objects for events that stay objects, made of the texts when first asked for. */
  whole: Pg | null;
  plain: Pg | null;
  plainTotal: number;
}

/** pg_class.oid of pg_tablespace, pg_class, pg_database, pg_index, pg_inherits and pg_namespace. */
const CATALOGS: ReadonlySet<number> = new Set([1213, 1259, 1262, 2610, 2611, 2615]);
const FOREIGN_VERSION = 'tablespace folder of another version';

/** @param size makes the Size of a fork, the same for all its segments. */
export function createTarget(
  located: Located,
  generation: number,
  cluster: ClusterView | null,
  size: (first: string, segmentBlocks: number) => Size,
): Target {
  const { file } = located;
  const known = cluster !== null && located.reason === null;
  const target: Target = {
    located: known ? ofVersion(located, cluster) : located,
    generation,
    tick: -1,
    quick: -1,
    reading: -1,
    edition: -1,
    isCatalog: file.kind === 'relmap',
    head: '',
    tail: '',
    reason: null,
    counter: null,
    size: null,
    base: null,
    perPage: 0,
    lsn: null,
    whole: null,
    plain: null,
    plainTotal: -1,
  };
  if (!known || target.located.reason !== null) return target;
  switch (file.kind) {
    case 'relation':
      target.base = file.segment * cluster.segmentBlocks;
      target.size = size(file.first, cluster.segmentBlocks);
      break;
    case 'temp':
      target.base = 0;
      target.size = size(file.file, UNSEGMENTED);
      break;
    case 'wal':
      target.lsn = firstLsn(file.segno, cluster.walSegmentSize);
      break;
    case 'xact':
    case 'multixact':
    case 'subtrans':
    case 'commit_ts':
    case 'notify':
    case 'serial': {
      const pages = slruPages(file, cluster.blockSize, cluster.major);
      target.base = pages.first;
      target.perPage = pages.ids;
    }
  }
  return target;
}

/** Asks again for what may have changed: names, and sizes. */
export function refreshTarget(
  target: Target,
  cluster: ClusterView | null,
  tick: number,
  counter: (reason: string) => Counter,
  databaseOf: (pid: number) => string | undefined,
): void {
  target.tick = tick;
  if (target.size !== null && cluster !== null) refreshSize(target.size, cluster.files, cluster.blockSize);
  const { before, after, reason } = describe(target.located, cluster?.names ?? null, databaseOf);
  const head = JSON.stringify(before).slice(0, -1);
  const rest = JSON.stringify(after);
  const tail = rest === '{}' ? '}' : `,${rest.slice(1)}`;
  if (head === target.head && tail === target.tail) return;
  if (target.located.file.kind === 'relation')
    target.isCatalog = CATALOGS.has((after as Partial<PgRelation>).oid ?? 0);
  target.head = head;
  target.tail = tail;
  target.reason = reason;
  target.counter = reason === null ? null : counter(reason);
  target.whole = null;
  target.plain = null;
}

function ofVersion(located: Located, { versionFolder }: ClusterView): Located {
  const { file } = located;
  const path = file.kind === 'relation' ? file.first : file.kind === 'temp' ? file.file : '';
  if (!path.startsWith('pg_tblspc/') || path.split('/', 3)[2] === versionFolder) return located;
  return { file, reason: FOREIGN_VERSION };
}

/** XLogSegNoOffsetToRecPtr() of src/include/access/xlog_internal.h. */
function firstLsn(
  segno: { high: number; low: number } | null,
  walSegmentSize: number,
): { high: number; low: number } | null {
  if (segno === null || segno.low >= 2 ** 32 / walSegmentSize) return null;
  return { high: segno.high, low: segno.low * walSegmentSize };
}

/** The LSN `offset` bytes into a file. */
export function lsnAt(lsn: { high: number; low: number }, offset: number): string {
  const low = lsn.low + offset;
  return low < 2 ** 32 ? formatLsn(lsn.high, low) : formatLsn(lsn.high + 1, low - 2 ** 32);
}
