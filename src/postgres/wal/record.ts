/** One WAL record: its header and what it says of blocks (src/include/access/xlogrecord.h). */
import type { WalLayout } from './layout.js';
import type { Lsn } from './lsn.js';

/** sizeof(XLogRecord). */
export const RECORD_HEADER = 24;

/** The resource managers whose records are read here (src/include/access/rmgrlist.h; no id has ever changed). */
export const RMGR = {
  xlog: 0,
  transaction: 1,
  storage: 2,
  database: 4,
  tablespace: 5,
  multixact: 6,
  relmap: 7,
  standby: 8,
  heap2: 9,
  heap: 10,
} as const;

export const XLOG_FPI_FOR_HINT = 0xa0;
export const XLOG_FPI = 0xb0;
export const XLOG_SWITCH = 0x40;

const FORK_MASK = 0x0f;
export const HAS_IMAGE = 0x10;
export const HAS_DATA = 0x20;
const SAME_REL = 0x80;

const IMAGE_HAS_HOLE = 0x01;

const MAX_BLOCK_ID = 32;
const ID_DATA_SHORT = 255;
const ID_DATA_LONG = 254;
const ID_ORIGIN = 253;
const ID_TOPLEVEL_XID = 252;

/** A reference to a block of a relation, with where its data lie in the record's bytes. */
export interface BlockReference {
  id: number;
  /** tablespace, database and relfilenode, as OIDs. */
  spc: number;
  db: number;
  rel: number;
  /** 0 main, 1 fsm, 2 vm, 3 init. */
  fork: number;
  block: number;
  /** BKPBLOCK_*. */
  flags: number;
  /** BKPIMAGE_*; 0 without an image. */
  imageInfo: number;
  imageAt: number;
  imageLength: number;
  holeOffset: number;
  holeLength: number;
  dataAt: number;
  dataLength: number;
}

/**
 * A record, valid until the reader goes on: it is one object for all records, over bytes that are reused.
 * `at` and every `...At` are offsets into `bytes`.
 */
export interface WalRecord {
  lsn: Lsn;
  /** The end of the record with its padding; what a page that it changed has as its LSN. */
  end: Lsn;
  prev: Lsn;
  /** xl_tot_len. */
  length: number;
  xid: number;
  rmgr: number;
  /** xl_info, all 8 bits. */
  info: number;
  bytes: Uint8Array;
  view: DataView;
  at: number;
  /** The first `blockCount` are this record's. */
  blocks: BlockReference[];
  blockCount: number;
  mainAt: number;
  mainLength: number;
  /** The replication origin; 0 where there is none. */
  origin: number;
  /** The top-level transaction of a subtransaction's first record (wal_level logical, since 14); 0 otherwise. */
  toplevelXid: number;
}

export function emptyRecord(): WalRecord {
  const bytes = new Uint8Array(0);
  return {
    lsn: 0,
    end: 0,
    prev: 0,
    length: 0,
    xid: 0,
    rmgr: 0,
    info: 0,
    bytes,
    view: new DataView(bytes.buffer),
    at: 0,
    blocks: [],
    blockCount: 0,
    mainAt: 0,
    mainLength: 0,
    origin: 0,
    toplevelXid: 0,
  };
}

/**
 * Fills in what follows the header of a record whose bytes are all there, as DecodeXLogRecord does
 * (src/backend/access/transam/xlogreader.c). False where the headers do not add up to the record's length.
 */
