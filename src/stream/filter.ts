/** The one place that knows Node's streams: bytes (or batches) in, through a stage, text out. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Stage } from './stage.js';

/** Why a filter ended: its input did, its reader went away, or its user interrupted it. */
export type Ending = 'end' | 'closed' | 'interrupted';

/**
 * Runs `stage` over `input` and writes what it gives to `output`, waiting while the reader is slower.
 * A reader that went away (`| head`) is a normal end: `closed`. An abort of `signal` stops reading, flushes
 * what was read and ends as `interrupted`.
 * @throws what reading `input` or writing `output` failed with, EPIPE excepted.
 */
export async function runFilter<I = Buffer>(
  input: Readable,
  output: Writable,
  stage: Stage<I, string | Buffer>,
  signal?: AbortSignal,
): Promise<Ending> {
  const sink = openSink(output);
  const stop = () => input.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of input) {
      const wait = sink.write(stage.write(chunk as I));
      if (wait !== null) await wait;
      if (sink.closed()) return 'closed';
      if (signal?.aborted) break;
    }
  } catch (error) {
    // Destroying the input under a pending read ends the loop with ERR_STREAM_PREMATURE_CLOSE.
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  const wait = sink.write(stage.end());
  if (wait !== null) await wait;
  if (sink.closed()) return 'closed';
  return signal?.aborted ? 'interrupted' : 'end';
}

/** A writer that waits for `drain`, and takes EPIPE for the reader's wish to stop. */
export interface Sink {
  /**
   * Null where the caller may go on at once, else a promise of when it may.
   * @throws (or rejects with) the output's error, EPIPE excepted.
   */
  write(text: string | Buffer): Promise<void> | null;
  closed(): boolean;
}

export function openSink(output: Writable): Sink {
  let gone = false;
  let failure: Error | null = null;
  output.on('error', (error: NodeJS.ErrnoException) => {
    gone = true;
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') failure = error;
  });
  output.on('close', () => {
    gone = true;
  });
  const check = () => {
    if (failure !== null) throw failure;
  };
  /** Shared by all who write meanwhile. */
  let waiting: Promise<void> | null = null;
  const settled = () => {
    waiting = null;
    check();
  };
  return {
    write(text) {
      check();
      if (gone || text.length === 0 || output.write(text)) return null;
      waiting ??= drained(output).then(settled);
      return waiting;
    },
    closed: () => gone,
  };
}

async function drained(output: Writable): Promise<void> {
  const settled = new AbortController();
  const wait = (name: string) => once(output, name, { signal: settled.signal }).catch(() => undefined);
  await Promise.race([wait('drain'), wait('close'), wait('error')]);
  settled.abort();
}
