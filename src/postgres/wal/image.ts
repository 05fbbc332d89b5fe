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
  try {
    return decompress(source, target).length === target.length;
  } catch {
    return false;
  }
}
