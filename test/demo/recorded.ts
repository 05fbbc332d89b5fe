/** The pipeline on a trace that was recorded from a real server, for where no server can be had. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Event } from '../../src/event/types.js';

const TRACE = 'fixtures/trace/15.strace';
const SNAPSHOT = 'fixtures/pgdata/15';
/** What to look for in the text, and how many lines of it to show. */
const SCENES: readonly { title: string; from: RegExp; lines: number }[] = [
  {
    title: 'A sequential scan reads a table, block by block',
    from: /pread64\(.*public\.orders main 0/,
    lines: 7,
  },
  { title: 'A commit writes the WAL', from: /pwrite64\(\d\d<wal/, lines: 2 },
  { title: 'A sort has no more memory', from: /openat\(.*temp/, lines: 6 },
  {
    title: 'A checkpoint writes what changed, and makes sure of it',
    from: /sync_file_range\(.*public\./,
    lines: 7,
  },
];

const parse = ['bin/pgtrace-parse', TRACE];
const resolve = ['bin/pgtrace-resolve', '-D', SNAPSHOT];

export function showRecorded(): void {
  const format = ['bin/pgtrace-format', '-n', '--color', process.stdout.isTTY ? 'always' : 'never'];
  console.log(
    `What a PostgreSQL 15 server did to its files, from a recorded strace log of ${countLines()} lines:\n`,
  );
  console.log(
    `    ${[parse, resolve, format.slice(0, 2)].map((command) => command.join(' ')).join(' \\\n      | ')}\n`,
  );
  const resolved = run(resolve, run(parse, ''));
  const text = run(format, resolved).split('\n');
  for (const { title, from, lines } of SCENES) {
    const first = text.findIndex((line) => from.test(line));
    if (first === -1) throw new Error(`the demonstration shows no ${from}`);
    console.log(`${title}:\n${text.slice(first, first + lines).join('\n')}\n`);
  }
  console.log(summary(resolved));
}

function run(command: string[], input: string): string {
  return execFileSync(process.execPath, command, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
}

function countLines(): number {
  return readFileSync(TRACE, 'utf8').split('\n').length - 1;
}

/** One line: the calls by what they touched. */
function summary(ndjson: string): string {
  const relations = new Set<string>();
  const calls = { all: 0, relation: 0, wal: 0, temp: 0, other: 0, unresolved: 0 };
  for (const line of ndjson.split('\n')) {
    if (line === '') continue;
    const event = JSON.parse(line) as Event;
    if (event.type !== 'syscall') continue;
    calls.all += 1;
    const { pg } = event;
    if (pg === undefined) continue;
    if (pg.unresolved !== undefined) calls.unresolved += 1;
    else if (pg.kind === 'relation') {
      calls.relation += 1;
      relations.add(`${pg.database}.${pg.schema}.${pg.relation}`);
    } else if (pg.kind === 'wal' || pg.kind === 'temp') calls[pg.kind] += 1;
    else calls.other += 1;
  }
  return (
    `${calls.all} calls: ${calls.relation} on ${relations.size} relations, ${calls.wal} on WAL, ` +
    `${calls.temp} on temporary files, ${calls.other} on other files, sockets and pipes, ` +
    `${calls.unresolved} on what could not be named.`
  );
}
