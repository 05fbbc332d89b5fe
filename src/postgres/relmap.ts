/**
 * pg_filenode.map: which file a mapped catalog has (src/backend/utils/cache/relmapper.c). A magic number, the
 * number of entries, room for 62 (up to version 15) or 64 entries of OID and relfilenode, then their CRC-32C.
 */
import { crc32c } from './crc32c.js';
import { FormatError } from './format-error.js';

const MAGIC = 0x592717;
const HEADER_SIZE = 8;
const ENTRY_SIZE = 8;
/** The sizes of the file, newest first; 512 has four bytes of padding after the CRC. */
const SHAPES = [
  { size: 524, entries: 64 },
  { size: 512, entries: 62 },
] as const;

/** Filenode by pg_class.oid. */
export type RelationMap = ReadonlyMap<number, number>;

/** @throws FormatError where size, magic, count or CRC are wrong. */
export function decodeRelationMap(bytes: Uint8Array): RelationMap {
  const shape = SHAPES.find(({ size }) => size === bytes.length);
  if (shape === undefined) {
    throw new FormatError(`wrong size (expected 524 or 512 bytes, found ${bytes.length})`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) {
    throw new FormatError(`wrong magic number (expected 0x592717, found 0x${magic.toString(16)})`);
  }
  const crcAt = HEADER_SIZE + shape.entries * ENTRY_SIZE;
  const sum = crc32c(bytes, 0, crcAt);
  const found = view.getUint32(crcAt, true);
  if (sum !== found) {
    throw new FormatError(`wrong CRC (expected ${sum.toString(16)}, found ${found.toString(16)})`);
  }
  const count = view.getUint32(4, true);
  if (count > shape.entries) {
    throw new FormatError(`too many entries (expected at most ${shape.entries}, found ${count})`);
  }
  const map = new Map<number, number>();
  for (let index = 0; index < count; index++) {
    const at = HEADER_SIZE + index * ENTRY_SIZE;
    map.set(view.getUint32(at, true), view.getUint32(at + 4, true));
  }
  return map;
}

/**
 * The file of a map, in the size that a version writes (MAX_MAPPINGS of its relmapper.c).
 * @throws FormatError where the map has more entries than the file has room for.
 */
export function encodeRelationMap(map: RelationMap, major: number): Uint8Array {
  const shape = SHAPES[major >= 16 ? 0 : 1];
  if (map.size > shape.entries) {
    throw new FormatError(`too many entries (expected at most ${shape.entries}, found ${map.size})`);
  }
  const bytes = new Uint8Array(shape.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, map.size, true);
  let at = HEADER_SIZE;
  for (const [oid, filenode] of map) {
    view.setUint32(at, oid, true);
    view.setUint32(at + 4, filenode, true);
    at += ENTRY_SIZE;
  }
  const crcAt = HEADER_SIZE + shape.entries * ENTRY_SIZE;
  view.setUint32(crcAt, crc32c(bytes, 0, crcAt), true);
  return bytes;
}
