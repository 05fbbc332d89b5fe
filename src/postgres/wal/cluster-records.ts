/** Records about whole files: relation maps, databases, tablespaces, truncation, checkpoints. */
import type { WalLayout } from './layout.js';
import { type Lsn, readLsn } from './lsn.js';
import type { WalRecord } from './record.js';

/** XLOG_RELMAP_UPDATE (src/include/utils/relmapper.h): database (0: the shared map), tablespace, the file. */
export interface MapUpdate {
  db: number;
  spc: number;
  bytes: Uint8Array;
}

export function readMapUpdate({ view, bytes, mainAt, mainLength }: WalRecord): MapUpdate | null {
  if (mainLength < 12) return null;
  const length = view.getUint32(mainAt + 8, true);
  if (length > mainLength - 12) return null;
  const map = bytes.slice(mainAt + 12, mainAt + 12 + length);
  return { db: view.getUint32(mainAt, true), spc: view.getUint32(mainAt + 4, true), bytes: map };
}

/** A database came: its tablespace, and whether its pages are in the WAL or were copied as files. */
export interface DatabaseCreation {
  db: number;
  spc: number;
  logged: boolean;
}

/** Its files in these tablespaces went; where it moves to another one, it came there before. */
export interface DatabaseDrop {
  db: number;
  spcs: number[];
}

/** src/include/commands/dbcommands_xlog.h. */
export function readDatabaseChange(
  { view, info, mainAt, mainLength }: WalRecord,
  layout: WalLayout,
): DatabaseCreation | DatabaseDrop | null {
  if (mainLength < 8) return null;
  const op = info & 0xf0;
  const db = view.getUint32(mainAt, true);
  const second = view.getUint32(mainAt + 4, true);
  if (op < (layout.databaseWalLog ? 0x20 : 0x10)) return { db, spc: second, logged: op === 0x10 };
  if (!layout.dropLists) return { db, spcs: [second] };
  if (mainLength < 8 + second * 4) return null;
  return {
    db,
    spcs: Array.from({ length: second }, (_, index) => view.getUint32(mainAt + 8 + index * 4, true)),
  };
}

/** XLOG_SMGR_TRUNCATE (src/include/catalog/storage_xlog.h): to how many blocks the main fork was cut. */
export interface Truncation {
  spc: number;
  db: number;
  rel: number;
  blocks: number;
}

const SMGR_TRUNCATE = 0x20;
const SMGR_TRUNCATE_HEAP = 0x0001;

/** Null for any other record of the storage manager. */
export function readTruncation({ view, info, mainAt, mainLength }: WalRecord): Truncation | null {
  if ((info & 0xf0) !== SMGR_TRUNCATE || mainLength < 20) return null;
  if ((view.getUint32(mainAt + 16, true) & SMGR_TRUNCATE_HEAP) === 0) return null;
  return {
    blocks: view.getUint32(mainAt, true),
    spc: view.getUint32(mainAt + 4, true),
    db: view.getUint32(mainAt + 8, true),
    rel: view.getUint32(mainAt + 12, true),
  };
}

/** The checkpoints of RM_XLOG_ID: XLOG_CHECKPOINT_SHUTDOWN and _ONLINE (src/include/catalog/pg_control.h). */
export interface Checkpoint {
  redo: Lsn;
  /** Every transaction older than this had ended; 0 where it is not told. */
  oldestActiveXid: number;
}

/** Null for any other record. */
export function readCheckpoint(record: WalRecord, layout: WalLayout): Checkpoint | null {
  const { view, info, mainAt, mainLength } = record;
  if ((info & 0xf0) > 0x10 || mainLength < layout.oldestActiveXidAt + 4) return null;
  return {
    redo: readLsn(view, mainAt),
    oldestActiveXid: view.getUint32(mainAt + layout.oldestActiveXidAt, true),
  };
}
