/** The recorded clusters, broken in many ways: nothing crashes or hangs, and no check lets a wrong name through. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { archiveFiles } from '../../src/resolve/files-archive.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { Random } from '../random.js';
import type { CrashRelation } from '../servers/record/crash.js';
import type { Expected } from '../servers/record/expected.js';
import { damagedFiles } from './damaged-files.js';
import { checkControl, checkMap, checkPage, checkWal } from './fuzz-bytes.js';
import { checkedFiles, tryFile } from './fuzz-cluster.js';
import { answersOf, cuts, flips } from './fuzzing.js';

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

/** Control files, maps and pages; what recorded servers' shapes differ in, once each. */
for (const version of [10, 11, 12, 13, 14, 15, 16, 17, 18]) {
  test(`bytes of ${version}: control file and map at every length, with every byte changed`, () => {
    const files = directoryFiles(`fixtures/pgdata/${version}`);
    const random = new Random(version);
    checkControl(files, random);
    checkMap(files, 'global/pg_filenode.map', random);
  });
}

/** Its OID, and where it never was rewritten its file. */
const PG_CLASS = 1259;

/** With checksums and without. */
for (const version of [18, 15])
  test(`a page of ${version} at every length, with every byte changed`, () => {
    const files = archiveFiles(`fixtures/crash/${version}.tar.gz`);
    const [path] = files
      .list('base')
      .map((database) => `base/${database}/${PG_CLASS}`)
      .filter((name) => files.size(name));
    const { tried } = checkPage(files, path!, PG_CLASS, 1, 1, new Random(version));
    assert.equal(tried, 2 * 8192);
  });

for (const version of [10, 15, 18]) {
  test(`names of a crashed ${version} by its WAL, whole and broken`, () => {
    const files = archiveFiles(`fixtures/crash/${version}.tar.gz`);
    const relations = JSON.parse(readFileSync(`fixtures/crash/${version}.json`, 'utf8')) as CrashRelation[];
    const expected = relations.map(({ schema, name, relkind, oid }) => ({ schema, name, relkind, oid }));
    const plain = (answers: ReturnType<typeof answersOf>) =>
      [...answers].map((answer) => {
        if (typeof answer === 'string') return answer;
        const { schema, name, relkind, oid } = answer;
        return { schema, name, relkind, oid };
      });
    assert.deepEqual(plain(answersOf(files, relations)), expected);
    // Whatever is missing, each file has a name of its own relation, or none.
    const random = new Random(version);
    const path = `pg_wal/${files.list('pg_wal')[0]}`;
    const size = files.size(path)!;
    for (const damage of [...flips(path, size, 8000, random), ...cuts(path, size, 16001)]) {
      const answers = answersOf(damagedFiles(files, damage), relations);
      if (typeof answers === 'string') continue;
      answers.forEach((answer, index) => {
        if (typeof answer !== 'string')
          assert.equal(answer.oid, relations[index]!.oid, JSON.stringify(damage));
      });
    }
  });

  test(`WAL of ${version}, cut and with bytes changed`, () => {
    checkWal(archiveFiles(`fixtures/crash/${version}.tar.gz`), 3, 41, new Random(version));
  });
}
