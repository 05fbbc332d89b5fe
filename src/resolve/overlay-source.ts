/** CatalogSource that knows the WAL: its pages, maps and transactions come before those of the files. */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import { FormatError } from '../postgres/format-error.js';
import { pageChecksum } from '../postgres/page-checksum.js';
import { decodeRelationMap, type RelationMap } from '../postgres/relmap.js';
import type { WalFollower } from '../postgres/wal/follower.js';
import type { RelationOverlay } from '../postgres/wal/page-overlay.js';
import { OverlaidTransactionLog } from '../postgres/wal/transactions.js';
import type { Cluster } from './cluster.js';
import { ClusterFileError } from './files.js';

const PD_CHECKSUM = 8;
/** Bytes that no page has in its header. */
const NO_PAGE = 0xff;

/**
 * @param current the follower as of now
 * @param beforeRead is told of each relation before it is read, and may replace the follower
 * @param asked the follower whose changes a relation was read with last, kept from one source to the next
 * @param news as CatalogSource.news()
 */
export function overlaidSource(
  cluster: Cluster,
  base: CatalogSource,
  current: () => WalFollower,
  beforeRead: (file: RelationFile) => void,
  asked: Map<string, WalFollower>,
  news: (database: number) => number,
): CatalogSource {
  const { blockSize, checksums, nextXid } = cluster.control;

  function overlayOf({ tablespace, database, filenode }: RelationFile): RelationOverlay | undefined {
    return current().pages.relation(tablespace, database, filenode);
  }

  return {
    transactions: new OverlaidTransactionLog(
      base.transactions,
      () => current().transactions,
      Number(nextXid & 0xffffffffn),
    ),
    map(tablespace, database) {
      const bytes = current().maps.get(database);
      return bytes === undefined ? base.map(tablespace, database) : decodeMap(bytes, database);
    },
    news,
    blocks(file) {
      beforeRead(file);
      const overlay = overlayOf(file);
      if (overlay === undefined) return base.blocks(file);
      return overlay.truncated > 0 ? overlay.blocks : Math.max(overlay.blocks, base.blocks(file));
    },
    changes(file) {
      beforeRead(file);
      const key = `${file.tablespace}/${file.database}/${file.filenode}`;
      const changed = overlayOf(file)?.takeChanges() ?? [];
      const known = asked.get(key) === current();
      asked.set(key, current());
      return known ? changed : null;
    },
    earlier(file) {
      beforeRead(file);
      const overlay = overlayOf(file);
      const pages = overlay === undefined ? [] : current().pages.takeEarlier(overlay);
      for (const { block, bytes } of pages) seal(bytes, 0, block);
      return pages;
    },
    read(file, block, count) {
      beforeRead(file);
      const overlay = overlayOf(file);
      if (overlay === undefined) return base.read(file, block, count);
      const stored = block < base.blocks(file) ? base.read(file, block, count) : new Uint8Array(0);
      if (stored.length === 0) return block < overlay.blocks ? page(overlay, block) : stored;
      return overlay.pages.size === 0 && overlay.unreadable.size === 0
        ? stored
        : patch(overlay, block, stored);
    },
  };

  /** The page by the WAL; an empty one where nothing is known of it. */
  function page(overlay: RelationOverlay, block: number): Uint8Array {
    const bytes = new Uint8Array(blockSize);
    put(overlay, block, bytes, 0);
    return bytes;
  }

  /** A copy of the stored pages, from `first` on, with those of the WAL in their places. */
  function patch(overlay: RelationOverlay, first: number, stored: Uint8Array): Uint8Array {
    const blocks = Math.ceil(stored.length / blockSize);
    const bytes = new Uint8Array(blocks * blockSize);
    bytes.set(stored);
    for (let index = 0; index < blocks; index += 1) put(overlay, first + index, bytes, index * blockSize);
    const cut = stored.length < bytes.length && !overlay.pages.has(first + blocks - 1);
    return cut ? bytes.subarray(0, stored.length) : bytes;
  }

  function put(overlay: RelationOverlay, block: number, bytes: Uint8Array, at: number): void {
    const known = overlay.pages.get(block);
    if (known === undefined) {
      // What a page was before a record that could not be applied is no proof of what it is. It is none then, since
      // an empty one would say that its rows are gone.
      if (overlay.unreadable.has(block)) bytes.fill(NO_PAGE, at, at + blockSize);
      return;
    }
    bytes.set(known.bytes, at);
    seal(bytes, at, block);
  }

  /** Gives the page its checksum. */
  function seal(bytes: Uint8Array, at: number, block: number): void {
    if (!checksums) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (view.getUint16(at + 14, true) === 0) return;
    view.setUint16(at + PD_CHECKSUM, pageChecksum(view, at, blockSize, block), true);
  }
}

function decodeMap(bytes: Uint8Array, database: number): RelationMap {
  try {
    return decodeRelationMap(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ClusterFileError(`relation map of database ${database} in the WAL`, error.message);
  }
}
