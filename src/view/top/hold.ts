/** Diagnostics while the screen is taken: kept, and shown when it is given back. */
import { Writable } from 'node:stream';

export interface Held {
  readonly stderr: Writable;
  /** Writes what was kept; from now on nothing is. */
  release(): void;
}

/** Messages kept at most; of more the first ones and their number. */
const MOST = 100;

export function holdBack(target: Writable): Held {
  let kept: string[] | null = [];
  let omitted = 0;
  const stderr = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      if (kept === null) target.write(chunk);
      else if (kept.length < MOST) kept.push(String(chunk));
      else omitted++;
      done();
    },
  });
  return {
    stderr,
    release() {
      if (kept === null) return;
      target.write(kept.join(''));
      if (omitted > 0) target.write(`(${omitted} more messages)\n`);
      kept = null;
    },
  };
}
