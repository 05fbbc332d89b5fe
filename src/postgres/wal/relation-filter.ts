/** Whether a record is about a relation that matters, answered from the first bytes of its first block reference. */
import { HAS_IMAGE, RECORD_HEADER } from './record.js';

/** Whether the main fork of a relation is to be kept up to date. Must always give the same answer. */
export type Interest = (spc: number, db: number, rel: number) => boolean;

/** Answers remembered, in a table without collision lists: records come in runs over few relations. */
const SLOTS = 4096;
const ASKED_NO = 1;
const ASKED_YES = 2;

const MAX_BLOCK_ID = 32;
const IMAGE_HAS_HOLE = 0x01;

export class RelationFilter {
  readonly #interest: Interest;
  /** BKPIMAGE_* bits that say compressed. */
  readonly #compressed: number;
  readonly #keys = new Uint32Array(SLOTS * 3);
  readonly #answers = new Uint8Array(SLOTS);

  constructor(interest: Interest, compressed: number) {
    this.#interest = interest;
    this.#compressed = compressed;
  }

  /** For the record whose header is at `at`; the rest of its first HEAD bytes must follow. */
  matches(view: DataView, at: number): boolean {
    let from = at + RECORD_HEADER;
    if (view.byteLength - from < 16 || view.getUint8(from) > MAX_BLOCK_ID) return false;
    const flags = view.getUint8(from + 1);
    from += 4;
    if ((flags & HAS_IMAGE) !== 0) {
      const info = view.getUint8(from + 4);
      from += (info & IMAGE_HAS_HOLE) !== 0 && (info & this.#compressed) !== 0 ? 7 : 5;
      if (view.byteLength - from < 12) return false;
    }
    return this.has(
      view.getUint32(from, true),
      view.getUint32(from + 4, true),
      view.getUint32(from + 8, true),
    );
  }

  has(spc: number, db: number, rel: number): boolean {
    const slot = (Math.imul(rel, 0x9e3779b1) ^ Math.imul(db, 0x85ebca6b)) >>> 20;
    const key = slot * 3;
    const keys = this.#keys;
    if (this.#answers[slot] !== 0 && keys[key + 2] === rel && keys[key + 1] === db && keys[key] === spc)
      return this.#answers[slot] === ASKED_YES;
    const answer = this.#interest(spc, db, rel);
    keys[key] = spc;
    keys[key + 1] = db;
    keys[key + 2] = rel;
    this.#answers[slot] = answer ? ASKED_YES : ASKED_NO;
    return answer;
  }
}
