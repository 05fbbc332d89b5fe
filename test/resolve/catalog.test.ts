import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XID_COMMITTED } from '../../src/postgres/transaction-log.js';
import { type Catalog, openCatalog } from '../../src/resolve/catalog.js';
import { catalogFiles } from '../../src/resolve/catalog-files.js';
import { openCluster } from '../../src/resolve/cluster.js';
import type { ClusterFiles } from '../../src/resolve/files.js';
import { memoryFiles } from '../../src/resolve/files-memory.js';
import type { NamedRelation } from '../../src/resolve/names.js';
import { FILES, type MadeCluster, madeCluster, type Row, type Rows, SHOP, table } from './made-cluster.js';

const DEFAULT = 1663;
const LIVE = { infomask: 0x0900 };
const PG_CLASS = `base/${SHOP}/${FILES.pg_class}`;

function open(made: MadeCluster): Catalog {
  return openCatalog(openCluster(memoryFiles(madeCluster(made))));
}

/** The marks of some transactions in pg_xact: committed and aborted ones. */
function xact(committed: readonly number[], aborted: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(8192);
  for (const xid of committed) bytes[xid >> 2]! |= 1 << ((xid & 3) * 2);
  for (const xid of aborted) bytes[xid >> 2]! |= 2 << ((xid & 3) * 2);
  return bytes;
}

for (const major of [10, 11, 12, 14, 15, 17, 18]) {
  test(`names in the layout of ${major}`, () => {
    const catalog = open({ major, checksums: true, relations: [[table(20000, 'orders', 20001)]] });
    assert.deepEqual(catalog.relation(DEFAULT, SHOP, 20001), {
      oid: 20000,
      schema: 'public',
      name: 'orders',
      relkind: 'table',
    });
    assert.equal(catalog.relation(DEFAULT, SHOP, 20000), 'no such filenode in pg_class');
    assert.equal(catalog.database(SHOP), 'shop');
    assert.equal(catalog.tablespace(1664), 'pg_global');
    assert.equal(catalog.database(99), undefined);
  });
}

test('mapped and shared catalogs are named through the maps', () => {
  const catalog = open({});
  const named = { schema: 'pg_catalog', relkind: 'table' };
  assert.deepEqual(catalog.relation(DEFAULT, SHOP, 1259), { oid: 1259, name: 'pg_class', ...named });
  assert.deepEqual(catalog.relation(1664, 0, 1262), { oid: 1262, name: 'pg_database', ...named });
  assert.equal(catalog.relation(1664, 0, 4711), 'no such filenode in global/pg_filenode.map');
});

test('an index has its table, a TOAST table and its index the owner, names quoted', () => {
  const catalog = open({
    relations: [
      [{ ...table(20000, 'Or.ders'), reltoastrelid: 20001 }],
      [{ ...table(20001, 'pg_toast_20000'), relnamespace: 99, relkind: 't' }],
      [{ ...table(20002, 'pg_toast_20000_index'), relnamespace: 99, relkind: 'i' }],
      [{ ...table(20003, 'orders_pkey'), relkind: 'i' }],
    ],
    indexes: [[{ indexrelid: 20002, indrelid: 20001 }], [{ indexrelid: 20003, indrelid: 20000 }]],
  });
  for (const filenode of [20001, 20002, 20003]) {
    const answer = catalog.relation(DEFAULT, SHOP, filenode);
    assert.equal(typeof answer === 'string' ? answer : answer.table, 'public."Or.ders"');
  }
});

