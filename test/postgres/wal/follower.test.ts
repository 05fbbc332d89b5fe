import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachTuple, pageDamage } from '../../../src/postgres/page.js';
import { XID_ABORTED, XID_COMMITTED, XID_IN_PROGRESS } from '../../../src/postgres/transaction-log.js';
import { WalFollower } from '../../../src/postgres/wal/follower.js';
import type { BasePage } from '../../../src/postgres/wal/page-overlay.js';
import { type MadeRecord, noise, smallGeometry, WalBuilder, word16, word32 } from './build.js';

const START = 4096;
const PG_CLASS = [1663, 5, 1259] as const;
const TABLE = [1663, 5, 20000] as const;
const INIT = 0x80;

const isCatalog = (_spc: number, _db: number, rel: number): boolean => rel < 16384;
const noPages: BasePage = () => null;

function follow(version: number, records: readonly MadeRecord[], base = noPages): WalFollower {
  const geometry = smallGeometry(version);
  const builder = new WalBuilder(geometry, START);
  for (const record of records) builder.add(record);
  const { files } = builder;
  const follower = new WalFollower({ geometry, files, timeline: 1, redo: START, interest: isCatalog, base });
  assert.equal(follower.follow().lsn, builder.position);
  return follower;
}

/** xl_heap_insert of a row whose data are `text`. */
function insert(
  text: string,
  offset: number,
  xid: number,
  rel: readonly [number, number, number] = PG_CLASS,
): MadeRecord {
  const data = Uint8Array.from([...word16(1), ...word16(0x0800), 24, 0, ...Buffer.from(text)]);
  return {
    rmgr: 10,
    info: offset === 1 ? INIT : 0,
    xid,
    blocks: [{ rel, block: 0, data }],
    main: Uint8Array.from([...word16(offset), 0]),
  };
}

function texts(follower: WalFollower): string[] {
  const { bytes, view } = follower.pages.relation(...PG_CLASS)!.pages.get(0)!;
  const found: string[] = [];
  assert.equal(pageDamage(view, 0, bytes.length, 0, false), null);
  assert.equal(
    forEachTuple(view, 0, bytes.length, (at, length) => {
      found.push(Buffer.from(bytes.subarray(at + 24, at + length)).toString());
    }),
    0,
  );
  return found;
}

test('rows of catalogs are inserted, deleted, and their pages pruned; other tables are passed over', () => {
  const remove = (offset: number): MadeRecord => ({
    rmgr: 10,
    info: 0x10,
    xid: 702,
    blocks: [{ rel: PG_CLASS, block: 0 }],
    main: Uint8Array.from([...word32(702), ...word16(offset), 0, 0]),
  });
  const prune: MadeRecord = {
    rmgr: 9,
    info: 0x10,
    blocks: [{ rel: PG_CLASS, block: 0, data: Uint8Array.from(word16(2)) }],
    main: Uint8Array.from([...word32(702), 0, 0, 0, 0]),
  };
  const rows = [insert('first', 1, 700), insert('second', 2, 700), insert('third', 3, 701)];
  const follower = follow(15, [...rows, insert('elsewhere', 1, 700, TABLE), remove(2)]);
  assert.deepEqual(texts(follower), ['first', 'second', 'third']);
  assert.equal(follower.pages.relation(...TABLE), undefined);
  const pruned = follow(15, [...rows, remove(2), prune, insert('fourth', 2, 703)]);
  assert.deepEqual(texts(pruned), ['first', 'fourth', 'third']);
  assert.deepEqual([follower.failures, pruned.failures], [0, 0]);
});

test('a change that a page on disk has already is not made again', () => {
  const rows = [insert('first', 1, 700), insert('second', 2, 700)];
  const newer = follow(15, [...rows, insert('third', 3, 701)])
    .pages.relation(...PG_CLASS)!
    .pages.get(0)!;
  const onlyLater = follow(15, rows.slice(1), () => newer.bytes);
  assert.deepEqual(texts(onlyLater), ['first', 'second', 'third']);
});

