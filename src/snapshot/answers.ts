/**
 * What was asked of transactions and what the answers were, as pages of pg_xact and pg_multixact that answer the
 * same without the WAL: every end is a mark of its own, a subtransaction's too, and so pg_subtrans is not needed.
 */
import {
  type SlruDirectory,
  type TransactionLog,
  XID_ABORTED,
  XID_UNKNOWN,
  type XidStatus,
} from '../postgres/transaction-log.js';

export interface SlruPage {
  directory: SlruDirectory;
  number: number;
  bytes: Uint8Array;
}

/** ForKeyShare, which only locks, and Update of MultiXactStatus (src/include/access/multixact.h). */
const LOCKS = 0;
const UPDATES = 5;
const FIRST_MEMBER = 1; // an offset of 0 is one that is not known
const MEMBERS_PER_GROUP = 4;
const GROUP_SIZE = 20;

export class RecordedTransactions implements TransactionLog {
  readonly #log: () => TransactionLog;
  readonly #statuses = new Map<number, XidStatus>();
  readonly #updaters = new Map<number, number | null>();

  /** @param log is asked, each time anew */
  constructor(log: () => TransactionLog) {
    this.#log = log;
  }

  status(xid: number): XidStatus {
    const status = this.#log().status(xid);
    this.#statuses.set(xid, status);
    return status;
  }

  updater(multixact: number): number | null {
    const updater = this.#log().updater(multixact);
    this.#updaters.set(multixact, updater);
    return updater;
  }

  /** The pages, in no order. They are right for a control file that says nothing of multixacts (unboundControl()). */
  pages(blockSize: number): SlruPage[] {
    const pages = new SlruWriter(blockSize);
    this.#writeStatuses(pages, blockSize * 4);
    this.#writeMultixacts(pages, blockSize);
    return pages.all();
  }

  /** A page on which nothing is known stays away; on others who is not known must prove nothing. */
  #writeStatuses(pages: SlruWriter, perPage: number): void {
    for (const [xid, status] of this.#statuses)
      if (status !== XID_UNKNOWN) pages.page('pg_xact', Math.floor(xid / perPage));
    for (const [xid, status] of this.#statuses) {
      const page = pages.find('pg_xact', Math.floor(xid / perPage));
      if (page === undefined) continue;
      const index = xid % perPage;
      page[index >>> 2]! |= (status === XID_UNKNOWN ? XID_ABORTED : status) << ((index & 3) * 2);
    }
  }

  /** Each has one member: the one that updates, or one that locks. */
  #writeMultixacts(pages: SlruWriter, blockSize: number): void {
    const perPage = blockSize / 4;
    const setOffset = (multixact: number, offset: number) => {
      const page = pages.page('pg_multixact/offsets', Math.floor(multixact / perPage));
      viewOf(page).setUint32((multixact % perPage) * 4, offset, true);
    };
    const known = [...this.#updaters].filter(([, updater]) => updater !== null);
    let member = FIRST_MEMBER;
    // In their order of age: where one's members end the next one's begin, over the wrap-around too.
    for (const [multixact, updater] of known.sort(([one], [other]) => (one - other) | 0)) {
      setOffset(multixact, member);
      writeMember(pages, blockSize, member++, updater!);
      setOffset((multixact + 1) >>> 0 || 1, member);
    }
  }
}

/** Four flag bytes, then four xids (src/backend/access/transam/multixact.c). */
function writeMember(pages: SlruWriter, blockSize: number, member: number, updater: number): void {
  const groupsPerPage = Math.floor(blockSize / GROUP_SIZE);
  const group = Math.floor(member / MEMBERS_PER_GROUP);
  const page = pages.page('pg_multixact/members', Math.floor(group / groupsPerPage));
  const at = (group % groupsPerPage) * GROUP_SIZE;
  const slot = member % MEMBERS_PER_GROUP;
  page[at + slot] = updater === 0 ? LOCKS : UPDATES;
  viewOf(page).setUint32(at + MEMBERS_PER_GROUP + slot * 4, updater, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

class SlruWriter {
  readonly #blockSize: number;
  readonly #pages = new Map<SlruDirectory, Map<number, Uint8Array>>();

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  find(directory: SlruDirectory, number: number): Uint8Array | undefined {
    return this.#pages.get(directory)?.get(number);
  }

  /** The page, empty at first. */
  page(directory: SlruDirectory, number: number): Uint8Array {
    let pages = this.#pages.get(directory);
    if (pages === undefined) {
      pages = new Map();
      this.#pages.set(directory, pages);
    }
    let page = pages.get(number);
    if (page === undefined) {
      page = new Uint8Array(this.#blockSize);
      pages.set(number, page);
    }
    return page;
  }

  all(): SlruPage[] {
    return [...this.#pages].flatMap(([directory, pages]) =>
      Array.from(pages, ([number, bytes]) => ({ directory, number, bytes })),
    );
  }
}
