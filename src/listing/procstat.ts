/** A saved listing of FreeBSD's `procstat -f` (usr.bin/procstat/procstat_files.c): what a process has open. */
import type { FdEvent } from '../event/types.js';
import type { Listing } from './lsof.js';

const HEADER = /^ *PID COMM +FD T V FLAGS +REF +OFFSET PRO NAME *$/m;

/** ` 3820 postgres   15 v r rw------   1   8192 -   /srv/pg/base/5/16384`; the command's name may have blanks. */
const ROW = /^ *(\d+) (.{1,19}?) +(\d{1,10}|cwd|\D\w+) (\S) (\S) \S+ +(?:\d+|-) +(?:\d+|-) +(\S+) +(.*?) *$/;

/** Null where the text is no such listing. */
export function parseProcstat(text: string): Listing | null {
  if (!HEADER.test(text)) return null;
  const listing: Listing = { files: [], cwds: [] };
  for (const line of text.split('\n')) {
    const [, pid, , fd, type, , protocol, name] = ROW.exec(line) ?? [];
    if (pid === undefined || fd === undefined) continue;
    const path = shownAs(type!, protocol!, name!);
    if (fd === 'cwd') listing.cwds.push({ pid: Number(pid), cwd: name! });
    else if (/^\d/.test(fd) && path !== null) listing.files.push(fileOf(Number(pid), Number(fd), path));
  }
  return listing;
}

/** In the words of /proc/PID/fd; null where the listing does not tell. */
function shownAs(type: string, protocol: string, name: string): string | null {
  switch (type) {
    case 's':
      return `socket:[${protocol} ${name}]`;
    case 'p':
      return 'pipe:[-]';
    case 'k':
      return 'anon_inode:[kqueue]';
    default:
      return name === '-' ? null : name;
  }
}

function fileOf(pid: number, fd: number, path: string): FdEvent {
  return { type: 'fd', ts: null, pid, fd, path };
}
