/** Runs pgtrace-attach around some work, and gives back what it told. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Event } from '../../src/event/types.js';
import { createTextStage } from '../../src/resolve/lines.js';
import { openResolver } from '../../src/resolve/resolver.js';

export type Via = 'ftrace' | 'strace' | 'sample';

export interface Trace {
  events: Event[];
  stderr: string;
}

/**
 * Attaches, does `work` when tracing is on, and ends the trace as Ctrl-C does.
 * @throws where the tracer fails or ends before the work does.
 */
export async function tracing(args: readonly string[], work: () => Promise<void>): Promise<Trace> {
  const child = spawn(process.execPath, ['bin/pgtrace-attach', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = text(child.stdout);
  const closed = once(child, 'close');
  let stderr = '';
  const on = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
      if (stderr.includes('tracing via')) resolve();
    });
    closed.then(() => reject(new Error(`pgtrace-attach ended early: ${stderr}`)));
  });
  try {
    await on;
    await work();
  } finally {
    child.kill('SIGINT');
  }
  const [status] = await closed;
  assert.equal(status, 130, stderr);
  return { events: parse(await output), stderr };
}

/** The events with what they mean in a data directory. */
export function resolved(events: readonly Event[], directory: string): Event[] {
  const warnings: string[] = [];
  const resolver = openResolver(directory, null, (message) => warnings.push(message));
  const stage = createTextStage(resolver, Date.now);
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const told = parse(stage.write(Buffer.from(lines)) + stage.end());
  assert.deepEqual(warnings, []);
  return told;
}

/** Why a source cannot work on this machine; undefined where it can. */
export function impossible(via: Via): string | undefined {
  if (via === 'sample') return undefined;
  if (via === 'strace') {
    const found = (process.env.PATH ?? '').split(':').some((directory) => exists(`${directory}/strace`));
    return found ? undefined : 'strace is not installed';
  }
  return process.getuid?.() === 0 ? undefined : 'ftrace needs root';
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

function parse(lines: string): Event[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}
