import type { Readable, Writable } from 'node:stream';

/** All that a command may touch of its process. A test passes its own. */
export interface Io {
  /** The arguments after the command's name. */
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean };
}

/** A command: takes its process, resolves to its exit status. */
export type Main = (io: Io) => Promise<number>;

export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;
