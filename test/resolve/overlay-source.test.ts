/** What the WAL leaves of pages, of which some could not be told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageDamage } from '../../src/postgres/page.js';
import type { WalFollower } from '../../src/postgres/wal/follower.js';
import { WalNews } from '../../src/postgres/wal/news.js';
import { RelationOverlay } from '../../src/postgres/wal/page-overlay.js';
import { WalTransactions } from '../../src/postgres/wal/transactions.js';
import { catalogFiles } from '../../src/resolve/catalog-files.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { memoryFiles } from '../../src/resolve/files-memory.js';
import { overlaidSource } from '../../src/resolve/overlay-source.js';
import { FILES, madeCluster, SHOP } from './made-cluster.js';

const BLOCK = 8192;

for (const checksums of [false, true])
  test(`a block whose record could not be applied is no page, ${checksums ? 'with' : 'without'} checksums`, () => {
    const cluster = openCluster(memoryFiles(madeCluster({ checksums })));
    const overlay = new RelationOverlay(1663, SHOP, FILES.pg_class);
    const follower = {
      pages: { relation: () => overlay },
      transactions: new WalTransactions(new WalNews()),
      maps: new Map(),
    } as unknown as WalFollower;
    const source = overlaidSource(
      cluster,
      catalogFiles(cluster),
      () => follower,
      () => undefined,
      new Map(),
      () => 0,
    );
    const file = { tablespace: 1663, database: SHOP, filenode: FILES.pg_class };
    const damage = (block: number) => {
      const bytes = source.read(file, block, 1);
      return pageDamage(new DataView(bytes.buffer, bytes.byteOffset, BLOCK), 0, BLOCK, block, checksums);
    };
    assert.equal(damage(0), null);
    overlay.blocks = 3;
    overlay.fail(0, 1);
    overlay.fail(2, 1);
    assert.notEqual(damage(0), null);
    // Not on disk yet: nothing is known of the one, and something that is not known happened to the other.
    assert.equal(damage(1), null);
    assert.notEqual(damage(2), null);
  });
