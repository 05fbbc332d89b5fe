/**
 * The catalogs as the WAL leaves them: what a server has done and no checkpoint has written yet. Every source
 * that is made here follows the WAL up to its end first, from where the one before it stopped.
 */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import { DEFAULT_TABLESPACE, GLOBAL_TABLESPACE } from '../postgres/catalog-source.js';
import { FormatError } from '../postgres/format-error.js';
import { pageDamage } from '../postgres/page.js';
import { decodeRelationMap, type RelationMap } from '../postgres/relmap.js';
import { WalFollower } from '../postgres/wal/follower.js';
import { walLayout } from '../postgres/wal/layout.js';
import { formatLsn, type Lsn } from '../postgres/wal/lsn.js';
import { FAR_ENOUGH, type WalEnd } from '../postgres/wal/reader.js';
import { catalogFiles } from './catalog-files.js';
import type { Cluster } from './cluster.js';
import { ClusterFileError } from './files.js';
import { overlaidSource } from './overlay-source.js';
import { type ReplayStart, replayStart, walFiles } from './overlay-start.js';

/**
 * pg_class.oid of the catalogs that give names (pg_tablespace, pg_class, pg_database, pg_depend, pg_index, pg_inherits,
 * pg_namespace): one that was never rewritten has it as its filenode. What else is asked for is learnt then.
 */
const CATALOGS = new Set([1213, 1259, 1262, 2608, 2610, 2611, 2615]);
/** How much WAL is read at once when it goes on, so that nobody waits for long: an eighth of a second. */
const MOST_AT_ONCE = 64 << 20;
/** A page of a running server that is just being written is whole a moment later. */
const REREADS = 5;

/** Filenodes of catalogs that were rewritten, by database. */
type Rewritten = ReadonlyMap<number, ReadonlySet<number>>;

export interface CatalogOverlay {
  /** As ClusterView.news(): whether what came by the WAL since the last source may change what the catalogs say. */
  news(): boolean | null;
  /** The catalogs of a cluster, as of now. The cluster is always the same, opened anew. */
  source(cluster: Cluster): CatalogSource;
  /**
   * These are catalogs' files, too. One that is met only while a source reads it costs a reading of all the WAL from
   * the beginning on; so do these together, with the next source, if there is any news among them.
   */
  expect(files: Iterable<RelationFile>): void;
  /** What of the WAL could not be read, in words; null where all could. */
  trouble(): string | null;
}

interface Following {
  follower: WalFollower;
  start: ReplayStart;
  end: WalEnd;
  /** Which catalogs it follows, beside those that were never rewritten. */
  followed: Rewritten;
}

