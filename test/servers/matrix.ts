/**
 * The PostgreSQL matrix: runs every `*.matrix.js` beside this file once for each version, with
 * PGTRACE_VERSION set. PGTRACE_VERSIONS=10,15 narrows the versions; arguments pick files by substring.
 *
 * Files run side by side, and what traces a live process is then at the mercy of its neighbours' load: a file that
 * failed is run once more, alone, and it is said of how many that was so.
 */
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { installServer } from './install.js';
import { wantedVersions } from './versions.js';

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const NOTHING: Count = { passed: 0, failed: 0, skipped: 0 };

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

let total = NOTHING;
let again = 0;
const lines: string[] = [];
for (const version of wantedVersions()) {
  const began = Date.now();
  console.log(`\nPostgreSQL ${version}`);
  const count = await runVersion(version);
  total = add(total, count);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  lines.push(`PostgreSQL ${version}: ${tell(count)} (${seconds} s)`);
}
if (again > 0) lines.push(`files that failed beside others and were run again alone: ${again}`);
console.log(`\n${lines.join('\n')}\n${tell(total)}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function runVersion(version: number): Promise<Count> {
  try {
    await installServer(version);
  } catch (error) {
    console.log(error);
    return { ...NOTHING, failed: 1 };
  }
  process.env.PGTRACE_VERSION = String(version);
  const counts = await runFiles(files, availableParallelism());
  const failed = [...counts].filter(([, count]) => count.failed > 0).map(([file]) => file);
  if (failed.length > 0) {
    console.log(
      `\nPostgreSQL ${version}, again and alone: ${failed.map((file) => basename(file)).join(', ')}`,
    );
    again += failed.length;
    for (const [file, count] of await runFiles(failed, 1)) counts.set(file, count);
  }
  return [...counts.values()].reduce(add, NOTHING);
}

/** `concurrency` files at once; what each prints is printed when it is done. */
async function runFiles(paths: readonly string[], concurrency: number): Promise<Map<string, Count>> {
  const counts = new Map<string, Count>();
  const waiting = [...paths];
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift())
      counts.set(path, await runFile(path));
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return counts;
}

async function runFile(path: string): Promise<Count> {
  const count = { ...NOTHING };
  const events = run({ files: [path] });
  events.on('test:pass', (event) => {
    if (event.skip !== undefined && event.skip !== false) count.skipped += 1;
    else if (event.details.type !== 'suite') count.passed += 1;
  });
  events.on('test:fail', (event) => {
    if (event.details.type !== 'suite') count.failed += 1;
  });
  let printed = '';
  for await (const text of events.compose(new spec())) printed += text;
  process.stdout.write(`${basename(path)}\n${printed}`);
  return count;
}

function add(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

function tell(count: Count): string {
  return `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
}