test('a row is judged: aborted comes last, uncommitted and deleted say so, the committed one comes first', () => {
  const catalog = open({
    xact: xact([700, 702], [701]),
    relations: [
      [table(20000, 'aborted'), { xmin: 701, infomask: 0x0800 }],
      [table(20001, 'uncommitted'), { xmin: 703, infomask: 0x0800 }],
      // TRUNCATE by 702: the old version keeps the old file, the new one has the new.
      [table(20002, 'truncated', 20010), { xmin: 700, xmax: 702, infomask: 0, replaced: true }],
      [table(20002, 'truncated', 20011), { xmin: 702, infomask: 0x0800 }],
      // Renamed by a transaction that is still open.
      [table(20003, 'new_name'), { xmin: 703, infomask: 0x0800 }],
      [table(20003, 'old_name'), { xmin: 700, xmax: 703, infomask: 0 }],
      [table(20004, 'no_transaction'), { xmin: 900000, infomask: 0x0800 }],
      // The version that 702 put in its place, with whatever file and name, is not on disk yet.
      [table(20006, 'replaced'), { xmin: 700, xmax: 702, infomask: 0, replaced: true }],
      [table(20007, 'deleted'), { xmin: 700, xmax: 702, infomask: 0 }],
      [table(20008, 'replaced_then_deleted', 20013), { xmin: 700, xmax: 700, infomask: 0, replaced: true }],
      [table(20008, 'replaced_then_deleted', 20013), { xmin: 702, xmax: 702, infomask: 0 }],
      [table(20005, 'in_open_1', 20012), { xmin: 703, xmax: 703, infomask: 0 }],
      [table(20005, 'in_open_2', 20012), { xmin: 703, infomask: 0x0800 }],
    ],
  });
  const told = (filenode: number) => {
    const answer = catalog.relation(DEFAULT, SHOP, filenode);
    if (typeof answer === 'string') return answer;
    return answer.name + (answer.uncommitted ? ' uncommitted' : '') + (answer.dropped ? ' dropped' : '');
  };
  assert.equal(told(20000), 'aborted uncommitted dropped');
  assert.equal(told(20001), 'uncommitted uncommitted');
  assert.equal(told(20010), 'truncated dropped');
  assert.equal(told(20011), 'truncated');
  assert.equal(told(20003), 'old_name');
  assert.equal(told(20004), 'the transaction that made it is not in pg_xact');
  assert.equal(told(20006), 'replaced');
  assert.equal(told(20007), 'deleted dropped');
  assert.equal(told(20013), 'replaced_then_deleted dropped');
  assert.equal(told(20012), 'in_open_2 uncommitted');
});

test('of two versions that look live the later one counts, also around the wrap of ids', () => {
  const catalog = open({
    relations: [
      [table(20000, 'later', 20002), { xmin: 10, ...LIVE }],
      [table(20000, 'earlier', 20001), { xmin: 0xfffffff0, ...LIVE }],
    ],
  });
  const later = catalog.relation(DEFAULT, SHOP, 20002);
  assert.deepEqual(later, { oid: 20000, schema: 'public', name: 'later', relkind: 'table' });
  assert.deepEqual(catalog.relation(DEFAULT, SHOP, 20001), {
    ...(later as object),
    name: 'earlier',
    dropped: true,
  });
});

test('two relations with one filenode: neither is named, but for the table of a rewrite', () => {
  const catalog = open({
    relations: [
      [table(20000, 'one', 20010)],
      [table(20001, 'two', 20010)],
      [{ ...table(20003, 'pg_temp_20002', 20011), relrewrite: 20002 }],
      [table(20002, 'rewritten', 20011)],
      [
        { ...table(20004, 'pg_temp_20000', 20012), relrewrite: 20000 },
        { xmin: 703, infomask: 0x0800 },
      ],
    ],
  });
  assert.equal(catalog.relation(DEFAULT, SHOP, 20010), 'two relations of pg_class have this filenode');
  const rewritten = { oid: 20002, schema: 'public', name: 'rewritten', relkind: 'table' };
  assert.deepEqual(catalog.relation(DEFAULT, SHOP, 20011), rewritten);
  const { rewriteOf, uncommitted } = catalog.relation(DEFAULT, SHOP, 20012) as NamedRelation;
  assert.deepEqual({ rewriteOf, uncommitted }, { rewriteOf: 'public.one', uncommitted: true });
});

test("a temporary relation's filenode is its backend's own", () => {
  const temporary = (oid: number, relname: string, relnamespace: number): Row => ({
    ...table(oid, relname, 20000),
    relpersistence: 't',
    relnamespace,
  });
  const catalog = open({
    namespaces: [[{ oid: 3003, nspname: 'pg_temp_3' }], [{ oid: 3004, nspname: 'pg_toast_temp_4' }]],
    relations: [
      [temporary(20001, 'of_three', 3003)],
      [temporary(20002, 'of_four', 3004)],
      [table(20000, 'permanent')],
    ],
  });
  const name = (backend?: number) => {
    const answer = catalog.relation(DEFAULT, SHOP, 20000, backend);
    return typeof answer === 'string' ? answer : answer.name;
  };
  assert.deepEqual(
    [name(), name(3), name(4), name(5)],
    ['permanent', 'of_three', 'of_four', 'no such filenode in pg_class'],
  );
});

