/** The filters as a user pipes them, pgtrace-attach | pgtrace-resolve, around some work. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Event } from '../../src/event/types.js';

export interface Piped {
  /** When each event came out of the pipe, in milliseconds since the epoch. */
  events: { event: Event; arrived: number }[];
  /** What pgtrace-resolve had to say. */
  stderr: string;
}

/**
 * Attaches, does `work` when tracing is on, and ends the trace as Ctrl-C does.
 * @throws where a filter fails or ends before the work does.
 */
export async function piping(
  attachArgs: readonly string[],
  dataDir: string,
  work: () => Promise<void>,
): Promise<Piped> {
  const attach = spawn(process.execPath, ['bin/pgtrace-attach', ...attachArgs], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const resolve = spawn(process.execPath, ['bin/pgtrace-resolve', '-D', dataDir], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  attach.stdout.pipe(resolve.stdin);
  const events: Piped['events'] = [];
  createInterface(resolve.stdout).on('line', (line) => {
    events.push({ event: JSON.parse(line) as Event, arrived: Date.now() });
  });
  const closed = [once(attach, 'close'), once(resolve, 'close')];
  const stderr = text(resolve.stderr);
  let said = '';
  const on = new Promise<void>((begin, reject) => {
    attach.stderr.setEncoding('utf8').on('data', (part: string) => {
      said += part;
      if (said.includes('tracing via')) begin();
    });
    closed[0]!.then(() => reject(new Error(`pgtrace-attach ended early: ${said}`)));
  });
  try {
    await on;
    await work();
  } finally {
    attach.kill('SIGINT');
  }
  const [attached, resolved] = await Promise.all(closed);
  assert.equal(attached![0], 130, said);
  assert.equal(resolved![0], 0, await stderr);
  return { events, stderr: await stderr };
}
