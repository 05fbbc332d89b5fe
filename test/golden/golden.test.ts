/** Every stage against every recorded trace. Recorded again, on purpose, by `fixtures/record.sh --goldens`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { goldenPath, readCases, runStage, stagesOf } from './cases.js';

process.env.TZ = 'UTC';

for (const recorded of readCases())
  for (const stage of stagesOf(recorded))
    test(`${recorded.name}${stage.to}`, async () => {
      const expected = readFileSync(goldenPath(recorded.name, stage.to), 'utf8').split('\n');
      const found = (await runStage(stage, recorded)).split('\n');
      // One line of a difference says more than two files of a thousand.
      const at = expected.findIndex((line, index) => line !== found[index]);
      if (at !== -1) assert.equal(found[at], expected[at], `line ${at + 1}`);
      assert.equal(found.length, expected.length);
    });
