/**
 * ControlFileData (src/include/catalog/pg_control.h): the shapes that PG_CONTROL_VERSION tells apart, newest first.
 * Offsets in bytes on a 64-bit machine. The fields before `checkPoint` have been at the same place in all.
 */
export interface ControlShape {
  readonly version: number;
  /** checkPointCopy, and what lies in it. */
  readonly checkPointCopy: number;
  readonly checkPoint: CheckPointShape;
  readonly minRecoveryPoint: number;
  /** floatFormat, 1234567.0, whose place proves all before it; blcksz and the other sizes follow. */
  readonly floatFormat: number;
  readonly checksumVersion: number;
  readonly crc: number;
}

/** CheckPoint, from its own beginning; redo is at 0, ThisTimeLineID at 8. */
export interface CheckPointShape {
  /** FullTransactionId since 12; before, the epoch is a word of its own before nextXid. */
  readonly nextXid: number;
  readonly nextXidEpoch: number;
  readonly nextOid: number;
  readonly nextMulti: number;
  readonly nextMultiOffset: number;
  readonly oldestXid: number;
  readonly oldestActiveXid: number;
}

const CHECKPOINT_12: CheckPointShape = {
  nextXid: 24,
  nextXidEpoch: 28,
  nextOid: 32,
  nextMulti: 36,
  nextMultiOffset: 40,
  oldestXid: 44,
  oldestActiveXid: 80,
};

const CHECKPOINT_10: CheckPointShape = {
  nextXid: 24,
  nextXidEpoch: 20,
  nextOid: 28,
  nextMulti: 32,
  nextMultiOffset: 36,
  oldestXid: 40,
  oldestActiveXid: 72,
};

/** `copy` is where checkPointCopy begins, `rest` where it ends: what follows up to the nonce has not moved since. */
function shape(
  version: number,
  copy: number,
  checkPoint: CheckPointShape,
  rest: number,
  crc: number,
): ControlShape {
  return {
    version,
    checkPointCopy: copy,
    checkPoint,
    minRecoveryPoint: rest + 8,
    floatFormat: rest + 80,
    checksumVersion: rest + 124,
    crc: rest + crc,
  };
}

export const CONTROL_SHAPES: readonly ControlShape[] = [
  // default_char_signedness before the nonce
  shape(1800, 40, CHECKPOINT_12, 128, 164),
  // wal_level in the checkpoint, into an alignment hole
  shape(1700, 40, CHECKPOINT_12, 128, 160),
  // float4ByVal gone, into an alignment hole
  shape(1300, 40, CHECKPOINT_12, 128, 160),
  // max_wal_senders, into an alignment hole too; nextXid of 64 bits
  shape(1201, 40, CHECKPOINT_12, 128, 160),
  // prevCheckPoint gone
  shape(1100, 40, CHECKPOINT_10, 120, 160),
  shape(1002, 48, CHECKPOINT_10, 128, 160),
];
