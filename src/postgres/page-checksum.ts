/**
 * pd_checksum (src/include/storage/checksum_impl.h): 32 FNV-1a-like sums in parallel over the page's 32-bit
 * words, folded into one with the block number, so that a page in another page's place shows.
 */
const LANES = 32;
const PRIME = 16777619;
/** Where the checksum itself lies in the page; it counts as 0. */
const PD_CHECKSUM = 8;

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

/** The checksum that the page at offset `page` should carry as block `block` of its relation's fork: 1 to 65535. */
export function pageChecksum(view: DataView, page: number, size: number, block: number): number {
  let sum = 0;
  for (let lane = 0; lane < LANES; lane += 4) sum ^= fourLanes(view, page, size, lane);
  return (((sum ^ block) >>> 0) % 65535) + 1;
}

/** The sums of four neighbouring lanes, folded: four that do not wait for each other keep a processor busy. */
function fourLanes(view: DataView, page: number, size: number, lane: number): number {
  let a = BASE[lane]!;
  let b = BASE[lane + 1]!;
  let c = BASE[lane + 2]!;
  let d = BASE[lane + 3]!;
  const first = page + lane * 4;
  const end = page + size;
  for (let at = first; at < end; at += LANES * 4) {
    a ^= view.getInt32(at, true);
    b ^= view.getInt32(at + 4, true);
    c ^= at + 8 === page + PD_CHECKSUM ? view.getInt32(at + 8, true) & ~0xffff : view.getInt32(at + 8, true);
    d ^= view.getInt32(at + 12, true);
    a = mix(a);
    b = mix(b);
    c = mix(c);
    d = mix(d);
  }
  return mix(mix(a)) ^ mix(mix(b)) ^ mix(mix(c)) ^ mix(mix(d));
}

/** CHECKSUM_COMP, the word already in. */
function mix(value: number): number {
  return Math.imul(value, PRIME) ^ (value >>> 17);
}
