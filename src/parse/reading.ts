/** How far the reading of long traces is, on a terminal that shows nothing else. */
import type { Io } from '../cli/io.js';
import { createProgress } from '../cli/progress.js';
import type { Source } from './sources.js';

/** Shorter work is not worth a line. */
const QUIET_MS = 1000;

export interface Reading {
  /** The same chunks, counted. */
  count(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
  /** Leaves the line empty. */
  end(): void;
}

/** Says nothing where a size is not known, standard error is no terminal, or the events go to one. */
export function createReading(io: Io, sources: readonly Source[]): Reading {
  const progress = createProgress(io);
  const began = Date.now();
  const total = sources.reduce((sum, { size }) => sum + (size ?? Number.NaN), 0);
  const silent = !(total > 0) || io.stdout.isTTY === true;
  let read = 0;

  function tell(): void {
    const elapsed = Date.now() - began;
    if (silent || elapsed < QUIET_MS) return;
    // A trace that is still being written grows beyond its size.
    const part = Math.min(1, read / total);
    const left = Math.ceil((elapsed / 1000) * (1 / part - 1));
    progress.show(
      `${megabytes(read)} of ${megabytes(total)} MB (${Math.floor(part * 100)}%), about ${left} s to go`,
    );
  }

  return {
    async *count(chunks) {
      for await (const chunk of chunks) {
        read += chunk.length;
        tell();
        yield chunk;
      }
    },
    end: progress.clear,
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
