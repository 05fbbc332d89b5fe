/** The recorded clusters, broken in many ways: nothing crashes or hangs, and no check lets a wrong name through. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { Random } from '../random.js';
import type { Expected } from '../servers/record/expected.js';
import { checkedFiles, tryFile } from './fuzz-cluster.js';

/** One with checksums and one without. */
for (const version of [16, 15]) {
  test(`a broken cluster of ${version} gives the right names or none`, () => {
    const directory = `fixtures/pgdata/${version}`;
    const expected = JSON.parse(readFileSync(`${directory}/expected.json`, 'utf8')) as Expected;
    const files = directoryFiles(directory);
    const random = new Random(version);
    let tried = 0;
    let refused = 0;
    for (const path of checkedFiles(files)) {
      const outcome = tryFile(files, expected, path, { stretch: 4096, cut: 20000 }, random);
      tried += outcome.tried;
      refused += outcome.refused + outcome.missing;
    }
    assert.ok(tried > 50 && refused > 20, `${tried} tried, ${refused} of them noticed`);
  });
}