test('a record that does not fit its page makes it unreadable, until an image restores it', () => {
  const wrong = insert('far away', 9, 701);
  const lost = follow(15, [insert('first', 1, 700), wrong, insert('second', 2, 701)]);
  const relation = lost.pages.relation(...PG_CLASS)!;
  assert.deepEqual([[...relation.unreadable.keys()], relation.pages.size, lost.failures], [[0], 0, 1]);

  const image = follow(15, [insert('restored', 1, 700)])
    .pages.relation(...PG_CLASS)!
    .pages.get(0)!.bytes;
  const full: MadeRecord = { rmgr: 0, info: 0xb0, blocks: [{ rel: PG_CLASS, block: 0, image }] };
  const restored = follow(15, [insert('first', 1, 700), wrong, full, insert('after', 2, 702)]);
  assert.deepEqual(texts(restored), ['restored', 'after']);
  assert.deepEqual([...restored.pages.relation(...PG_CLASS)!.unreadable], []);
});

test('commits and aborts, with subtransactions, prepared ones, and those that a crash ended', () => {
  const time = noise(1, 8);
  const ends = (info: number, xid: number, ...rest: (number[] | Uint8Array)[]): MadeRecord => ({
    rmgr: 1,
    info,
    xid,
    main: Uint8Array.from([...time, ...rest.flatMap((part) => [...part])]),
  });
  const invalidations = [...word32(1), ...noise(2, 16)];
  const stats = [...word32(1), ...noise(3, 12)];
  const { transactions, failures } = follow(15, [
    ends(0x00, 700),
    ends(0x20, 701),
    // xinfo: dbinfo, subxacts, relfilenodes, invals, twophase, dropped stats.
    ends(
      0xb0,
      0,
      word32(0x11f),
      noise(4, 8),
      word32(2),
      word32(711),
      word32(712),
      word32(1),
      noise(5, 12),
      stats,
      invalidations,
      word32(710),
    ),
    ends(0xc0, 0, word32(0x12), word32(1), word32(721), word32(720)),
    ends(0x80, 730, word32(0x02), word32(0x7fffffff)),
    {
      rmgr: 8,
      info: 0x10,
      main: Uint8Array.from([
        ...word32(0),
        ...word32(0),
        0,
        0,
        0,
        0,
        ...word32(800),
        ...word32(750),
        ...word32(799),
      ]),
    },
  ]);
  const marks = [700, 701, 710, 711, 712, 720, 721, 730, 740].map((xid) => transactions.mark(xid));
  const [C, A, P] = [XID_COMMITTED, XID_ABORTED, XID_IN_PROGRESS];
  assert.deepEqual(marks, [C, A, C, C, C, A, A, P, P]);
  assert.deepEqual([transactions.isLost(749), transactions.isLost(750)], [true, false]);
  assert.equal(failures, 1, 'the one that is cut short');
});

test('the member of a multixact that updates', () => {
  const create = (multixact: number, ...members: [xid: number, status: number][]): MadeRecord => ({
    rmgr: 6,
    info: 0x20,
    main: Uint8Array.from([multixact, 1, members.length, ...members.flat()].flatMap(word32)),
  });
  const { transactions } = follow(15, [create(3, [700, 0], [701, 5]), create(4, [700, 1], [702, 3])]);
  assert.deepEqual(
    [3, 4, 5].map((multixact) => transactions.updater(multixact)),
    [701, 0, undefined],
  );
});

