/** CatalogSource over a cluster's files. */
import type { CatalogSource, RelationFile } from '../postgres/catalog-source.js';
import { FormatError } from '../postgres/format-error.js';
import { decodeRelationMap, type RelationMap } from '../postgres/relmap.js';
import type { SlruDirectory, SlruPages } from '../postgres/transaction-log.js';
import { SlruTransactionLog } from '../postgres/transaction-log.js';
import type { Cluster } from './cluster.js';
import { mapPath, segmentPath } from './directory.js';
import { ClusterFileError } from './files.js';
import { settle } from './settle.js';

/** SLRU_PAGES_PER_SEGMENT (src/include/access/slru.h). */
const SLRU_SEGMENT_PAGES = 32;
/** Pages of one directory to keep: 8 MiB, the marks of 33 million transactions. */
const SLRU_CACHE = 1024;

/** A source caches what it has read of pg_xact and its like: make a new one to read the files again. */
export function catalogFiles(cluster: Cluster): CatalogSource {
  const { files, control } = cluster;
  const { blockSize, segmentBlocks } = control;
  return {
    transactions: new SlruTransactionLog(slruPages(cluster), {
      blockSize,
      settledBefore: settledBefore(cluster),
      nextMulti: control.nextMulti,
      nextMultiOffset: control.nextMultiOffset,
    }),
    map(tablespace, database) {
      return readMap(cluster, mapPath(cluster, tablespace, database));
    },
    blocks(file) {
      for (let segment = 0; ; segment++) {
        const size = files.size(segmentPath(cluster, file, segment)) ?? 0;
        const blocks = Math.ceil(size / blockSize);
        if (blocks < segmentBlocks) return segment * segmentBlocks + blocks;
      }
    },
    read(file: RelationFile, block: number, count: number) {
      const segment = Math.floor(block / segmentBlocks);
      const first = block % segmentBlocks;
      const within = Math.min(count, segmentBlocks - first);
      return files.readAt(segmentPath(cluster, file, segment), first * blockSize, within * blockSize);
    },
  };
}

/** The segment file that has a page, and the page's number in it. Names have four hexadecimal digits or more. */
export function slruPlace(directory: SlruDirectory, number: number): { path: string; page: number } {
  const segment = Math.floor(number / SLRU_SEGMENT_PAGES);
  const name = segment.toString(16).toUpperCase().padStart(4, '0');
  return { path: `${directory}/${name}`, page: number % SLRU_SEGMENT_PAGES };
}

function readMap(cluster: Cluster, path: string): RelationMap {
  try {
    return settle(() => decodeRelationMap(cluster.files.read(path)));
  } catch (error) {
    throw error instanceof FormatError ? new ClusterFileError(path, error.message) : error;
  }
}

/**
 * Before which transaction all had ended when the last checkpoint wrote pg_xact: after a clean shutdown all of
 * them but prepared ones, else those before the oldest that ran. 0 where that is not told.
 */
function settledBefore({ files, control }: Cluster): number {
  const clean = control.state === 'shut down' || control.state === 'shut down in recovery';
  if (clean && files.list('pg_twophase').length === 0) return Number(control.nextXid & 0xffffffffn);
  return control.oldestActiveXid;
}

function slruPages({ files, control: { blockSize } }: Cluster): SlruPages {
  const caches = new Map<SlruDirectory, Map<number, DataView | null>>();
  return {
    page(directory, number) {
      let cache = caches.get(directory);
      if (cache === undefined || cache.size >= SLRU_CACHE) {
        cache = new Map();
        caches.set(directory, cache);
      }
      let page = cache.get(number);
      if (page === undefined) {
        page = read(directory, number);
        cache.set(number, page);
      }
      return page;
    },
  };

  function read(directory: SlruDirectory, number: number): DataView | null {
    const { path, page } = slruPlace(directory, number);
    try {
      const bytes = files.readAt(path, page * blockSize, blockSize);
      return bytes.length === blockSize ? new DataView(bytes.buffer, bytes.byteOffset, blockSize) : null;
    } catch (error) {
      if (error instanceof ClusterFileError) return null;
      throw error;
    }
  }
}
