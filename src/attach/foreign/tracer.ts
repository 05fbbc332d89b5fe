/** One tracer of a system other than Linux: its text becomes events. */
import { spawn } from 'node:child_process';
import type { Event } from '../../event/types.js';
import { DIALECTS } from '../../parse/dialects.js';
import { openRelay } from '../strace/relay.js';
import type { System } from './systems.js';

const MOST_SAID = 300;

export interface ForeignTracer {
  /** Resolves when the tracer has printed something, or ended: with what it said then. */
  started: Promise<string | null>;
  /** Resolves when it has ended and all that it printed was told, with what is wrong if nobody asked it to. */
  closed: Promise<string | null>;
  stop(): void;
}

/** @param directory a directory of its own for the script's files. */
export function spawnForeign(
  system: System,
  directory: string,
  pids: readonly number[],
  emit: (events: Event[]) => Promise<void> | null,
): ForeignTracer {
  const pid = pids.length === 1 ? pids[0]! : null;
  const dialect = DIALECTS[system.dialect]({ pid, date: null, raw: false, head: [] });
  const relay = openRelay(dialect, system.tracer, emit);
  const said: string[] = [];
  let stopped = false;
  /** What it printed first: why it failed, where that is all. */
  let first = '';

  const child = spawn('sh', ['-c', system.script, 'sh', directory, ...pids.map(String)], {
    // A session of its own: a terminal's Ctrl-C is for us, who then end the tracer and read what it says last.
    detached: true,
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (part: string) => said.push(part));
  const words = () => (said.join('') || first).trim().replace(/\n+/g, '; ');

  const started = new Promise<string | null>((resolve) => {
    child.stdout.once('data', () => resolve(null));
    child.once('close', (status) => resolve(words() || `it ended with status ${status}`));
  });
  // It has ended by itself: the script waits for our end of its input.
  child.stdout.once('end', () => child.stdin.end());
  child.stdout.on('data', (chunk: Buffer) => {
    if (first === '') first = chunk.toString('utf8', 0, MOST_SAID);
    relay.write(chunk);
  });
  const closed = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(`sh: ${error.message}`));
    child.once('close', (status) => {
      relay.end();
      resolve(stopped || status === 0 ? null : words() || `it ended with status ${status}`);
    });
  });
  return {
    started,
    closed,
    stop() {
      stopped = true;
      child.stdin.end();
    },
  };
}
