/** The recorded traces: a stem of files, one extension a stage. The next extension is what the stage must give. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Io, Main } from '../../src/cli/io.js';
import type { CaseArguments } from '../servers/record/styles.js';

/** Relative, as a user would name it: the tests run in the package's directory, and a path may be in an output. */
const FIXTURES = 'fixtures';
const TRACES = join(FIXTURES, 'trace');

export interface Case {
  name: string;
  /** The trace's files: one, or with strace -ff one a process. */
  traces: string[];
  /** The snapshot of the server's data directory, null for a trace that is only parsed. */
  dataDir: string | null;
  args: CaseArguments;
}

export interface GoldenStage {
  name: 'parse' | 'resolve' | 'format';
  /** What the stage reads on stdin; the parser is given its files' names. */
  from: string | null;
  to: string;
}

export const STAGES: readonly GoldenStage[] = [
  { name: 'parse', from: null, to: '.events.ndjson' },
  { name: 'resolve', from: '.events.ndjson', to: '.resolved.ndjson' },
  { name: 'format', from: '.resolved.ndjson', to: '.txt' },
];

/** `15-ff.strace.3820` is a trace of the case `15-ff`; its server's snapshot is `pgdata/15`. */
export function readCases(): Case[] {
  const traces = new Map<string, string[]>();
  for (const file of readdirSync(TRACES).sort()) {
    const name = /^(.+)\.strace(\.\d+)?$/.exec(file)?.[1];
    if (name !== undefined) traces.set(name, [...(traces.get(name) ?? []), join(TRACES, file)]);
  }
  return [...traces].map(([name, files]) => {
    const version = /^\d+/.exec(name)?.[0];
    const snapshot = join(FIXTURES, 'pgdata', version ?? '');
    const args = goldenPath(name, '.args.json');
    return {
      name,
      traces: files,
      dataDir: version !== undefined && existsSync(snapshot) ? snapshot : null,
      args: existsSync(args) ? (JSON.parse(readFileSync(args, 'utf8')) as CaseArguments) : {},
    };
  });
}

export function stagesOf({ dataDir }: Case): readonly GoldenStage[] {
  return dataDir === null ? STAGES.slice(0, 1) : STAGES;
}

export function goldenPath(name: string, extension: string): string {
  return join(TRACES, `${name}${extension}`);
}

/** What the stage's command prints for a case, from the stage before it as it is recorded. @throws if it fails. */
export async function runStage(stage: GoldenStage, { name, traces, dataDir, args }: Case): Promise<string> {
  const listing = goldenPath(name, '.lsof');
  const own = {
    parse: traces,
    resolve: ['-D', dataDir ?? '', ...(existsSync(listing) ? ['--lsof', listing] : [])],
    format: ['--utc'],
  }[stage.name];
  const { main } = (await import(`../../src/${stage.name}/main.js`)) as { main: Main };
  const stdout = new Collector();
  const stderr = new Collector();
  const input = stage.from === null ? [] : [readFileSync(goldenPath(name, stage.from))];
  const io: Io = {
    argv: [...(args[stage.name] ?? []), ...own],
    env: { TZ: 'UTC' },
    stdin: Readable.from(input),
    stdout,
    stderr,
  };
  const status = await main(io);
  if (status !== 0)
    throw new Error(`pgtrace-${stage.name} ${io.argv.join(' ')}: exit ${status}\n${stderr.text()}`);
  return stdout.text();
}

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
