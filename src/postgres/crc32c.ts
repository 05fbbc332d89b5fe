/**
 * CRC-32C (Castagnoli), as PostgreSQL seals pg_control, relation maps and WAL records: reflected polynomial
 * 0x82F63B78, begun with and ended by all ones (src/port/pg_crc32c_sb8.c). Eight bytes a step.
 */
const TABLES = Array.from({ length: 8 }, () => new Uint32Array(256));
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as unknown as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  T0[byte] = crc;
}
for (let step = 1; step < 8; step++) {
  const before = TABLES[step - 1]!;
  for (let byte = 0; byte < 256; byte++) {
    TABLES[step]![byte] = (before[byte]! >>> 8) ^ T0[before[byte]! & 0xff]!;
  }
}

/** The state before the first byte. */
export const CRC32C_INIT = 0xffffffff;

/** The state after bytes[start..end); not yet finished, so that a record in pieces is summed piece by piece. */
export function crc32cUpdate(state: number, bytes: Uint8Array, start: number, end: number): number {
  let crc = state;
  let at = start;
  for (const last = end - 7; at < last; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      T7[crc & 0xff]! ^
      T6[(crc >>> 8) & 0xff]! ^
      T5[(crc >>> 16) & 0xff]! ^
      T4[crc >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
  }
  if (end - at >= 4) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc = T3[crc & 0xff]! ^ T2[(crc >>> 8) & 0xff]! ^ T1[(crc >>> 16) & 0xff]! ^ T0[crc >>> 24]!;
    at += 4;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!;
  return crc;
}

/** The sum that a state stands for, as an unsigned 32-bit number. */
export function crc32cFinish(state: number): number {
  return (state ^ 0xffffffff) >>> 0;
}

/** The sum of bytes[start..end). */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return crc32cFinish(crc32cUpdate(CRC32C_INIT, bytes, start, end));
}
