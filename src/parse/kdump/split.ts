/** What a record CALL says: the call and its arguments, without the padding that some systems have in them. */
import { plainName } from '../bsd/names.js';
import { CALLS } from '../calls.js';

/**
 * Calls with a 64-bit argument have a padding before it in the kernel's sys/kern/syscalls.master, of NetBSD to this day, of
 * OpenBSD and FreeBSD in old versions; kdump prints it where it does not know better.
 */
const PADDED: ReadonlySet<string> = new Set(
  'lseek pread pwrite preadv pwritev truncate ftruncate mmap posix_fadvise posix_fallocate'.split(' '),
);

const CALL = /^([^\s(]+)(?:\((.*)\))?$/s;

export function splitCall(text: string): { name: string; args: string[] } {
  const [, name = text, inside = ''] = CALL.exec(text) ?? [];
  const args = inside === '' ? [] : split(inside).map((argument) => argument.replace(/^<unused>/, ''));
  const call = plainName(name);
  const parameters = CALLS.get(call);
  if (parameters === undefined || !PADDED.has(call) || args.length !== parameters.length + 1)
    return { name, args };
  const at = parameters.indexOf(parameters.includes('offset') ? 'offset' : 'length');
  return { name, args: args.filter((_, index) => index !== at) };
}

/** At commas; those within `<A|B>` and brackets apart (ioctl's `_IOW('t',0x17,0x4)`). */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if ('(<{['.includes(char)) depth++;
    else if (')>}]'.includes(char)) depth--;
    else if (char === ',' && depth <= 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}
