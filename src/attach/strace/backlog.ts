/**
 * What strace has said while our reader was slow. strace waits when nobody reads it, and the traced process
 * with it; so its text is always read, kept up to a limit, and beyond that counted and thrown away. Pure.
 */

const NEWLINE = 0x0a;

export interface Backlog {
  push(chunk: Buffer): void;
  /** Empties the backlog. */
  take(): Taken;
}

export interface Taken {
  kept: Buffer[];
  /** How many lines after them were thrown away, one that is not whole yet included. */
  lost: number;
  /** Whether the next chunk begins within a line that was thrown away. */
  midLine: boolean;
}

/** @param limit how many bytes to keep. */
export function openBacklog(limit: number): Backlog {
  let kept: Buffer[] = [];
  let size = 0;
  let lost = 0;
  let midLine = false;

  return {
    push(chunk) {
      if (lost === 0 && !midLine && size + chunk.length <= limit) {
        kept.push(chunk);
        size += chunk.length;
        return;
      }
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lost++;
      midLine = chunk.at(-1) !== NEWLINE;
    },
    take() {
      const taken = { kept, lost: lost + (midLine ? 1 : 0), midLine };
      kept = [];
      size = 0;
      lost = 0;
      midLine = false;
      return taken;
    },
  };
}
