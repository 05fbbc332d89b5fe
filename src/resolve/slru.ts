/** What the pages of SLRUs hold, PostgreSQL 10 to 18. */
import { NEWEST_MAJOR } from '../postgres/layout/versions.js';
import type { SlruFile } from './clusterfile.js';

/** SLRU_PAGES_PER_SEGMENT, src/include/access/slru.h. */
const PAGES_PER_SEGMENT = 32;
export const MAX_ID = 0xffffffff;

/**
 * The number of a segment's first page, and how many ids each page is for; 0 where that is not told, as for a
 * version that is not known: what a page holds has no mark by which it could prove itself.
 */
export function slruPages(file: SlruFile, blockSize: number, major: number): { first: number; ids: number } {
  const ids = major > NEWEST_MAJOR ? 0 : idsPerPage(file, blockSize);
  return { first: file.segment * PAGES_PER_SEGMENT, ids };
}

function idsPerPage({ kind, part, long }: SlruFile, blockSize: number): number {
  switch (kind) {
    // clog.c: two bits a transaction.
    case 'xact':
      return blockSize * 4;
    // subtrans.c: a TransactionId each.
    case 'subtrans':
      return Math.floor(blockSize / 4);
    // commit_ts.c: a TimestampTz and a RepOriginId, 10 bytes.
    case 'commit_ts':
      return Math.floor(blockSize / 10);
    // multixact.c: offsets of 4 bytes each; members in groups of four flag bytes and four ids.
    case 'multixact':
      return part === 'offsets' ? Math.floor(blockSize / 4) : Math.floor(blockSize / 20) * 4;
    // predicate.c: a SerCommitSeqNo of 8 bytes. Up to version 16 page numbers wrap, so that two ranges fit.
    case 'serial':
      return long ? Math.floor(blockSize / 8) : 0;
    // async.c: a queue, no ids.
    case 'notify':
      return 0;
  }
}
