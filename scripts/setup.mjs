// Makes a clone ready to run: installs what package-lock.json names and compiles. Needs the network only
// the first time; a second run costs the compiler's own check of what changed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

// The lock file that was installed, whole: a clone that was copied has new times, yet needs no network.
const installed = 'node_modules/.installed-lock.json';
const lock = readFileSync('package-lock.json', 'utf8');
const stale = () => !existsSync(installed) || readFileSync(installed, 'utf8') !== lock;

function must(command, args) {
  const run = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (run.status !== 0) {
    console.error(
      `setup: ${command} ${args.join(' ')} failed (expected exit 0, found ${run.status ?? run.signal ?? run.error})`,
    );
    process.exit(1);
  }
}

if (stale()) {
  // NODE_ENV=production or npm's omit would leave out the compiler.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  must('npm', ['ci', '--include=dev', '--include=optional', '--ignore-scripts', ...quiet]);
  writeFileSync(installed, lock);
}
must('npm', ['run', '--silent', 'build']);
