/** global/pg_control: what a cluster says of itself (src/include/catalog/pg_control.h, src/common/controldata_utils.c). */
import { crc32c } from './crc32c.js';
import { FormatError } from './format-error.js';
import { NAME_SIZE } from './layout/columns.js';
import { CONTROL_SHAPES, type ControlShape } from './layout/control.js';

/** DBState, in pg_controldata's words. */
const STATES = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
] as const;

export interface ControlFile {
  /** PG_CONTROL_VERSION. */
  version: number;
  catalogVersion: number;
  /** 64 bits, in decimal. */
  systemIdentifier: string;
  state: (typeof STATES)[number] | 'unknown';
  /** LSN of the latest checkpoint's record. */
  checkPoint: bigint;
  /** LSN where the replay of WAL begins after it. */
  redo: bigint;
  timeline: number;
  /** The next transaction id, of 64 bits. */
  nextXid: bigint;
  nextOid: number;
  nextMulti: number;
  nextMultiOffset: number;
  oldestXid: number;
  /** Of an online checkpoint with wal_level of replica or more; else 0. */
  oldestActiveXid: number;
  /** LSN up to which a standby must replay before it is consistent; 0 where that is no matter. */
  minRecoveryPoint: bigint;
  /** Bytes. */
  blockSize: number;
  /** Blocks of a full segment file of a relation. */
  segmentBlocks: number;
  walBlockSize: number;
  walSegmentSize: number;
  checksums: boolean;
}

const STATE_AT = 16;
const FLOAT_FORMAT = 1234567;
/** Every shape's CRC lies within it; PostgreSQL fills the file up to 8192. */
const NEEDED = 296;

/**
 * A version that has no row in CONTROL_SHAPES is read with the newest shape whose CRC and constants fit.
 * @throws FormatError where no shape fits, the CRC is wrong or a size is impossible.
 */
export function decodeControl(bytes: Uint8Array): ControlFile {
  if (bytes.length < NEEDED) {
    throw new FormatError(`too short (expected at least ${NEEDED} bytes, found ${bytes.length})`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint32(8, true);
  const shape = findShape(bytes, view, version);
  const { checkPoint } = shape;
  const copy = shape.checkPointCopy;
  const sizes = shape.floatFormat + 8;
  const control: ControlFile = {
    version,
    catalogVersion: view.getUint32(12, true),
    systemIdentifier: String(view.getBigUint64(0, true)),
    state: STATES[view.getUint32(STATE_AT, true)] ?? 'unknown',
    checkPoint: view.getBigUint64(32, true),
    redo: view.getBigUint64(copy, true),
    timeline: view.getUint32(copy + 8, true),
    nextXid:
      (BigInt(view.getUint32(copy + checkPoint.nextXidEpoch, true)) << 32n) |
      BigInt(view.getUint32(copy + checkPoint.nextXid, true)),
    nextOid: view.getUint32(copy + checkPoint.nextOid, true),
    nextMulti: view.getUint32(copy + checkPoint.nextMulti, true),
    nextMultiOffset: view.getUint32(copy + checkPoint.nextMultiOffset, true),
    oldestXid: view.getUint32(copy + checkPoint.oldestXid, true),
    oldestActiveXid: view.getUint32(copy + checkPoint.oldestActiveXid, true),
    minRecoveryPoint: view.getBigUint64(shape.minRecoveryPoint, true),
    blockSize: view.getUint32(sizes, true),
    segmentBlocks: view.getUint32(sizes + 4, true),
    walBlockSize: view.getUint32(sizes + 8, true),
    walSegmentSize: view.getUint32(sizes + 12, true),
    checksums: view.getUint32(shape.checksumVersion, true) !== 0,
  };
  checkSizes(control, view.getUint32(sizes + 16, true));
  return control;
}

/**
 * The file with nothing in it that bounds transactions or multixacts: for a copy whose pg_xact and pg_multixact say
 * all by themselves, as of later than the checkpoint. @throws FormatError as decodeControl().
 */
export function unboundControl(bytes: Uint8Array): Uint8Array {
  decodeControl(bytes);
  const unbound = bytes.slice();
  const view = new DataView(unbound.buffer);
  const shape = findShape(unbound, view, view.getUint32(8, true));
  const { checkPointCopy, checkPoint, crc } = shape;
  view.setUint32(STATE_AT, STATES.indexOf('in production'), true);
  view.setUint32(checkPointCopy + checkPoint.nextMulti, 0, true);
  view.setUint32(checkPointCopy + checkPoint.nextMultiOffset, 0, true);
  view.setUint32(checkPointCopy + checkPoint.oldestActiveXid, 0, true);
  view.setUint32(crc, crc32c(unbound, 0, crc), true);
  return unbound;
}

function findShape(bytes: Uint8Array, view: DataView, version: number): ControlShape {
  const known = CONTROL_SHAPES.find((shape) => shape.version === version);
  if (known !== undefined) {
    const sum = crc32c(bytes, 0, known.crc);
    const found = view.getUint32(known.crc, true);
    if (sum === found) return known;
    throw new FormatError(`wrong CRC (expected ${sum.toString(16)}, found ${found.toString(16)})`);
  }
  const fitting = CONTROL_SHAPES.find(
    (shape) =>
      view.getUint32(shape.crc, true) === crc32c(bytes, 0, shape.crc) &&
      view.getFloat64(shape.floatFormat, true) === FLOAT_FORMAT,
  );
  if (fitting !== undefined) return fitting;
  const swapped = view.getUint32(8, false);
  if (CONTROL_SHAPES.some((shape) => shape.version === swapped)) {
    throw new FormatError('written by a big-endian machine (expected a little-endian one)');
  }
  const versions = CONTROL_SHAPES.map((shape) => shape.version).join(', ');
  throw new FormatError(`unknown control file version (expected ${versions}, found ${version})`);
}

function checkSizes(control: ControlFile, nameDataLen: number): void {
  checkPower('block size', control.blockSize, 1024, 32768);
  checkPower('WAL block size', control.walBlockSize, 1024, 65536);
  checkPower('WAL segment size', control.walSegmentSize, 1 << 20, 1 << 30);
  if (control.segmentBlocks === 0) throw new FormatError('impossible segment size (found 0 blocks)');
  if (nameDataLen !== NAME_SIZE) {
    throw new FormatError(`another NAMEDATALEN (expected ${NAME_SIZE}, found ${nameDataLen})`);
  }
}

function checkPower(what: string, value: number, least: number, most: number): void {
  if (value < least || value > most || (value & (value - 1)) !== 0) {
    throw new FormatError(
      `impossible ${what} (expected a power of two from ${least} to ${most}, found ${value})`,
    );
  }
}
