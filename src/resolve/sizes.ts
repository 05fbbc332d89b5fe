/**
 * How many blocks a file has, over all its segments. Asked of the file system at most once a tick, whatever
 * the number of events; what the events themselves prove in between (a write past the end, a seek to the
 * end, a truncation) counts at once.
 */
import type { ClusterFiles } from './files.js';

export interface Size {
  /** Segment 0's path below the data directory. */
  readonly first: string;
  /** Blocks of a full segment. */
  readonly segmentBlocks: number;
  /** Blocks of the whole; -1 where it is not known. */
  blocks: number;
  /** What the file system said last; -1 where there is no such file. */
  found: number;
  /** The last segment that was found. */
  last: number;
}

/** A file of one segment: as many blocks as a number can count. */
export const UNSEGMENTED = Number.MAX_SAFE_INTEGER;

export function createSize(first: string, segmentBlocks: number): Size {
  return { first, segmentBlocks, blocks: -1, found: -1, last: 0 };
}

/**
 * Asks the file system. What it said before and says again is no news: then what the events proved stands,
 * since a snapshot of the directory does not grow with the trace.
 */
export function refreshSize(size: Size, files: ClusterFiles, blockSize: number): void {
  const found = measure(size, files, blockSize);
  if (found === size.found) return;
  size.found = found;
  if (found >= 0) size.blocks = found;
}

/** The file has at least so many blocks: news where its size is known. */
export function reachBlocks(size: Size, blocks: number): void {
  if (size.blocks >= 0 && blocks > size.blocks) size.blocks = blocks;
}

/** A segment is `bytes` long. One that is not full is the last (src/backend/storage/smgr/md.c, mdnblocks()). */
export function proveSize(size: Size, segment: number, bytes: number, blockSize: number): void {
  const blocks = Math.ceil(bytes / blockSize);
  const whole = segment * size.segmentBlocks + blocks;
  if (blocks < size.segmentBlocks) size.blocks = whole;
  else reachBlocks(size, whole);
}

function measure(size: Size, files: ClusterFiles, blockSize: number): number {
  let segment = size.last;
  let blocks = segmentBlocks(size, files, segment, blockSize);
  // A truncated fork keeps its last segments as empty files.
  while (blocks <= 0 && segment > 0) blocks = segmentBlocks(size, files, --segment, blockSize);
  while (blocks >= size.segmentBlocks) {
    const next = segmentBlocks(size, files, segment + 1, blockSize);
    if (next < 0) break;
    segment++;
    blocks = next;
  }
  size.last = segment;
  return blocks < 0 ? -1 : segment * size.segmentBlocks + blocks;
}

function segmentBlocks(size: Size, files: ClusterFiles, segment: number, blockSize: number): number {
  const bytes = files.size(segment === 0 ? size.first : `${size.first}.${segment}`);
  return bytes === null ? -1 : Math.ceil(bytes / blockSize);
}
