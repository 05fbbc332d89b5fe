import assert from 'node:assert/strict';
import { test } from 'node:test';
import { segmentName } from '../../../src/postgres/wal/lsn.js';
import { WalReader } from '../../../src/postgres/wal/reader.js';
import type { WalFiles } from '../../../src/postgres/wal/window.js';
import { encodeRecord, type MadeRecord, noise, sealed, smallGeometry, WalBuilder } from './build.js';

const START = 4096;
const geometry = smallGeometry();

/** Records of all lengths around those of a page, by turns of a wanted and an unwanted resource manager. */
const RECORDS: readonly MadeRecord[] = Array.from({ length: 60 }, (_, index) => ({
  rmgr: index % 3 === 0 ? 1 : 11,
  info: (index * 16) & 0xf0,
  xid: 700 + index,
  main: noise(index, (index * 37) % 1400),
}));

function records(count: number): readonly MadeRecord[] {
  return RECORDS.slice(0, count);
}

function built(count = 60): WalBuilder {
  const builder = new WalBuilder(geometry, START);
  for (const record of records(count)) builder.add(record);
  return builder;
}

interface Reading {
  xids: number[];
  end: number;
  goesOn: boolean;
  reader: WalReader;
}

function read(files: WalFiles, wanted = (rmgr: number) => rmgr >= 0, start = START, timeline = 1): Reading {
  const reader = new WalReader(geometry, files, timeline, start);
  return goOn(reader, wanted);
}

function goOn(reader: WalReader, wanted = (rmgr: number) => rmgr >= 0): Reading {
  const xids: number[] = [];
  const end = reader.read(
    (_view, _at, rmgr) => wanted(rmgr),
    (record) => {
      const { xid, bytes, mainAt, mainLength } = record;
      const { main } = RECORDS[xid - 700]!;
      assert.equal(Buffer.compare(bytes.subarray(mainAt, mainAt + mainLength), main!), 0);
      xids.push(xid);
    },
  );
  return { xids, end: end.lsn, goesOn: end.goesOn, reader };
}

const some = (rmgr: number) => rmgr === 1;

test('every record, or those that are wanted, over pages and segments', () => {
  const builder = built();
  const all = read(builder.files);
  assert.deepEqual(
    all.xids,
    Array.from({ length: 60 }, (_, index) => 700 + index),
  );
  assert.deepEqual([all.end, all.goesOn], [builder.position, false]);
  assert.ok(builder.segments.size > 5);
  const wanted = read(builder.files, some);
  assert.deepEqual(
    wanted.xids,
    all.xids.filter((xid) => (xid - 700) % 3 === 0),
  );
  assert.equal(wanted.end, builder.position);
});

test('a record ends where PostgreSQL says, and begins where the one before it says', () => {
  const builder = built();
  const spans: { lsn: number; end: number }[] = [];
  const links: number[] = [];
  new WalReader(geometry, builder.files, 1, START).read(
    () => true,
    ({ lsn, end, prev }) => {
      spans.push({ lsn, end });
      links.push(prev);
    },
  );
  assert.deepEqual(spans, builder.records);
  assert.deepEqual(
    links.slice(1),
    builder.records.slice(0, -1).map(({ lsn }) => lsn),
  );
});

/** The WAL as it is on disk when only what is before `position` was written; garbage or zeros follow. */
function writtenUpTo(
  builder: WalBuilder,
  position: number,
  rest: (name: string, at: number) => number,
): WalFiles {
  const segments = new Map<string, Uint8Array>();
  for (const [name, bytes] of builder.segments) {
    const first = Number.parseInt(name.slice(16), 16) * geometry.segmentSize;
    segments.set(
      name,
      bytes.map((byte, at) => (first + at < position ? byte : rest(name, at))),
    );
  }
  return {
    list: () => [...segments.keys()],
    readAt: (name, offset, length) => segments.get(name)?.slice(offset, offset + length) ?? null,
  };
}

test('WAL that is cut anywhere gives the records that are whole, and goes on from there', () => {
  const builder = built(40);
  let current: WalFiles = builder.files;
  const live: WalFiles = {
    list: () => current.list(),
    readAt: (name, offset, length) => current.readAt(name, offset, length),
  };
  for (let position = START; position <= builder.position; position += 24) {
    for (const wanted of [some, () => true]) {
      current = writtenUpTo(builder, position, () => 0);
      const first = read(live, wanted);
      const whole = builder.records.filter(({ end }) => end <= position + 7).length;
      assert.ok(first.xids.every((xid) => xid - 700 <= whole));
      current = builder.files;
      const second = goOn(first.reader, wanted);
      const expected = records(40).filter(({ rmgr }) => wanted(rmgr));
      assert.deepEqual(
        [...first.xids, ...second.xids],
        expected.map(({ xid }) => xid),
      );
    }
  }
});

test('what a recycled segment held before is not WAL', () => {
  const builder = built(40);
  const old = new WalBuilder(geometry, START - 4096);
  for (const record of records(60)) old.add(record);
  const garbage = [...old.segments.values()];
  for (let position = START + 600; position < builder.position; position += 104) {
    const files = writtenUpTo(builder, position, (name, at) => garbage[Number.parseInt(name, 16) % 3]![at]!);
    const { xids } = read(files, some);
    const whole = builder.records.filter(({ end }) => end <= position + 7).length;
    assert.ok(xids.every((xid) => xid - 700 <= whole));
  }
});

