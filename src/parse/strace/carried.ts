/** What a call carried to or from a socket: its second argument, a string. */
import { skipArgument, skipString } from './scan.js';
import { unquoteBytes } from './unquote.js';

/** Those that a server speaks to its client by: recv(3) and send(3), by whichever name the kernel has them. */
export const CARRIERS: ReadonlySet<string> = new Set(['recvfrom', 'sendto', 'recv', 'send']);

const NOTHING = Buffer.alloc(0);

/** @param pos where the arguments begin, after the `(`. */
export function carriedBy(text: string, pos: number): Buffer {
  const start = skipArgument(text, pos, text.length) + 2;
  if (text.charCodeAt(start) !== 34) return NOTHING;
  const after = skipString(text, start, text.length);
  return after === -1 ? NOTHING : unquoteBytes(text.slice(start + 1, after - 1));
}
