// Runs the compiled tests: node's own runner, one process a file. Arguments pick files by substring.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const wanted = process.argv.slice(2);
const files = readdirSync('dist/test', { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  // The compiler leaves behind what it once made of a test that is gone.
  .filter((file) => existsSync(join('test', file.replace(/\.js$/, '.ts'))))
  .map((file) => join('dist/test', file))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) {
  console.error(`test: no tests to run (expected a file under test/ whose path has ${wanted.join(' or ')})`);
  process.exit(1);
}
// Node's own default leaves one core idle: of two, half of the time.
const options = ['--test', `--test-concurrency=${availableParallelism()}`, '--test-reporter=spec'];
const run = spawnSync(process.execPath, [...options, ...files], { stdio: 'inherit' });
process.exit(run.status ?? 1);
