/** A line on a terminal that tells how far a command is, and goes when it is done. */
import type { Io } from './io.js';

export interface Progress {
  /** Shows text in place of what was shown before; at most ten times a second. */
  show(text: string): void;
  /** Leaves the line empty. */
  clear(): void;
}

const PAUSE_MS = 100;

/** Shows nothing where standard error is no terminal. */
export function createProgress({ stderr }: Io): Progress {
  let next = 0;
  let shown = false;
  return {
    show(text) {
      const now = Date.now();
      if (stderr.isTTY !== true || now < next) return;
      next = now + PAUSE_MS;
      shown = true;
      stderr.write(`\r${text}\x1b[K`);
    },
    clear() {
      if (shown) stderr.write('\r\x1b[K');
      shown = false;
    },
  };
}