test('rows and pages that cannot be are counted, and name nothing', () => {
  const nul = Uint8Array.of(0x61, 0, 0x62);
  const catalog = open({
    relations: [
      [{ ...table(20000, 'x'), relname: nul }],
      [{ ...table(20001, 'y'), relkind: '?' }],
      [{ ...table(20002, 'z'.repeat(64)) }],
      [table(20003, 'whole')],
    ],
  });
  assert.equal((catalog.relation(DEFAULT, SHOP, 20003) as NamedRelation).name, 'whole');
  for (const filenode of [20000, 20001, 20002]) {
    assert.equal(typeof catalog.relation(DEFAULT, SHOP, filenode), 'string');
  }
  assert.deepEqual(catalog.damage, {
    pages: 0,
    rows: 3,
    first: `tablespace 1663, database ${SHOP}, filenode 1259: a row that the catalog cannot hold`,
  });
});

/** Gives each page of pg_class torn, its second half old, for the first `times` readings. */
function torn(files: ClusterFiles, times: number): ClusterFiles {
  let left = times;
  return {
    ...files,
    readAt(path, offset, length) {
      const bytes = files.readAt(path, offset, length).slice();
      if (path === PG_CLASS && left-- > 0) bytes.fill(0x5a, 4096);
      return bytes;
    },
  };
}

test('a page caught while it is written is read again; one that stays broken is counted', () => {
  const files = memoryFiles(madeCluster({ checksums: true, relations: [[table(20000, 'orders')]] }));
  const whole = openCatalog(openCluster(torn(files, 3)));
  assert.equal((whole.relation(DEFAULT, SHOP, 20000) as NamedRelation).name, 'orders');
  assert.equal(whole.damage.pages, 0);
  const broken = openCatalog(openCluster(torn(files, Number.POSITIVE_INFINITY)));
  assert.match(String(broken.relation(DEFAULT, SHOP, 20000)), /pg_class does not name itself/);
  assert.equal(broken.damage.pages, 1);
  assert.match(broken.damage.first!, /block 0: page checksum/);
  assert.equal((broken.relation(1664, 0, 1262) as NamedRelation).name, 'pg_database', 'by template1');
});

test('a catalog of more pages than one reading, and of more segments than one', () => {
  const relations = Array.from({ length: 9000 }, (_, index) => [table(20000 + index, `t${index}`)] as const);
  const files = madeCluster({ relations });
  const bytes = files.get(PG_CLASS)!;
  assert.ok(bytes.length > 1 << 20);
  const catalog = openCatalog(openCluster(memoryFiles(files)));
  for (const [{ oid, relname }] of relations) {
    assert.equal((catalog.relation(DEFAULT, SHOP, oid as number) as NamedRelation).name, relname);
  }
  // Segments of 16 blocks, as configure --with-segsize-blocks=16 makes them.
  const cluster = openCluster(memoryFiles(files));
  const size = 16 * 8192;
  for (let segment = 0; segment * size < bytes.length; segment++) {
    files.set(
      `${PG_CLASS}${segment === 0 ? '' : `.${segment}`}`,
      bytes.slice(segment * size, (segment + 1) * size),
    );
  }
  const small = openCatalog({ ...cluster, control: { ...cluster.control, segmentBlocks: 16 } });
  assert.equal((small.relation(DEFAULT, SHOP, 28999) as NamedRelation).name, 't8999');
});

