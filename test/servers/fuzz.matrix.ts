/** As test/resolve/fuzz.test.ts, in more places, for the cluster that was recorded of this version. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { archiveFiles } from '../../src/resolve/files-archive.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { Random } from '../random.js';
import {
  CATALOGS,
  checkControl,
  checkMap,
  checkPage,
  checkTransactions,
  checkWal,
  type Tried,
} from '../resolve/fuzz-bytes.js';
import { checkedFiles, tryFile } from '../resolve/fuzz-cluster.js';
import { recordCrash } from './record/crash.js';
import type { Expected } from './record/expected.js';
import { leftOut, versionUnderTest } from './versions.js';

const version = versionUnderTest();
const BLOCK = 8192;

test('every file of a recorded cluster, broken in many places', () => {
  const directory = `fixtures/pgdata/${version}`;
  const expected = JSON.parse(readFileSync(`${directory}/expected.json`, 'utf8')) as Expected;
  const files = directoryFiles(directory);
  const random = new Random(version);
  const total = { tried: 0, refused: 0, missing: 0 };
  for (const path of checkedFiles(files)) {
    const outcome = tryFile(files, expected, path, { stretch: 400, cut: 700 }, random);
    total.tried += outcome.tried;
    total.refused += outcome.refused;
    total.missing += outcome.missing;
  }
  console.log(`PostgreSQL ${version}: ${JSON.stringify(total)}, none wrong`);
});

test('every control file, map, page of a catalog and fate: cut at every length, and with every byte changed', {
  skip: leftOut(),
}, () => {
  const directory = `fixtures/pgdata/${version}`;
  const { relations } = JSON.parse(readFileSync(`${directory}/expected.json`, 'utf8')) as Expected;
  const files = directoryFiles(directory);
  const random = new Random(version);
  const total = { maps: 0, pages: 0, tried: 0, refused: 0 };
  const add = ({ tried, refused }: Tried): void => {
    total.tried += tried;
    total.refused += refused;
  };
  add(checkControl(files, random));
  add(checkTransactions(files, random));
  for (const path of checkedFiles(files).filter((path) => path.endsWith('pg_filenode.map'))) {
    add(checkMap(files, path, random));
    total.maps++;
  }
  for (const { oid, fork, path } of relations) {
    if (!CATALOGS.has(oid) || fork !== 'main') continue;
    for (let block = 0; block * BLOCK < (files.size(path) ?? 0); block++) {
      add(checkPage(files, path, oid, block, 1, random));
      total.pages++;
    }
  }
  console.log(`PostgreSQL ${version}: ${JSON.stringify(total)}, none wrong`);
  assert.ok(total.maps >= 3 && total.pages > 15);
});

test('WAL of a crashed server: cut at every length of some pages, and with every byte of them changed', {
  skip: leftOut(),
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-crash-'));
  try {
    await recordCrash(version, directory);
    const tried = checkWal(archiveFiles(join(directory, `${version}.tar.gz`)), 2, 1, new Random(version));
    console.log(`PostgreSQL ${version}: WAL ${JSON.stringify(tried)}, none wrong`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
