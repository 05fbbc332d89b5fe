/** Writes what the stages give for every recorded trace: to be read as a difference before it is committed. */
import { writeFileSync } from 'node:fs';
import { goldenPath, readCases, runStage, stagesOf } from './cases.js';

for (const recorded of readCases())
  for (const stage of stagesOf(recorded)) {
    const path = goldenPath(recorded.name, stage.to);
    try {
      const text = await runStage(stage, recorded);
      writeFileSync(path, text);
      console.log(`${path}: ${text.split('\n').length - 1} lines`);
    } catch (error) {
      console.error(`${path}: ${error}`);
      process.exitCode = 1;
    }
  }