test('reload: what was named and is gone is dropped, what was rolled back stays uncommitted', () => {
  const files = madeCluster({
    xact: xact([]),
    relations: [[table(20000, 'goes')], [table(20001, 'open'), { xmin: 703, infomask: 0x0800 }]],
  });
  const catalog = openCatalog(openCluster(memoryFiles(files)));
  const [goes, opened] = [20000, 20001].map((filenode) => catalog.relation(DEFAULT, SHOP, filenode));
  for (const [path, bytes] of madeCluster({ relations: [[table(20002, 'comes')]] })) files.set(path, bytes);
  assert.equal(catalog.relation(DEFAULT, SHOP, 20002), 'no such filenode in pg_class');
  for (let times = 0; times < 2; times++) {
    catalog.reload();
    assert.equal((catalog.relation(DEFAULT, SHOP, 20002) as NamedRelation).name, 'comes');
    assert.deepEqual(catalog.relation(DEFAULT, SHOP, 20000), { ...(goes as object), dropped: true });
    assert.deepEqual(catalog.relation(DEFAULT, SHOP, 20001), opened);
  }
});

test('a schema that was rolled back, or is gone, names what went with it', () => {
  const undone = { xmin: 702, infomask: 0x0800 };
  const files = madeCluster({
    xact: xact([700], [702]),
    namespaces: [[{ oid: 3003, nspname: 'pg_temp_3' }, undone], [{ oid: 3004, nspname: 'pg_temp_3' }]],
    relations: [
      [{ ...table(20000, 'undone'), relnamespace: 3003, relpersistence: 't' }, undone],
      [{ ...table(20001, 'made'), relnamespace: 3004, relpersistence: 't' }],
      [{ ...table(20002, 'unasked'), relnamespace: 3003, relpersistence: 't' }, undone],
    ],
  });
  const catalog = openCatalog(openCluster(memoryFiles(files)));
  const names = (...filenodes: number[]): unknown[] =>
    filenodes.map((filenode) => {
      const { schema, name, uncommitted } = catalog.relation(DEFAULT, SHOP, filenode, 3) as NamedRelation;
      return [schema, name, uncommitted];
    });
  const told = [
    ['pg_temp_3', 'undone', true],
    ['pg_temp_3', 'made', undefined],
  ];
  assert.deepEqual(names(20000, 20001), told);
  const path = `base/${SHOP}/${FILES.pg_namespace}`;
  files.set(path, madeCluster({}).get(path)!);
  catalog.reload();
  assert.deepEqual(names(20000, 20001, 20002), [...told, ['pg_temp_3', 'unasked', true]]);
});

test('the TOAST table of a rewrite that was rolled back with a move to another schema', () => {
  const undone = { xmin: 702, infomask: 0x0800 };
  const orders = { ...table(20000, 'orders'), reltoastrelid: 20001 };
  const files = madeCluster({
    xact: xact([700], [702]),
    namespaces: [
      [{ oid: 2200, nspname: 'public' }],
      [{ oid: 3003, nspname: 'archive' }],
      [{ oid: 99, nspname: 'pg_toast' }],
    ],
    relations: [
      [orders],
      [{ ...orders, relnamespace: 3003, relfilenode: 20010, reltoastrelid: 20011 }, undone],
      [
        { ...table(20010, 'pg_temp_20000'), relnamespace: 3003, relrewrite: 20000, reltoastrelid: 20011 },
        undone,
      ],
      [{ ...table(20011, 'pg_toast_20010'), relnamespace: 99, relkind: 't' }, undone],
    ],
  });
  const named = openCatalog(openCluster(memoryFiles(files))).relation(DEFAULT, SHOP, 20011) as NamedRelation;
  assert.deepEqual([named.name, named.table], ['pg_toast_20000', 'public.orders']);
});

test('of the versions that one transaction made and dropped the last one counts', () => {
  const first = [
    table(20000, 'transient'),
    { xmin: 700, xmax: 700, replaced: true, infomask: 0x0100 },
  ] as const;
  const last = [table(20000, 'renamed'), { xmin: 700, xmax: 700, infomask: 0x0100 }] as const;
  for (const relations of [
    [first, last],
    [last, first],
  ]) {
    const files = madeCluster({ relations, xact: xact([700], []) });
    const named = openCatalog(openCluster(memoryFiles(files))).relation(
      DEFAULT,
      SHOP,
      20000,
    ) as NamedRelation;
    assert.deepEqual([named.name, named.dropped, named.uncommitted], ['renamed', true, undefined]);
  }
});

