import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCatalog } from '../../src/resolve/catalog.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { memoryFiles } from '../../src/resolve/files-memory.js';
import type { NamedRelation } from '../../src/resolve/names.js';
import { type MadeCluster, madeCluster, SHOP, table } from './made-cluster.js';

const OPEN = { xmin: 703, infomask: 0x0800 };

/** What is said of a file, without the keys that every name has. */
function told(made: MadeCluster, ...filenodes: number[]): unknown[] {
  const catalog = openCatalog(openCluster(memoryFiles(madeCluster({ xact: new Uint8Array(8192), ...made }))));
  return filenodes.map((filenode) => {
    const answer = catalog.relation(1663, SHOP, filenode);
    if (typeof answer === 'string') return answer;
    const { oid, schema, relkind, ...rest } = answer satisfies NamedRelation;
    return rest;
  });
}

test('a partition has its parent, a cut one has none; of several parents the first counts', () => {
  const made = {
    relations: [20000, 20001, 20002, 20003].map((oid) => [table(oid, `t${oid}`)] as const),
    inherits: [
      [{ inhrelid: 20001, inhparent: 20000, inhseqno: 1 }],
      [{ inhrelid: 20002, inhparent: 20001, inhseqno: 2 }],
      [{ inhrelid: 20002, inhparent: 20000, inhseqno: 1 }],
      [
        { inhrelid: 20003, inhparent: 20000, inhseqno: 1 },
        { xmin: 3, xmax: 4, infomask: 0x0500 },
      ],
    ],
  } satisfies MadeCluster;
  assert.deepEqual(told(made, 20001, 20002, 20003), [
    { name: 't20001', parent: 'public.t20000' },
    { name: 't20002', parent: 'public.t20000' },
    { name: 't20003' },
  ]);
});

test('a sequence has the table of the column that owns it, and of no other dependency', () => {
  const depend = { classid: 1259, objid: 20001, refclassid: 1259, refobjid: 20000, refobjsubid: 1 };
  const made = (deptype: string, more: object = {}): MadeCluster => ({
    relations: [[table(20000, 'orders')], [{ ...table(20001, 'orders_id_seq'), relkind: 'S' }]],
    depends: [[{ ...depend, deptype, ...more }]],
  });
  const owned = { name: 'orders_id_seq', table: 'public.orders' };
  assert.deepEqual(told(made('a'), 20001), [owned]);
  assert.deepEqual(told(made('i'), 20001), [owned]);
  assert.deepEqual(told(made('n'), 20001), [{ name: 'orders_id_seq' }]);
  assert.deepEqual(told(made('a', { refobjsubid: 0 }), 20001), [{ name: 'orders_id_seq' }]);
});

test('what was rolled back has the name that it had in its transaction, and no right to what lives', () => {
  const xact = new Uint8Array(8192);
  xact[703 >>> 2] = 2 << ((703 & 3) * 2);
  const made = {
    xact,
    relations: [
      [{ ...table(20000, 'orders'), reltoastrelid: 20001 }],
      [{ ...table(20001, 'pg_toast_20000'), relnamespace: 99, relkind: 't' }],
      // Renamed, then rewritten.
      [{ ...table(20000, 'renamed', 20005), reltoastrelid: 20006 }, OPEN],
      [{ ...table(20006, 'pg_toast_20000'), relnamespace: 99, relkind: 't' }, OPEN],
      [{ ...table(20002, 'made_key'), relkind: 'i' }, OPEN],
      [table(20003, 'made'), OPEN],
      // By what is on disk it lives, and its table does not.
      [{ ...table(20004, 'lost_key'), relkind: 'i' }],
    ],
    indexes: [[{ indexrelid: 20002, indrelid: 20003 }, OPEN], [{ indexrelid: 20004, indrelid: 20003 }]],
  } satisfies MadeCluster;
  const undone = { uncommitted: true, dropped: true };
  assert.deepEqual(told(made, 20000, 20001, 20005, 20006, 20002, 20003, 20004), [
    { name: 'orders' },
    { name: 'pg_toast_20000', table: 'public.orders' },
    { name: 'renamed', ...undone, rewriteOf: 'public.orders' },
    {
      name: 'pg_toast_20000',
      table: 'public.renamed',
      ...undone,
      rewriteOf: 'pg_toast.pg_toast_20000',
    },
    { name: 'made_key', table: 'public.made', ...undone },
    { name: 'made', ...undone },
    { name: 'lost_key' },
  ]);
});

for (const major of [10, 18]) {
  test(`the file that a rewrite fills is told as what it will be, in ${major}`, () => {
    const transient = { ...table(20005, 'pg_temp_20000'), relrewrite: 20000 };
    const made = {
      major,
      relations: [
        [{ ...table(20000, 'orders'), reltoastrelid: 20001 }],
        [{ ...table(20001, 'pg_toast_20000'), relnamespace: 99, relkind: 't' }],
        [{ ...transient, reltoastrelid: 20006 }, OPEN],
        [{ ...table(20006, 'pg_toast_20005'), relnamespace: 99, relkind: 't' }, OPEN],
        // A TRUNCATE.
        [table(20002, 'emptied')],
        [table(20002, 'emptied', 20007), OPEN],
        // Of another schema, so none of a rewrite.
        [{ ...table(20008, 'pg_temp_20002'), relrewrite: 20002, relnamespace: 11 }, OPEN],
      ],
    } satisfies MadeCluster;
    assert.deepEqual(told(made, 20000, 20005, 20006, 20007, 20008), [
      { name: 'orders' },
      { name: 'orders', uncommitted: true, rewriteOf: 'public.orders' },
      {
        name: 'pg_toast_20000',
        table: 'public.orders',
        uncommitted: true,
        rewriteOf: 'pg_toast.pg_toast_20000',
      },
      { name: 'emptied', uncommitted: true, rewriteOf: 'public.emptied' },
      { name: 'pg_temp_20002', uncommitted: true },
    ]);
  });
}
