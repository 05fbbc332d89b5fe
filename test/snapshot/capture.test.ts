import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRelationMap, encodeRelationMap } from '../../src/postgres/relmap.js';
import { openCatalog } from '../../src/resolve/catalog.js';
import { openCluster } from '../../src/resolve/cluster.js';
import type { ClusterFiles } from '../../src/resolve/files.js';
import { memoryFiles } from '../../src/resolve/files-memory.js';
import { type Captured, capture } from '../../src/snapshot/capture.js';
import { FILES, type MadeCluster, madeCluster, SHOP, table } from '../resolve/made-cluster.js';
import { memoryCopies } from './memory-copies.js';

interface Taken {
  captured: Captured;
  copies: Map<string, Uint8Array>;
}

/** A capture without the WAL, of which a made cluster has none. */
async function take(files: ClusterFiles): Promise<Taken> {
  const copies = memoryCopies();
  const captured = await capture(openCluster(files), copies, false, async () => undefined);
  return { captured, copies: copies.files };
}

function name(files: ReadonlyMap<string, Uint8Array>, filenode: number): string {
  const told = openCatalog(openCluster(memoryFiles(files))).relation(1663, SHOP, filenode);
  return typeof told === 'string' ? told : `${told.name}${told.uncommitted ? ', uncommitted' : ''}`;
}

/** Committed is 1, aborted 2, in progress 0: transactions 900 to 903. */
const XACT = new Uint8Array(8192);
XACT[225] = 0b00_10_01_01;
const HINTLESS = { infomask: 0x0800 };

const MADE: MadeCluster = {
  xact: XACT,
  relations: [
    [table(20001, 'frozen')],
    [table(20002, 'committed'), { ...HINTLESS, xmin: 900 }],
    [table(20003, 'aborted'), { ...HINTLESS, xmin: 902 }],
    [table(20004, 'open'), { ...HINTLESS, xmin: 903 }],
  ],
};

test('a capture gives the names that the cluster gives, and has nothing else', async () => {
  const files = madeCluster(MADE);
  files.set(`base/${SHOP}/20001`, new TextEncoder().encode('rows'));
  files.set(`base/${SHOP}/2619`, new TextEncoder().encode('statistics'));
  const { captured, copies } = await take(memoryFiles(files));
  assert.deepEqual(captured, {
    databases: 2,
    unread: [],
    damage: { pages: 0, rows: 0, first: null },
    trouble: null,
  });
  for (const filenode of [20001, 20002, 20003, 20004, 20005])
    assert.equal(name(copies, filenode), name(files, filenode), String(filenode));
  assert.equal(name(copies, 20004), 'open, uncommitted');
  const catalogs = [FILES.pg_class, FILES.pg_namespace, FILES.pg_index, 'pg_filenode.map'];
  assert.deepEqual(
    [...copies.keys()].sort(),
    [
      'PG_VERSION',
      'global/pg_control',
      'global/pg_filenode.map',
      `global/${FILES.pg_database}`,
      `global/${FILES.pg_tablespace}`,
      'pg_xact/0000',
      ...[1, SHOP].flatMap((database) => catalogs.map((file) => `base/${database}/${file}`)),
    ]
      .filter((path) => (files.get(path)?.length ?? 0) > 0)
      .sort(),
  );
});

test('a database that cannot be read is left out, and said to be', async () => {
  const files = madeCluster(MADE);
  const { captured, copies } = await take({
    ...memoryFiles(files),
    read: (path) => memoryFiles(files).read(path === `base/${SHOP}/pg_filenode.map` ? 'PG_VERSION' : path),
  });
  assert.equal(captured.databases, 1);
  assert.deepEqual(
    captured.unread.map(({ database, reason }) => [database, /wrong size/.test(reason)]),
    [['shop', true]],
  );
  assert.deepEqual(
    [...copies.keys()].filter((path) => path.startsWith(`base/${SHOP}/`)),
    [],
  );
});

test('what a failed reading had copied goes', async () => {
  const files = madeCluster(MADE);
  const memory = memoryFiles(files);
  let maps = 0;
  const { captured, copies } = await take({
    ...memory,
    // At first the map leads to a pg_class that is none.
    read(path) {
      if (path !== `base/${SHOP}/pg_filenode.map`) return memory.read(path);
      maps++;
      return maps > 1 ? memory.read(path) : wrongMap(memory.read(path));
    },
    size: (path) => memory.size(path.replace('/7777', `/${FILES.pg_namespace}`)),
    readAt: (path, ...rest) => memory.readAt(path.replace('/7777', `/${FILES.pg_namespace}`), ...rest),
  });
  assert.equal(maps, 2);
  assert.deepEqual(captured.unread, []);
  assert.equal(copies.has(`base/${SHOP}/7777`), false);
  assert.equal(name(copies, 20001), 'frozen');
});

test('a broken page is copied as it is, and counted', async () => {
  const files = madeCluster({ ...MADE, checksums: true });
  const pages = files.get(`base/${SHOP}/${FILES.pg_class}`)!.slice();
  pages[8000]! ^= 1;
  files.set(`base/${SHOP}/${FILES.pg_class}`, pages);
  const { captured, copies } = await take(memoryFiles(files));
  assert.equal(captured.unread.length, 1);
  assert.equal(captured.damage.pages, 1);
  assert.match(captured.damage.first ?? '', /page checksum/);
  assert.equal(name(copies, 20001).includes('frozen'), false);
});

function wrongMap(map: Uint8Array): Uint8Array {
  const cluster = openCluster(memoryFiles(madeCluster()));
  return encodeRelationMap(new Map([...decodeRelationMap(map)].map(([oid]) => [oid, 7777])), cluster.major);
}