test('a flipped bit ends the chain at the latest in its record, and damage in the middle shows', () => {
  const builder = built(30);
  for (const [name, bytes] of builder.segments) {
    const first = Number.parseInt(name.slice(16), 16) * geometry.segmentSize;
    for (let at = 0; at < bytes.length && first + at < builder.position; at += 5) {
      bytes[at]! ^= 0x10;
      const { xids, end } = read(builder.files);
      bytes[at]! ^= 0x10;
      const before = builder.records.filter((record) => record.end <= first + at).length;
      assert.ok(xids.length >= before - 1, `byte ${first + at}`);
      assert.deepEqual(
        xids,
        Array.from(xids, (_, index) => 700 + index),
      );
      assert.ok(xids.length === 30 || end <= first + at);
    }
  }
  const [segment] = builder.segments.values();
  segment![1000]! ^= 1;
  assert.equal(read(builder.files).goesOn, true);
});

test('a length that is none, and one of 4 GB, end the chain', () => {
  for (const length of [1, 23, 0x7fffffff, 0xffffffff]) {
    const builder = built(3);
    const bytes = encodeRecord({ rmgr: 1, xid: 703 }, builder.records.at(-1)!.lsn);
    new DataView(bytes.buffer).setUint32(0, length, true);
    builder.write(sealed(bytes));
    assert.equal(read(builder.files).xids.length, 3);
    assert.equal(read(builder.files, () => false).end, builder.records[2]!.end);
  }
});

test('after a switch the rest of the segment is skipped', () => {
  const builder = built(2);
  builder.switchSegment();
  const last = builder.records.at(-1)!;
  builder.add(records(3)[2]!);
  assert.deepEqual(read(builder.files, (rmgr) => rmgr > 0).xids, [700, 701, 702]);
  assert.equal(last.end % geometry.segmentSize, 0);
});

test('a record that a crash cut is passed over where its rest is declared overwritten', () => {
  const builder = built(5);
  const lost = encodeRecord({ rmgr: 1, xid: 900, main: noise(1, 900) }, builder.records.at(-1)!.lsn);
  builder.write(lost, 300);
  assert.equal(read(builder.files).xids.length, 5);
  builder.overwriteContinuation();
  builder.add(records(6)[5]!);
  assert.deepEqual(read(builder.files).xids, [700, 701, 702, 703, 704, 705]);
});

test('the WAL goes on on a new timeline, found by its history file; a partial segment is as good as a whole one', () => {
  const parent = built(20);
  const child = parent.fork(2);
  const switchedAt = parent.position;
  for (const record of records(40).slice(20)) child.add(record);
  // What the parent did after the switch is not part of the child's history.
  for (const record of records(30).slice(20)) parent.add({ ...record, xid: 999 });

  const history = `1\t0/${switchedAt.toString(16).toUpperCase()}\tno recovery target specified\n`;
  const partial = segmentName(2, child.position, geometry.segmentSize);
  const files = new Map([...parent.segments, ...child.segments]);
  files.set(`${partial}.partial`, files.get(partial)!);
  files.delete(partial);
  files.set('00000002.history', new TextEncoder().encode(history));
  const both: WalFiles = {
    list: () => [...files.keys()],
    readAt: (name, offset, length) => files.get(name)?.slice(offset, offset + length) ?? null,
  };
  const { xids, end, reader } = read(both);
  assert.deepEqual(
    xids,
    Array.from({ length: 40 }, (_, index) => 700 + index),
  );
  assert.deepEqual([end, reader.timeline], [child.position, 2]);
});

test('reading can begin on a page that begins with the rest of a record', () => {
  const builder = built();
  const page = builder.records.findIndex(
    ({ lsn, end }) => Math.floor(lsn / 512) < Math.floor((end - 1) / 512),
  );
  const start = Math.floor((builder.records[page]!.end - 1) / 512) * 512;
  assert.equal(read(builder.files, undefined, start).xids[0], 700 + page + 1);
});

test('a first page that says that more of a record is left than can be is skipped', () => {
  for (const remaining of [0x7fffffff, 0xfffffff8, 0xffffffff]) {
    const builder = built();
    const view = new DataView([...builder.segments.values()][0]!.buffer);
    view.setUint16(1024 + 2, 0x01, true);
    view.setUint32(1024 + 16, remaining, true);
    const onThePage = builder.records.filter(({ lsn }) => lsn < START + 1536).length;
    assert.equal(read(builder.files, undefined, START + 1024).xids[0], 700 + onThePage);
  }
});

test('no files, none of this server, none at all', () => {
  const none: WalFiles = { list: () => [], readAt: () => null };
  assert.deepEqual({ ...read(none), reader: null }, { xids: [], end: START, goesOn: false, reader: null });
  const foreign: WalFiles = { list: () => [], readAt: (_name, _offset, length) => noise(7, length) };
  assert.deepEqual(read(foreign).xids, []);
  assert.deepEqual(read(built().files, undefined, START + 56).xids, []);
});
