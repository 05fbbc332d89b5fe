/** As test/resolve/fuzz.test.ts, in more places, for the cluster that was recorded of this version. */
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { Random } from '../random.js';
import { checkedFiles, tryFile } from '../resolve/fuzz-cluster.js';
import type { Expected } from './record/expected.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();

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