export function decodeBlocks(record: WalRecord, layout: WalLayout, blockSize: number): boolean {
  const { view } = record;
  const end = record.at + record.length;
  let at = record.at + RECORD_HEADER;
  let data = 0;
  let previous: BlockReference | null = null;
  record.blockCount = 0;
  record.mainLength = 0;
  record.origin = 0;
  record.toplevelXid = 0;
  // What is left after the headers must be exactly the data that they announce.
  while (end - at > data) {
    const id = view.getUint8(at);
    if (id <= MAX_BLOCK_ID) {
      const block = blockSlot(record);
      at = decodeBlock(block, view, at, end, layout, blockSize, previous);
      if (at < 0 || (previous !== null && block.id <= previous.id)) return false;
      data += block.imageLength + block.dataLength;
      previous = block;
    } else if (id === ID_DATA_SHORT && end - at >= 2) {
      record.mainLength = view.getUint8(at + 1);
      data += record.mainLength;
      at += 2;
      break;
    } else if (id === ID_DATA_LONG && end - at >= 5) {
      record.mainLength = view.getUint32(at + 1, true);
      data += record.mainLength;
      at += 5;
      break;
    } else if (id === ID_ORIGIN && end - at >= 3) {
      record.origin = view.getUint16(at + 1, true);
      at += 3;
    } else if (id === ID_TOPLEVEL_XID && end - at >= 5) {
      record.toplevelXid = view.getUint32(at + 1, true);
      at += 5;
    } else return false;
  }
  if (end - at !== data) return false;
  for (let index = 0; index < record.blockCount; index += 1) {
    const block = record.blocks[index]!;
    block.imageAt = at;
    at += block.imageLength;
    block.dataAt = at;
    at += block.dataLength;
  }
  record.mainAt = at;
  return true;
}

function blockSlot(record: WalRecord): BlockReference {
  const { blocks } = record;
  if (blocks.length === record.blockCount)
    blocks.push({
      id: 0,
      spc: 0,
      db: 0,
      rel: 0,
      fork: 0,
      block: 0,
      flags: 0,
      imageInfo: 0,
      imageAt: 0,
      imageLength: 0,
      holeOffset: 0,
      holeLength: 0,
      dataAt: 0,
      dataLength: 0,
    });
  record.blockCount += 1;
  return blocks[record.blockCount - 1]!;
}

/** Reads one block reference at `at`; gives where the next header is, or -1. */
function decodeBlock(
  block: BlockReference,
  view: DataView,
  at: number,
  end: number,
  layout: WalLayout,
  blockSize: number,
  previous: BlockReference | null,
): number {
  if (end - at < 4) return -1;
  const flags = view.getUint8(at + 1);
  block.id = view.getUint8(at);
  block.flags = flags;
  block.fork = flags & FORK_MASK;
  block.dataLength = view.getUint16(at + 2, true);
  if (block.dataLength > 0 !== ((flags & HAS_DATA) !== 0)) return -1;
  let next = decodeImageHeader(block, view, at + 4, end, layout, blockSize);
  if (next < 0) return -1;
  if ((flags & SAME_REL) === 0) {
    if (end - next < 12) return -1;
    block.spc = view.getUint32(next, true);
    block.db = view.getUint32(next + 4, true);
    block.rel = view.getUint32(next + 8, true);
    next += 12;
  } else {
    if (previous === null) return -1;
    block.spc = previous.spc;
    block.db = previous.db;
    block.rel = previous.rel;
  }
  if (end - next < 4) return -1;
  block.block = view.getUint32(next, true);
  return next + 4;
}

function decodeImageHeader(
  block: BlockReference,
  view: DataView,
  at: number,
  end: number,
  layout: WalLayout,
  blockSize: number,
): number {
  block.imageInfo = 0;
  block.imageLength = 0;
  block.holeOffset = 0;
  block.holeLength = 0;
  if ((block.flags & HAS_IMAGE) === 0) return at;
  if (end - at < 5) return -1;
  const info = view.getUint8(at + 4);
  block.imageInfo = info;
  block.imageLength = view.getUint16(at, true);
  block.holeOffset = view.getUint16(at + 2, true);
  const hole = (info & IMAGE_HAS_HOLE) !== 0;
  const compressed = (info & (layout.imagePglz | layout.imageLz4 | layout.imageZstd)) !== 0;
  if (!hole) {
    const whole = compressed ? block.imageLength < blockSize : block.imageLength === blockSize;
    return block.holeOffset === 0 && whole ? at + 5 : -1;
  }
  if (compressed) {
    if (end - at < 7) return -1;
    block.holeLength = view.getUint16(at + 5, true);
  } else block.holeLength = blockSize - block.imageLength;
  const fits = block.holeLength > 0 && block.holeOffset > 0 && block.imageLength < blockSize;
  if (!fits || block.holeOffset + block.holeLength > blockSize) return -1;
  return at + (compressed ? 7 : 5);
}