test('after a checkpoint what was before its redo point is given up, all else is kept', () => {
  const geometry = smallGeometry(15);
  const builder = new WalBuilder(geometry, START);
  const commit = (xid: number): MadeRecord => ({ rmgr: 1, xid, main: noise(1, 8) });
  const checkpoint = (redo: number): MadeRecord => ({
    rmgr: 0,
    info: 0x10,
    main: Uint8Array.from([...word32(redo), ...new Uint8Array(80)]),
  });
  const insertInto = (rel: number, xid: number): MadeRecord => insert('row', 1, xid, [1663, 5, rel]);
  const { files } = builder;
  const follower = new WalFollower({
    geometry,
    files,
    timeline: 1,
    redo: START,
    interest: isCatalog,
    base: noPages,
  });
  for (const record of [insertInto(1259, 700), commit(700), checkpoint(START)]) builder.add(record);
  const redo = builder.position;
  for (const record of [insertInto(2615, 701), commit(701), checkpoint(redo)]) builder.add(record);
  for (const record of [insertInto(2610, 702), commit(702)]) builder.add(record);
  follower.follow();
  const kept = (): unknown[] => [
    ...[1259, 2615, 2610].map((rel) => follower.pages.relation(1663, 5, rel)!.pages.size),
    ...[700, 701, 702].map((xid) => follower.transactions.mark(xid)),
  ];
  const [C, P] = [XID_COMMITTED, XID_IN_PROGRESS];
  assert.deepEqual(kept(), [1, 1, 1, C, C, C]);
  follower.forget(START);
  assert.deepEqual(kept(), [1, 1, 1, C, C, C]);
  follower.forget(redo);
  assert.deepEqual(kept(), [0, 1, 1, P, C, C]);
});

test('relation maps, databases and truncation', () => {
  const map = noise(6, 512);
  const records: MadeRecord[] = [
    { rmgr: 7, main: Uint8Array.from([...word32(5), ...word32(1663), ...word32(512), ...map]) },
    { rmgr: 4, info: 0x10, main: Uint8Array.from([...word32(90), ...word32(1663)]) },
    { rmgr: 4, info: 0x10, main: Uint8Array.from([...word32(91), ...word32(1663)]) },
    { rmgr: 4, info: 0x20, main: Uint8Array.from([...word32(91), ...word32(1), ...word32(1663)]) },
    insert('first', 1, 700),
    { rmgr: 2, info: 0x20, main: Uint8Array.from([0, ...PG_CLASS, 7].flatMap(word32)) },
  ];
  const follower = follow(15, records);
  assert.deepEqual([...follower.maps.get(5)!], [...map]);
  assert.deepEqual([...follower.databases.values()], [{ db: 90, spc: 1663, logged: true }]);
  const relation = follower.pages.relation(...PG_CLASS)!;
  assert.deepEqual([relation.blocks, relation.truncated > 0, relation.pages.size], [0, true, 0]);
});

test('records of noise, in every version: no crash, no page of another size', () => {
  const page = follow(15, [insert('first', 1, 700), insert('second', 2, 700)])
    .pages.relation(...PG_CLASS)!
    .pages.get(0)!;
  for (let version = 10; version <= 18; version += 1) {
    const records = Array.from({ length: 400 }, (_, seed): MadeRecord => {
      const bytes = noise(seed + version * 1000, 120);
      // Numbers are small for the most part, so that offsets and counts are often in range.
      const small = bytes.map((byte, index) => (bytes[index + 1]! < 200 ? byte % 4 : byte));
      const blocks = [0, 1].slice(0, 1 + (seed & 1)).map((block) => ({
        rel: PG_CLASS,
        block,
        data: small.subarray(60, 61 + (bytes[3]! % 60)),
      }));
      const rmgr = [9, 10, 9, 10, 0, 1, 2, 4, 6, 7, 8][seed % 11]!;
      const info = (bytes[1]! & 0xf0) === 0x40 && rmgr === 0 ? 0xb0 : bytes[1]! & 0xf0;
      return {
        rmgr,
        info,
        xid: 700 + seed,
        blocks: rmgr > 8 ? blocks : [],
        main: small.subarray(0, bytes[2]! % 60),
      };
    });
    const follower = follow(version, records, () => page.bytes);
    for (const { pages } of follower.pages.relations())
      for (const { bytes } of pages.values()) assert.equal(bytes.length, page.bytes.length);
  }
});