export function createOverlay(): CatalogOverlay {
  const rewritten = new Map<number, Set<number>>();
  const asked = new Map<string, WalFollower>();
  let following: Following | null = null;
  /** The news of those that were followed before, so that the sum only grows; and all that the last source knew. */
  let past = 0;
  let told = 0;
  let trouble: string | null = null;

  /** Whether that is news. */
  function learn(database: number, filenode: number): boolean {
    if (isCatalog(rewritten, database, filenode)) return false;
    const known = rewritten.get(database);
    if (known === undefined) rewritten.set(database, new Set([filenode]));
    else known.add(filenode);
    return true;
  }

  /** What the maps on disk say already, so that the WAL need not be read again for it. */
  function learnMaps({ files }: Cluster, base: CatalogSource): void {
    const databases = files.list('base').filter((name) => /^[1-9]\d{0,9}$/.test(name));
    for (const database of [0, ...databases.map(Number)]) {
      const tablespace = database === 0 ? GLOBAL_TABLESPACE : DEFAULT_TABLESPACE;
      try {
        for (const [oid, filenode] of base.map(tablespace, database))
          if (CATALOGS.has(oid)) learn(database, filenode);
      } catch (error) {
        if (!(error instanceof ClusterFileError)) throw error;
      }
    }
  }

  /** From the replay's beginning, with all that is known to be a catalog by now. */
  function begin(cluster: Cluster, base: CatalogSource, start: ReplayStart): Following | null {
    const layout = walLayout(cluster.major);
    if (layout === undefined) {
      trouble = `the WAL of PostgreSQL ${cluster.major} is not known`;
      return null;
    }
    const { blockSize, walBlockSize: pageSize, walSegmentSize: segmentSize } = cluster.control;
    const followed = new Map(
      Array.from(rewritten, ([database, filenodes]) => [database, new Set(filenodes)]),
    );
    const follower = new WalFollower({
      geometry: { layout, blockSize, pageSize, segmentSize },
      files: walFiles(cluster.files),
      timeline: start.timeline,
      redo: start.lsn,
      interest: (_, database, filenode) => isCatalog(followed, database, filenode),
      base: (tablespace, database, filenode, block) =>
        basePage(cluster, base, { tablespace, database, filenode }, block),
    });
    const end = followToEnd(follower);
    // Maps that are in the WAL only lead to catalogs whose WAL was passed over.
    return learnLoggedMaps(follower) ? begin(cluster, base, start) : { follower, start, end, followed };
  }

  function learnLoggedMaps({ maps }: WalFollower): boolean {
    let news = false;
    for (const [database, bytes] of maps) {
      for (const [oid, filenode] of entriesOf(bytes))
        if (CATALOGS.has(oid) && learn(database, filenode)) news = true;
    }
    return news;
  }

  function note({ follower, start, end }: Following): void {
    trouble = null;
    if (end.goesOn) trouble = `the WAL is damaged at ${formatLsn(end.lsn)}: ${end.reason}`;
    else if (end.lsn === start.lsn && !start.clean)
      trouble = `the WAL from ${formatLsn(start.lsn)} on is not there`;
    else if (follower.failures > 0)
      trouble = `${follower.failures} WAL records do not fit the catalogs' pages`;
  }

  /** All of it is to be read again: another follower begins. */
  function abandon(): void {
    past += (following?.follower.news.total ?? 0) + 1;
    following = null;
  }

  return {
    news() {
      if (following === null) return null;
      following.end = followOn(following.follower);
      return past + following.follower.news.total !== told;
    },
    trouble: () => trouble,
    expect(files) {
      for (const { database, filenode } of files) if (learn(database, filenode)) abandon();
    },
    source(cluster) {
      const base = catalogFiles(cluster);
      const start = replayStart(cluster);
      if (following === null) learnMaps(cluster, base);
      if (following !== null) {
        following.end = followOn(following.follower);
        // What it stopped at may have been recycled: then the last checkpoint has written what it did.
        if (following.end.reason !== FAR_ENOUGH && following.end.lsn < start.lsn) abandon();
        else following.follower.forget(start.lsn);
      }
      following ??= begin(cluster, base, start);
      if (following === null) return base;
      note(following);
      told = past + following.follower.news.total;
      return overlaidSource(
        cluster,
        base,
        () => following!.follower,
        // Of a catalog that was rewritten since, the WAL was passed over up to now.
        ({ database, filenode }) => {
          if (isCatalog(following!.followed, database, filenode)) return;
          learn(database, filenode);
          abandon();
          following = begin(cluster, base, start);
          note(following!);
        },
        asked,
        (database) => past + following!.follower.news.of(database),
      );
    },
  };
}

/** None where the map is broken, which is told when it is used. */
function entriesOf(bytes: Uint8Array): RelationMap {
  try {
    return decodeRelationMap(bytes);
  } catch (error) {
    if (error instanceof FormatError) return new Map();
    throw error;
  }
}

function isCatalog(rewritten: Rewritten, database: number, filenode: number): boolean {
  return CATALOGS.has(filenode) || rewritten.get(database)?.has(filenode) === true;
}

function followOn(follower: WalFollower): WalEnd {
  return followToEnd(follower, follower.position + MOST_AT_ONCE);
}

/** Pages that a server is just writing can look like damage in the middle of the WAL; then it is read again. */
function followToEnd(follower: WalFollower, until?: Lsn): WalEnd {
  let end = follower.follow(until);
  for (let attempt = 0; attempt < REREADS && end.goesOn; attempt += 1) end = follower.follow(until);
  return end;
}

/** The page on disk; null where there is none, or none that is whole. */
function basePage(
  { control: { blockSize, checksums } }: Cluster,
  base: CatalogSource,
  file: RelationFile,
  block: number,
): Uint8Array | null {
  for (let attempt = 0; attempt <= REREADS; attempt += 1) {
    try {
      const page = base.read(file, block, 1);
      if (page.length !== blockSize) return null;
      const view = new DataView(page.buffer, page.byteOffset, page.length);
      if (pageDamage(view, 0, blockSize, block, checksums) === null) return page;
    } catch (error) {
      if (error instanceof ClusterFileError) return null;
      throw error;
    }
  }
  return null;
}
