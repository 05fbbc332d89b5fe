import { FormatError } from '../postgres/format-error.js';

/** A file that a server writes in place may be read halfway; a moment later it is whole. */
const ATTEMPTS = 10;
const PAUSE_MS = 2;
const clock = new Int32Array(new SharedArrayBuffer(4));

/** Calls `read` again where it throws a FormatError, up to ten times within 20 ms; then the error is the answer. */
export function settle<T>(read: () => T): T {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      Atomics.wait(clock, 0, 0, PAUSE_MS);
    }
  }
  return read();
}
