/**
 * Pages as they were before the WAL took rows off them. Who reads the catalogs now and then would never see a row that
 * came and was pruned in between, and what it names may be in events that are still to come.
 */

export interface EarlierPage {
  block: number;
  bytes: Uint8Array;
}

interface Kept extends EarlierPage {
  /** Whose page it is. */
  relation: object;
}

/** 8 MiB of pages of 8 KiB, over all relations: nobody may ever ask for those of a database. */
const MOST_KEPT = 1024;

export class EarlierPages {
  #kept: Kept[] = [];

  /** @param bytes are kept as they are: a page that goes on to change is to be copied before. */
  keep(relation: object, block: number, bytes: Uint8Array): void {
    if (this.#kept.length === MOST_KEPT) this.#kept.shift();
    this.#kept.push({ relation, block, bytes });
  }

  /** Those of a relation since the last call, the oldest first. */
  take(relation: object): EarlierPage[] {
    const taken = this.#kept.filter((page) => page.relation === relation);
    if (taken.length > 0) this.#kept = this.#kept.filter((page) => page.relation !== relation);
    return taken;
  }
}
