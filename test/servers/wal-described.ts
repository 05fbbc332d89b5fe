/**
 * What the main data of a record say, by our readers and by pg_waldump's descriptions (src/backend/access/rmgrdesc),
 * in the same words. Nothing is told of what is not read here.
 */
import { XID_COMMITTED } from '../../src/postgres/transaction-log.js';
import {
  readCheckpoint,
  readDatabaseChange,
  readMapUpdate,
  readTruncation,
} from '../../src/postgres/wal/cluster-records.js';
import type { WalLayout } from '../../src/postgres/wal/layout.js';
import { formatLsn } from '../../src/postgres/wal/lsn.js';
import { WalNews } from '../../src/postgres/wal/news.js';
import { RMGR, type WalRecord } from '../../src/postgres/wal/record.js';
import {
  applyMultixact,
  applyRunning,
  applyTransaction,
  MULTIXACT_CREATE_ID,
  RUNNING_XACTS,
} from '../../src/postgres/wal/transaction-records.js';
import { WalTransactions } from '../../src/postgres/wal/transactions.js';

/** Null where nothing of the record is read. */
export function describe(record: WalRecord, layout: WalLayout): string | null {
  const op = record.info & 0xf0;
  switch (record.rmgr) {
    case RMGR.transaction:
      return heard((into) => applyTransaction(record, layout, into));
    case RMGR.multixact:
      return op === MULTIXACT_CREATE_ID ? heard((into) => applyMultixact(record, into)) : null;
    case RMGR.standby:
      return op === RUNNING_XACTS ? heard((into) => applyRunning(record, into)) : null;
    case RMGR.relmap: {
      const { db, spc, bytes } = readMapUpdate(record)!;
      return `map of ${db} in ${spc}, ${bytes.length} bytes`;
    }
    case RMGR.database: {
      const change = readDatabaseChange(record, layout)!;
      if ('spcs' in change) return `drop ${change.spcs.map((spc) => `${spc}/${change.db}`).join(' ')}`;
      return `${change.logged ? 'log' : 'copy'} ${change.spc}/${change.db}`;
    }
    case RMGR.storage: {
      const cut = readTruncation(record);
      return cut && `cut ${cut.spc}/${cut.db}/${cut.rel} to ${cut.blocks}`;
    }
    case RMGR.xlog: {
      const checkpoint = readCheckpoint(record, layout);
      return (
        checkpoint &&
        `checkpoint from ${formatLsn(checkpoint.redo)}, active from ${checkpoint.oldestActiveXid}`
      );
    }
    default:
      return null;
  }
}

/** One record's word on transactions. */
class Hearing extends WalTransactions {
  readonly heard: string[] = [];

  override end(xid: number, mark: Parameters<WalTransactions['end']>[1]): void {
    this.heard.push(`${mark === XID_COMMITTED ? 'committed' : 'aborted'} ${xid}`);
  }

  override addMultixact(...words: Parameters<WalTransactions['addMultixact']>): void {
    super.addMultixact(...words);
    this.heard.push(`multixact ${words[0]} of ${this.updater(words[0])}`);
  }

  override settle(before: number): void {
    this.heard.push(`ended before ${before}`);
  }
}

function heard(apply: (into: WalTransactions) => boolean): string | null {
  const into = new Hearing(new WalNews());
  if (!apply(into)) return 'cut short';
  return into.heard.length === 0 ? null : into.heard.join(' ');
}

type Retelling = (words: RegExpExecArray, xid: string, version: number) => string;

const RETELLINGS: Readonly<Record<string, readonly (readonly [RegExp, Retelling])[]>> = {
  Transaction: [
    [
      /^(COMMIT|ABORT)(?:_PREPARED (\d+):)? [^;]*(?:.*?; subxacts:((?: \d+)+))?/,
      ([, how, prepared, subxacts = ''], xid) =>
        [prepared ?? xid, ...subxacts.split(' ').slice(1)]
          .map((each) => `${how === 'COMMIT' ? 'committed' : 'aborted'} ${each}`)
          .join(' '),
    ],
  ],
  MultiXact: [
    [
      /^CREATE_ID (\d+) offset \d+ nmembers \d+: (.*)$/,
      ([, multixact, members]) =>
        `multixact ${multixact} of ${/(\d+) \((?:nokey)?upd\)/.exec(members!)?.[1] ?? 0}`,
    ],
  ],
  Standby: [[/^RUNNING_XACTS .*oldestRunningXid (\d+)/, ([, xid]) => `ended before ${xid}`]],
  RelMap: [
    [
      /^UPDATE database (\d+) tablespace (\d+) size (\d+)/,
      ([, db, spc, size]) => `map of ${db} in ${spc}, ${size} bytes`,
    ],
  ],
  Database: [
    [
      /^(CREATE\w*) .* (\d+)\/(\d+)$/,
      ([, op, ...place], _, version) =>
        `${op === 'CREATE_WAL_LOG' ? 'log' : 'copy'} ${inOrder(place, version)}`,
    ],
    [
      /^DROP dir (.*)$/,
      ([, places], _, version) =>
        `drop ${places!
          .split(' ')
          .map((place) => inOrder(place.split('/'), version))
          .join(' ')}`,
    ],
  ],
  Storage: [
    [/^TRUNCATE (\S+) to (\d+) blocks flags 7$/, ([, path, blocks]) => `cut ${relation(path!)} to ${blocks}`],
  ],
  XLOG: [
    [
      /^CHECKPOINT_(?:ONLINE|SHUTDOWN) redo ([\dA-F/]+);.* oldest running xid (\d+);/,
      ([, redo, xid]) => `checkpoint from ${redo}, active from ${xid}`,
    ],
  ],
};

/** Of a description, what describe() tells of the same record. `version` is that of the pg_waldump. */
export function retell(rmgr: string, description: string, xid: string, version: number): string | null {
  for (const [form, tell] of RETELLINGS[rmgr] ?? []) {
    const words = form.exec(description);
    if (words !== null) return tell(words, xid, version);
  }
  return null;
}

/** Of a database: tablespace first, as since 12. */
function inOrder(place: readonly string[], version: number): string {
  return (version < 12 ? place.toReversed() : place).join('/');
}

/** relpathperm(), src/common/relpath.c. */
function relation(path: string): string {
  const [folder, ...rest] = path.split('/');
  if (folder === 'global') return `1664/0/${rest[0]}`;
  if (folder === 'base') return `1663/${rest.join('/')}`;
  const [tablespace, , ...below] = rest;
  return `${tablespace}/${below.join('/')}`;
}