/** Pages that pg_class of the shop was on its way to what it is now, told once. */
function withEarlier(
  files: Map<string, Uint8Array>,
  take: () => Uint8Array[],
  changes: () => number[] | null = () => [],
): Catalog {
  return openCatalog(openCluster(memoryFiles(files)), (cluster) => ({
    ...catalogFiles(cluster),
    changes,
    earlier: ({ database, filenode }) =>
      database === SHOP && filenode === FILES.pg_class
        ? take().map((bytes) => ({ block: 0, bytes: bytes.slice(0, 8192) }))
        : [],
  }));
}

function pgClassWith(...relations: NonNullable<MadeCluster['relations']>): Uint8Array {
  return madeCluster({ relations }).get(PG_CLASS)!;
}

test('rows that came and were pruned between two readings are known as dropped, or rolled back', () => {
  const gone = { xmin: 700, xmax: 701, infomask: 0x0100 };
  const before = [
    pgClassWith([table(20000, 'stays')], [table(20001, 'passed'), gone]),
    pgClassWith([table(20000, 'stays')], [table(20002, 'undone'), { xmin: 702, infomask: 0x0800 }]),
  ];
  const files = madeCluster({ relations: [[table(20000, 'stays')]], xact: xact([700, 701], [702]) });
  let earlier: Uint8Array[] = [];
  const catalog = withEarlier(files, () => earlier.splice(0));
  assert.equal(catalog.relation(DEFAULT, SHOP, 20001), 'no such filenode in pg_class');
  earlier = before;
  for (let times = 0; times < 2; times++) {
    catalog.reload();
    assert.equal((catalog.relation(DEFAULT, SHOP, 20000) as NamedRelation).name, 'stays');
    const { name, dropped } = catalog.relation(DEFAULT, SHOP, 20001) as NamedRelation;
    assert.deepEqual({ name, dropped }, { name: 'passed', dropped: true });
    const undone = catalog.relation(DEFAULT, SHOP, 20002) as NamedRelation;
    assert.deepEqual([undone.name, undone.uncommitted, undone.dropped], ['undone', true, true]);
  }
});

test('what is on a page that cannot be read again is not gone, and read again', () => {
  const [rows, more] = [[table(20000, 'orders')], [table(20001, 'new')]] as const;
  const whole = pgClassWith(rows);
  const files = madeCluster({ relations: [rows] });
  let changes = [0];
  const catalog = withEarlier(
    files,
    () => [],
    () => changes.splice(0),
  );
  const told = (filenode: number) => {
    const answer = catalog.relation(DEFAULT, SHOP, filenode);
    return typeof answer === 'string' ? answer : [answer.name, answer.dropped];
  };
  assert.deepEqual(told(20000), ['orders', undefined]);
  files.set(PG_CLASS, new Uint8Array(whole.length).fill(0xff));
  changes = [0];
  catalog.reload();
  assert.deepEqual(told(20000), ['orders', undefined]);
  assert.equal(catalog.damage.pages, 1);
  // It is whole again, without another change.
  files.set(PG_CLASS, pgClassWith(more));
  catalog.reload();
  assert.deepEqual(
    [told(20000), told(20001)],
    [
      ['orders', true],
      ['new', undefined],
    ],
  );
  assert.equal(catalog.damage.pages, 0);
});

test('what a first reading knows of earlier pages comes before the page as it is', () => {
  const opened: Rows[number] = [table(20002, 'opened'), { xmin: 703, infomask: 0x0800 }];
  const earlier = [pgClassWith([table(20001, 'goes')])];
  const files = madeCluster({ relations: [[table(20000, 'stays')], opened], xact: xact([]) });
  const catalog = withEarlier(files, () => earlier.splice(0));
  const told = (filenode: number) => {
    const answer = catalog.relation(DEFAULT, SHOP, filenode);
    if (typeof answer === 'string') return answer;
    return answer.name + (answer.uncommitted ? ' uncommitted' : '') + (answer.dropped ? ' dropped' : '');
  };
  assert.deepEqual([20000, 20001, 20002].map(told), ['stays', 'goes dropped', 'opened uncommitted']);
  files.set('pg_xact/0000', xact([], [703]));
  catalog.reload();
  assert.deepEqual([20000, 20002].map(told), ['stays', 'opened uncommitted dropped']);
});

