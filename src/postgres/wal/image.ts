/** Full-page images: RestoreBlockImage, src/backend/access/transam/xlogreader.c. */
import { decompress } from 'fzstd';
import type { WalLayout } from './layout.js';
import { decompressLz4 } from './lz4.js';
import { decompressPglz } from './pglz.js';
import type { BlockReference } from './record.js';

/** The page that the block's image holds; null where it cannot be decompressed. */
export function restoreImage(
  bytes: Uint8Array,
  block: BlockReference,
  layout: WalLayout,
  blockSize: number,
): Uint8Array | null {
  const page = new Uint8Array(blockSize);
  const { imageAt, imageLength, holeOffset, holeLength } = block;
  const stored = new Uint8Array(blockSize - holeLength);
  if (!unpack(bytes, imageAt, imageLength, block.imageInfo, layout, stored)) return null;
  if (holeLength === 0) return stored;
  page.set(stored.subarray(0, holeOffset));
  page.set(stored.subarray(holeOffset), holeOffset + holeLength);
  return page;
}

function unpack(
  bytes: Uint8Array,
  at: number,
  length: number,
  info: number,
  layout: WalLayout,
  target: Uint8Array,
): boolean {
  if ((info & layout.imagePglz) !== 0) return decompressPglz(bytes, at, length, target);
  if ((info & layout.imageLz4) !== 0) return decompressLz4(bytes, at, length, target);
  if ((info & layout.imageZstd) !== 0) return decompressZstd(bytes.subarray(at, at + length), target);
  if (length !== target.length) return false;
  target.set(bytes.subarray(at, at + length));
  return true;
}

/** Node has Zstandard from 22.15 on only, later than the oldest that is supported. */
function decompressZstd(source: Uint8Array, target: Uint8Array): boolean {
  if (zstdContentSize(source) !== target.length) return false;
  try {
    decompress(source, target);
    return true;
  } catch {
    return false;
  }
}

/** The size that a frame's header tells (RFC 8878, 3.1.1.1), up to 2^32; -1 where it tells none. */
function zstdContentSize(source: Uint8Array): number {
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  if (source.length < 14 || view.getUint32(0, true) !== 0xfd2fb528) return -1;
  const descriptor = source[4]!;
  const single = (descriptor & 0x20) !== 0;
  const at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  switch (descriptor >> 6) {
    case 0:
      return single ? source[at]! : -1;
    case 1:
      return view.getUint16(at, true) + 256;
    default:
      return view.getUint32(at, true);
  }
}
