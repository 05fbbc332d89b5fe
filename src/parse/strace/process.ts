/** What is known of one traced process while its lines are read. */

import { ByteText } from './bytes.js';
import { skipAngle } from './scan.js';
import { unquote } from './unquote.js';

/** A call whose end is still to come: what its line said up to `<unfinished ...>`. */
export interface Pending {
  name: string;
  /** The line from the call's name on. */
  head: string;
  ts: number | null;
}

/** What strace wrote behind a descriptor, as it stood and as it is meant. */
export interface Annotation {
  /** From `<` to the end of `>` or `>(deleted)`. */
  raw: string;
  /** `raw` in UTF-8. */
  bytes: ByteText;
  path: string;
  deleted: boolean;
}

/** Descriptors beyond are rare enough to be read each time. */
const REMEMBERED_FDS = 1024;

export class Process {
  readonly pid: number | null;
  comm: string | undefined;
  pending: Pending | null = null;
  /** The last annotation of each descriptor: the next line's is nearly always the same text. */
  readonly annotations: (Annotation | undefined)[] = [];

  constructor(pid: number | null) {
    this.pid = pid;
  }

  /** The annotation at `pos`, a `<`; null where it is not closed. */
  annotation(fd: number, text: string, pos: number, end: number): Annotation | null {
    const known = fd >= 0 && fd < REMEMBERED_FDS ? this.annotations[fd] : undefined;
    if (known !== undefined && text.startsWith(known.raw, pos)) {
      const after = pos + known.raw.length;
      const code = text.charCodeAt(after);
      if (code === 41 || (code === 44 && text.charCodeAt(after + 1) === 32)) return known;
    }
    const read = readAnnotation(text, pos, end);
    if (read !== null && fd >= 0 && fd < REMEMBERED_FDS) this.annotations[fd] = read;
    return read;
  }
}

const DELETED = '(deleted)';
const DEVICE = /<(?:char|block) \d+:\d+>$/;

/** Reads `</path>`, `</path>(deleted)`, `</path (deleted)>`, `</dev/null<char 1:3>>`, `<socket:[123]>` … */
export function readAnnotation(text: string, pos: number, end: number): Annotation | null {
  let after = skipAngle(text, pos, end);
  if (after === -1) return null;
  let inside = text.slice(pos + 1, after - 1);
  let deleted = false;
  if (text.startsWith(DELETED, after)) {
    deleted = true;
    after += DELETED.length;
  } else if (inside.startsWith('/') && inside.endsWith(` ${DELETED}`)) {
    // Before version 5.19 the kernel's own mark stood inside.
    deleted = true;
    inside = inside.slice(0, -DELETED.length - 1);
  }
  if (inside.endsWith('>') && inside.startsWith('/')) inside = inside.replace(DEVICE, '');
  const raw = detach(text.slice(pos, after));
  return { raw, bytes: new ByteText(raw), path: intern(unquote(inside)), deleted };
}

const MOST_PATHS = 8192;
const paths = new Map<string, string>();

/**
 * One string for all descriptors, of all processes, that are the same file: whoever looks a path up in a map
 * (the encoder, the resolver) then compares it by identity, not letter by letter.
 */
function intern(path: string): string {
  const known = paths.get(path);
  if (known !== undefined) return known;
  if (paths.size >= MOST_PATHS) paths.clear();
  const own = detach(path);
  paths.set(own, own);
  return own;
}

/** The same text, which no longer holds on to the longer text that it was cut from. */
export function detach(text: string): string {
  return ` ${text}`.slice(1);
}
