/**
 * `npm run bench:top [-- EVENTS_PER_SECOND [SECONDS]]`: what a live screen costs, as a share of one core, beside
 * commands that read the same events and do less. The events come as from a tracer, so many each tenth of a second.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const perSecond = Number(process.argv[2] ?? 200_000);
const seconds = Number(process.argv[3] ?? 10);
if (!(perSecond > 0 && seconds > 0))
  throw new Error(`numbers above 0 expected, found ${process.argv.slice(2)}`);

const TICK = 100;
/** A reader that is this late (milliseconds) at the end does not keep up; a pipe holds less. */
const LATE = 500;
/** Of them a hundred are read from their first block to their last, the others here and there. */
const RELATIONS = 1000;
const BLOCKS = 131_072;
/** USER_HZ of every Linux that is met: the unit of the times in /proc/PID/stat. */
const HZ = 100;

const directory = mkdtempSync(join(tmpdir(), 'pgtrace-bench-'));
const fifo = join(directory, 'events');
if (spawnSync('mkfifo', [fifo]).status !== 0) throw new Error('mkfifo: cannot be run');

/** Events of one tick, made once: only their times are written anew. */
interface Batch {
  readonly bytes: Buffer;
  /** Where each event's time is. */
  readonly times: readonly number[];
}

const perTick = Math.round((perSecond * TICK) / 1000);
const START = 1795324737;
/** `1795324737.1`: the part of a time that a tick changes. */
const CHANGES = 12;

/** The line of the `n`th event, `after` seconds after START. */
type Line = (n: number, after: number) => string;

function batch(lineOf: Line, from: number): Batch {
  const lines: string[] = [];
  const times: number[] = [];
  let at = 0;
  for (let n = from; n < from + perTick; n++) {
    const line = lineOf(n, (n - from) / perSecond);
    times.push(at + line.indexOf(String(START)));
    at += line.length;
    lines.push(line);
  }
  return { bytes: Buffer.from(lines.join('')), times };
}

/** A thousand relations by turns. */
function made(n: number, after: number): string {
  const relation = n % 10 === 0 ? Math.imul(n, 0x9e3779b1) >>> 22 : n % 100;
  const block = n % 10 === 0 ? (Math.imul(n, 0x85ebca6b) >>> 0) % BLOCKS : Math.floor(n / 100) % BLOCKS;
  return (
    `{"type":"syscall","ts":${(START + after).toFixed(6)},"pid":${3820 + (n % 4)},"call":"pread64","fd":${relation},` +
    `"path":"/var/lib/postgresql/15/main/base/5/${16384 + relation}","length":8192,"offset":${block * 8192},` +
    `"ret":8192,"dur":0.000003,"pg":{"kind":"relation","database":"shop","schema":"public",` +
    `"relation":"t${relation % RELATIONS}","relkind":"table","fork":"main","segment":0,"block":${block},"blocks":1,` +
    `"total":${BLOCKS},"oid":${16384 + relation},"databaseOid":5,"filenode":${16384 + relation}}}\n`
  );
}

/** The calls of a real server, again and again. */
function recorded(): Line {
  const lines = readFileSync('fixtures/trace/15.resolved.ndjson', 'utf8').split('\n');
  const calls = lines.filter((line) => /^{"type":"syscall","ts":\d/.test(line));
  return (n, after) =>
    `${calls[n % calls.length]!.replace(/"ts":[\d.]+/, `"ts":${(START + after).toFixed(6)}`)}\n`;
}

function eventsOf(batches: readonly Batch[], tick: number): Buffer {
  const { bytes, times } = batches[tick % batches.length]!;
  const time = (START + (tick * TICK) / 1000).toFixed(1);
  for (const at of times) bytes.write(time, at, CHANGES, 'latin1');
  return bytes;
}

/** A blocking write: a reader that does not keep up holds it back. */
function writeAll(output: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(output, bytes, at);
}

/** Seconds of CPU that a process has used, of all its threads. */
function cpuOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / HZ;
}

/** @param child the process itself, or script(1), whose child it is. */
function readerOf(child: ChildProcess): number {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  return Number(children === '' ? child.pid : children.split(' ')[0]);
}

/** Feeds the events, and tells the reader's share of a core and how late it was at the end. */
async function cost(
  batches: readonly Batch[],
  what: string,
  command: readonly [string, ...string[]],
): Promise<void> {
  const child = spawn(command[0], command.slice(1), {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  const output = openSync(fifo, 'w');
  await sleep(1000);
  const pid = readerOf(child);
  const before = cpuOf(pid);
  const started = performance.now();
  let late = 0;
  for (let tick = 0; tick < (seconds * 1000) / TICK; tick++) {
    const bytes = eventsOf(batches, tick);
    await sleep(Math.max(0, started + tick * TICK - performance.now()));
    writeAll(output, bytes);
    late = performance.now() - started - tick * TICK;
  }
  const elapsed = (performance.now() - started) / 1000;
  const cpu = cpuOf(pid) - before;
  const share = `${((cpu / elapsed) * 100).toFixed(1).padStart(6)} % of a core`;
  const each = `${((cpu / (seconds * perSecond)) * 1e6).toFixed(2)} us an event`;
  const rate = Math.round((seconds * perSecond) / elapsed);
  const verdict = late < LATE ? 'keeps up' : `LATE by ${late.toFixed(0)} ms`;
  console.log(`${what.padEnd(24)} ${share}, ${each}, ${rate} a second: ${verdict}`);
  closeSync(output);
  // The screen stays until the terminal, which script(1) makes, hangs up.
  child.kill();
  await gone;
}

function shell(line: string): [string, ...string[]] {
  return ['sh', '-c', `exec ${line}`];
}

async function costs(what: string, lineOf: Line): Promise<void> {
  console.log(`\n${what}`);
  const batches = Array.from({ length: 1000 / TICK }, (_, tick) => batch(lineOf, tick * perTick));
  await cost(batches, 'cat', shell(`cat < ${fifo} > /dev/null`));
  await cost(
    batches,
    'JSON.parse of each line',
    shell(`${process.execPath} dist/test/bench/peer.js parseJson < ${fifo}`),
  );
  const format = `${process.execPath} bin/pgtrace-format < ${fifo} > /dev/null`;
  await cost(batches, 'pgtrace-format', shell(format));
  const top = `stty rows 40 columns 120; exec ${process.execPath} bin/pgtrace-top < ${fifo}`;
  await cost(batches, 'pgtrace-top, 120 x 40', ['script', '-qfc', top, '/dev/null']);
}

try {
  console.log(`${perSecond} events a second for ${seconds} s`);
  await costs('a thousand relations by turns', made);
  await costs('the calls of a real server', recorded());
} finally {
  rmSync(directory, { recursive: true });
}