test('earlier pages are there for the reading that is made anew because it is not told what changed', () => {
  const files = madeCluster({ relations: [[table(20000, 'stays')]], xact: xact([700, 701]) });
  const earlier: Uint8Array[] = [];
  let changes: number[] | null = [];
  const catalog = withEarlier(
    files,
    () => earlier.splice(0),
    () => changes,
  );
  assert.equal(catalog.relation(DEFAULT, SHOP, 20001), 'no such filenode in pg_class');
  earlier.push(pgClassWith([table(20001, 'passed'), { xmin: 700, xmax: 701, infomask: 0x0100 }]));
  changes = null;
  catalog.reload();
  const { name, dropped } = catalog.relation(DEFAULT, SHOP, 20001) as NamedRelation;
  assert.deepEqual([name, dropped], ['passed', true]);
});

test('an edition lasts as long as nothing of its database changes', () => {
  const files = madeCluster({ relations: [[table(20000, 'orders')]] });
  let changes: number[] | null = [];
  const catalog = withEarlier(
    files,
    () => [],
    () => changes,
  );
  const editions = [catalog.edition(SHOP)];
  const reload = (): void => {
    catalog.reload();
    editions.push(catalog.edition(SHOP));
  };
  reload();
  changes = [0];
  reload();
  changes = null;
  reload();
  changes = [];
  const more = madeCluster({ namespaces: [[{ oid: 2201, nspname: 'another' }]] });
  files.set(`base/${SHOP}/${FILES.pg_namespace}`, more.get(`base/${SHOP}/${FILES.pg_namespace}`)!);
  reload();
  assert.equal(editions[1], editions[0]);
  assert.equal(new Set(editions).size, 4, String(editions));
});

test('without news only what is open is read again, with news of another database nothing of this one', () => {
  const files = madeCluster({
    xact: xact([700], [702]),
    // What a transaction that was rolled back has left on a row opens it to nobody.
    relations: [[table(20000, 'orders'), { xmin: 700, xmax: 702, infomask: 0x0100 }]],
  });
  const news = new Map<number, number>();
  const reads = new Set<number>();
  const catalog = openCatalog(openCluster(memoryFiles(files)), (cluster) => {
    const base = catalogFiles(cluster);
    return {
      ...base,
      news: (database) => news.get(database) ?? 0,
      changes: () => [0],
      read: (file, block, count) => {
        reads.add(file.database);
        return base.read(file, block, count);
      },
    };
  });
  const readAgain = (): number[] => {
    reads.clear();
    catalog.reload();
    catalog.edition(SHOP);
    return [...reads].sort();
  };
  catalog.edition(SHOP);
  assert.deepEqual(readAgain(), []);
  news.set(1, 1);
  assert.deepEqual(readAgain(), []);
  news.set(0, 1);
  assert.deepEqual(readAgain(), [0]);
  news.set(SHOP, 1);
  assert.deepEqual(readAgain(), [SHOP]);
  assert.deepEqual(readAgain(), []);
  // As long as a row is open, its transaction may have begun before anybody told of news.
  const opened: Rows[number] = [table(20001, 'opened'), { xmin: 703, infomask: 0x0800 }];
  files.set(PG_CLASS, pgClassWith([table(20000, 'orders')], opened));
  news.set(SHOP, 2);
  assert.deepEqual(readAgain(), [SHOP]);
  assert.equal((catalog.relation(DEFAULT, SHOP, 20001) as NamedRelation).uncommitted, true);
  files.set('pg_xact/0000', xact([700, 703], [702]));
  assert.deepEqual(readAgain(), [SHOP]);
  assert.equal((catalog.relation(DEFAULT, SHOP, 20001) as NamedRelation).uncommitted, undefined);
  assert.deepEqual(readAgain(), []);
});

