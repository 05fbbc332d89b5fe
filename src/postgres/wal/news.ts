/** How often something came by the WAL that may change what the catalogs say, so that nobody reads them for nothing. */
import { xidPrecedes } from '../xid.js';

export class WalNews {
  /** Of all databases together. */
  total = 0;
  readonly #counts = new Map<number, number>();
  /** The databases whose catalogs a transaction has changed that has not ended. */
  readonly #open = new Map<number, Set<number>>();

  /** Of one database; 0: what is shared. */
  of(database: number): number {
    return this.#counts.get(database) ?? 0;
  }

  /** @param xid of the transaction that does it; 0 where none does, and its end changes nothing more */
  add(database: number, xid = 0): void {
    this.total++;
    this.#counts.set(database, this.of(database) + 1);
    if (xid === 0) return;
    const databases = this.#open.get(xid);
    if (databases === undefined) this.#open.set(xid, new Set([database]));
    else databases.add(database);
  }

  /** A transaction has ended: what it did has become so, or not. */
  end(xid: number): void {
    const databases = this.#open.get(xid);
    if (databases === undefined) return;
    this.#open.delete(xid);
    for (const database of databases) this.add(database);
  }

  /** All transactions older than that have ended, some without a record of it. */
  settle(before: number): void {
    if (before === 0) return;
    for (const xid of this.#open.keys()) if (xidPrecedes(xid, before)) this.end(xid);
  }
}
