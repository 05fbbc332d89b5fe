/**
 * The PostgreSQL matrix: runs every `*.matrix.js` beside this file once for each version, with
 * PGTRACE_VERSION set. PGTRACE_VERSIONS=10,15 narrows the versions; arguments pick files by substring.
 */
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { installServer } from './install.js';
import { wantedVersions } from './versions.js';

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const picks = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.matrix.js'))
  // The compiler leaves behind what it once made of a test that is gone.
  .filter((file) => existsSync(join('test/servers', file.replace(/\.js$/, '.ts'))))
  .filter((file) => picks.length === 0 || picks.some((part) => file.includes(part)))
  .map((file) => join(import.meta.dirname, file))
  .sort();
if (files.length === 0)
  throw new Error(`no *.matrix.js to run (expected one whose name has ${picks.join(' or ')})`);

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
for (const version of wantedVersions()) {
  const began = Date.now();
  console.log(`\nPostgreSQL ${version}`);
  const count = await runVersion(version);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  lines.push(`PostgreSQL ${version}: ${tell(count)} (${seconds} s)`);
}
console.log(`\n${lines.join('\n')}\n${tell(total)}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function runVersion(version: number): Promise<Count> {
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  try {
    await installServer(version);
  } catch (error) {
    console.log(error);
    return { ...count, failed: 1 };
  }
  process.env.PGTRACE_VERSION = String(version);
  const events = run({ files, concurrency: availableParallelism() });
  events.on('test:pass', (event) => {
    if (event.skip !== undefined && event.skip !== false) count.skipped += 1;
    else if (event.details.type !== 'suite') count.passed += 1;
  });
  events.on('test:fail', (event) => {
    if (event.details.type !== 'suite') count.failed += 1;
  });
  for await (const text of events.compose(new spec())) process.stdout.write(text);
  return count;
}

function tell(count: Count): string {
  return `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
}
