/**
 * CRC-32C (Castagnoli), as PostgreSQL's pg_crc32c computes it: eight bytes a step, after the "slicing-by-8"
 * of Intel's paper that src/port/pg_crc32c_sb8.c follows too.
 */
const TABLES = buildTables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** INIT_CRC32C. */
export const CRC32C_INIT = -1;

/** The running checksum after `length` more bytes; begin with CRC32C_INIT, end with crc32cFinish(). */
export function crc32cUpdate(crc: number, bytes: Uint8Array, from: number, length: number): number {
  let at = from;
  let value = crc;
  const end = from + length;
  const whole = from + (length & ~7);
  while (at < whole) {
    const a = value ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    value =
      T7[a & 0xff]! ^
      T6[(a >>> 8) & 0xff]! ^
      T5[(a >>> 16) & 0xff]! ^
      T4[a >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
    at += 8;
  }
  while (at < end) {
    value = T0[(value ^ bytes[at]!) & 0xff]! ^ (value >>> 8);
    at += 1;
  }
  return value;
}

/** The checksum as PostgreSQL stores it: an unsigned 32-bit number. */
export function crc32cFinish(crc: number): number {
  return ~crc >>> 0;
}

function buildTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let index = 0; index < 256; index += 1) {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    tables[0]![index] = value;
  }
  for (let step = 1; step < 8; step += 1)
    for (let index = 0; index < 256; index += 1) {
      const before = tables[step - 1]![index]!;
      tables[step]![index] = tables[0]![before & 0xff]! ^ (before >>> 8);
    }
  return tables;
}