test('what is gone of a transaction of which no end is known is neither dropped nor rolled back', () => {
  const passed: Rows[number] = [table(20001, 'passed'), { xmin: 703, infomask: 0x0800 }];
  const earlier = [pgClassWith(passed)];
  const files = madeCluster({ relations: [[table(20000, 'stays')]], xact: xact([]) });
  const catalog = withEarlier(files, () => earlier.splice(0));
  assert.equal(catalog.relation(DEFAULT, SHOP, 20001), 'no such filenode in pg_class');
  files.set('pg_xact/0000', xact([703]));
  catalog.reload();
  assert.equal(catalog.relation(DEFAULT, SHOP, 20001), 'no such filenode in pg_class');
});

test('a source that knows more than the files answers first: pages, and the ends of transactions', () => {
  const files = madeCluster({ relations: [[table(20000, 'early'), { xmin: 703, infomask: 0x0800 }]] });
  const newer = madeCluster({ relations: [[table(20000, 'late'), { xmin: 704, infomask: 0x0800 }]] }).get(
    PG_CLASS,
  )!;
  let ended = false;
  const catalog = openCatalog(openCluster(memoryFiles(files)), (cluster) => {
    const base = catalogFiles(cluster);
    return {
      ...base,
      transactions: {
        status: (xid) => (ended && xid === 704 ? XID_COMMITTED : base.transactions.status(xid)),
        updater: (multixact) => base.transactions.updater(multixact),
      },
      read: (file, block, count) =>
        file.database === SHOP && file.filenode === FILES.pg_class ? newer : base.read(file, block, count),
    };
  });
  const late = { oid: 20000, schema: 'public', name: 'late', relkind: 'table' };
  assert.deepEqual(catalog.relation(DEFAULT, SHOP, 20000), { ...late, uncommitted: true });
  ended = true;
  catalog.reload();
  assert.deepEqual(catalog.relation(DEFAULT, SHOP, 20000), late);
});

test('a database without a row or without files', () => {
  const catalog = open({ databases: [[{ oid: 5000, datname: 'gone', dattablespace: 1663, encoding: 6 }]] });
  assert.match(String(catalog.relation(DEFAULT, 5000, 1)), /base\/5000\/pg_filenode.map: no such file/);
  assert.match(String(catalog.relation(DEFAULT, 5001, 1)), /base\/5001\/pg_filenode.map: no such file/);
});

test('a newer version is read with a warning where it proves itself, and refused where it does not', () => {
  const files = madeCluster({ major: 18 });
  files.set('PG_VERSION', new TextEncoder().encode('19\n'));
  const cluster = openCluster(memoryFiles(files));
  assert.deepEqual(cluster.warnings, ['PostgreSQL 19 is newer than the newest known, 18: read as 18']);
  assert.equal(openCatalog(cluster).database(SHOP), 'shop');
  // The layout of 17 lacks relallfrozen, and so relkind is elsewhere.
  files.set('base/1/1259', madeCluster({ major: 17 }).get('base/1/1259')!);
  assert.throws(() => openCatalog(openCluster(memoryFiles(files))), {
    message: /PostgreSQL 19 with catalog version 202506291 is not understood: pg_class does not name itself/,
  });
});

test('a checksummed page with a changed byte gives the right name or none', () => {
  const files = madeCluster({ checksums: true, relations: [[table(20000, 'orders')]] });
  const page = files.get(PG_CLASS)!;
  for (let at = 0; at < page.length; at += 17) {
    const broken = page.slice();
    broken[at]! ^= 1 << (at % 8);
    files.set(PG_CLASS, broken);
    const answer = openCatalog(openCluster(memoryFiles(files))).relation(DEFAULT, SHOP, 20000);
    assert.equal(typeof answer, 'string', `byte ${at}`);
  }
});

test('a page without checksum, with any byte changed, does not crash the reading', () => {
  const files = madeCluster({ relations: [[table(20000, 'orders')]] });
  for (const path of [PG_CLASS, `base/${SHOP}/2610`, 'global/1262', 'pg_xact/0000']) {
    const page = files.get(path)!;
    for (let at = 0; at < page.length; at += 29) {
      const broken = page.slice();
      broken[at]! ^= 0xff;
      files.set(path, broken);
      try {
        openCatalog(openCluster(memoryFiles(files))).relation(DEFAULT, SHOP, 20000);
      } catch (error) {
        assert.match(String(error), /template1|pg_class does not name itself/);
      }
    }
    files.set(path, page);
  }
});
