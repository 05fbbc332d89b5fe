/**
 * pd_checksum (src/include/storage/checksum_impl.h): 32 FNV-1a-like sums in parallel over the page's 32-bit
 * words, folded into one with the block number, so that a page in another page's place shows.
 */
const LANES = 32;
const PRIME = 16777619;
/** Where the checksum itself lies in the page; it counts as 0. */
const PD_CHECKSUM_WORD = 8;

/** checksumBaseOffsets */
const BASE = Int32Array.of(
  0x5b1f36e9,
  0xb8525960,
  0x02ab50aa,
  0x1de66d2a,
  0x79ff467a,
  0x9bb9f8a3,
  0x217e7cd2,
  0x83e13d2c,
  0xf8d4474f,
  0xe39eb970,
  0x42c6ae16,
  0x993216fa,
  0x7b093b5d,
  0x98daff3c,
  0xf718902a,
  0x0b1c9cdb,
  0xe58f764b,
  0x187636bc,
  0x5d7b3bb1,
  0xe73de7de,
  0x92bec979,
  0xcca6c0b2,
  0x304a0979,
  0x85aa43d4,
  0x783125bb,
  0x6ca8eaa2,
  0xe407eac6,
  0x4b5cfc3e,
  0x9fbf8c76,
  0x15ca20be,
  0xf2ca9fd3,
  0x959bd756,
);
const sums = new Int32Array(LANES);

/** The checksum that the page at offset `page` should carry as block `block` of its relation's fork: 1 to 65535. */
export function pageChecksum(view: DataView, page: number, size: number, block: number): number {
  sums.set(BASE);
  const end = page + size;
  for (let at = page; at < end; at += LANES * 4) {
    for (let lane = 0; lane < LANES; lane++) {
      let word = view.getInt32(at + lane * 4, true);
      if (at === page && lane * 4 === PD_CHECKSUM_WORD) word &= ~0xffff;
      const mixed = sums[lane]! ^ word;
      sums[lane] = Math.imul(mixed, PRIME) ^ (mixed >>> 17);
    }
  }
  let sum = 0;
  for (let lane = 0; lane < LANES; lane++) {
    let last = sums[lane]!;
    for (let round = 0; round < 2; round++) last = Math.imul(last, PRIME) ^ (last >>> 17);
    sum ^= last;
  }
  return (((sum ^ block) >>> 0) % 65535) + 1;
}
