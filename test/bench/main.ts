/** `npm run bench [-- LINES]`: how fast each stage is, beside tools that do less, on one generated trace. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { type GeneratedFile, generateTrace } from './generate.js';
import { measure, type Usage } from './measure.js';

/** A snapshot of a real server's data directory: its relations are what the trace reads. */
const CLUSTER = 'fixtures/pgdata/15';
/** Where that server had it. */
const HOME = '/var/lib/pgtrace-fixture/15/main';
const STARTS = 7;

const lines = Number(process.argv[2] ?? 1_000_000);
if (!Number.isSafeInteger(lines) || lines <= 0)
  throw new Error(`lines: expected a number above 0, found ${process.argv[2]}`);
const directory = mkdtempSync(join(tmpdir(), 'pgtrace-bench-'));

function bin(name: string): string[] {
  return [process.execPath, `bin/pgtrace-${name}`];
}

function peer(name: string): string[] {
  return [process.execPath, 'dist/test/bench/peer.js', name];
}

function relations(): GeneratedFile[] {
  const expected = JSON.parse(readFileSync(join(CLUSTER, 'expected.json'), 'utf8')) as {
    relations: { path: string; size: number; fork: string; database: string }[];
  };
  return expected.relations
    .filter(({ path, size, fork }) => path.startsWith('base/') && fork === 'main' && size > 0)
    .map(({ path, size }) => ({ path, blocks: size / 8192 }))
    .sort((one, other) => other.blocks - one.blocks)
    .slice(0, 60);
}

function writeTrace(file: string): void {
  const output = openSync(file, 'w');
  for (const text of generateTrace(lines, relations(), HOME)) writeSync(output, text);
}

function row(what: string, count: number, { seconds, processes }: Usage): void {
  const cpu = processes.map((used) => ((used.cpu / count) * 1e6).toFixed(2)).join(' + ');
  const rss = processes.map((used) => (used.rss / 2 ** 20).toFixed(0)).join(' + ');
  console.log(
    `${what.padEnd(34)} ${(count / seconds / 1e6).toFixed(2).padStart(8)} ${cpu.padStart(18)} ${rss.padStart(16)}`,
  );
}

/** The middle of several starts, in milliseconds. */
function startTime(command: readonly string[]): number {
  const times = Array.from({ length: STARTS }, () => {
    const started = process.hrtime.bigint();
    spawnSync(command[0]!, command.slice(1), { stdio: 'ignore' });
    return Number(process.hrtime.bigint() - started) / 1e6;
  });
  return times.sort((one, other) => one - other)[STARTS >> 1]!;
}

try {
  const [trace, events, resolved, text] = ['trace', 'events', 'resolved', 'text'].map((name) =>
    join(directory, name),
  ) as [string, string, string, string];
  writeTrace(trace);
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB, node ${process.version}, ${lines} steps\n`,
  );
  console.log(`${''.padEnd(34)} M lines/s ${'CPU us a line'.padStart(17)} ${'max RSS, MiB'.padStart(16)}`);
  const resolve = [...bin('resolve'), '-D', CLUSTER];
  const count = Number(spawnSync('wc', ['-l', trace], { encoding: 'utf8' }).stdout.split(' ')[0]);
  row('wc -l, the trace', count, await measure([['wc', '-l']], trace, '/dev/null'));
  row('split2, the trace', count, await measure([peer('splitLines')], trace, '/dev/null'));
  row('pgtrace-parse', count, await measure([bin('parse')], trace, events));
  row('JSON.parse, its events', count, await measure([peer('parseJson')], events, '/dev/null'));
  if (existsSync('bin/pgtrace-resolve')) {
    row('pgtrace-resolve', count, await measure([resolve], events, resolved));
    row('JSON.parse, resolved events', count, await measure([peer('parseJson')], resolved, '/dev/null'));
    row('our reader, resolved events', count, await measure([peer('readEvents')], resolved, '/dev/null'));
    row('pgtrace-format', count, await measure([bin('format')], resolved, text));
    row(
      'pgtrace-format --format csv',
      count,
      await measure([[...bin('format'), '--format', 'csv']], resolved, '/dev/null'),
    );
    row(
      'parse | resolve | format',
      count,
      await measure([bin('parse'), resolve, bin('format')], trace, '/dev/null'),
    );
    const objects = spawnSync('sh', ['-c', `${peer('formatObjects').join(' ')} < ${resolved}`], {
      encoding: 'utf8',
    });
    const made = JSON.parse(objects.stdout) as { lines: number; seconds: number };
    row('format, objects in one process', made.lines, { seconds: made.seconds, processes: [] });
  }
  const node = startTime([process.execPath, '-e', '0']);
  console.log(`\n${'node -e 0'.padEnd(34)} ${node.toFixed(0).padStart(6)} ms`);
  for (const name of ['parse', 'resolve', 'format']) {
    const time = startTime([...bin(name), '--help']);
    console.log(
      `${`pgtrace-${name} --help`.padEnd(34)} ${time.toFixed(0).padStart(6)} ms, ${(time / node).toFixed(1)} x`,
    );
  }
} finally {
  rmSync(directory, { recursive: true });
}
