// Makes a clone ready to run: installs what package-lock.json names and compiles. Needs the network only
// the first time; a second run costs the compiler's own check of what changed.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const installed = 'node_modules/.package-lock.json';
const stale = () =>
  !existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs;

function must(command, args) {
  const run = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (run.status !== 0) {
    console.error(
      `setup: ${command} ${args.join(' ')} failed (expected exit 0, found ${run.status ?? run.signal ?? run.error})`,
    );
    process.exit(1);
  }
}

if (stale()) must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
must('npm', ['run', '--silent', 'build']);
