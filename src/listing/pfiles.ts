/** A saved listing of pfiles(1) of Solaris and illumos (usr/src/cmd/ptools/pfiles): what a process has open. */
import type { Listing } from './lsof.js';

const PROCESS = /^(\d+):\t/;
const LIMIT = /^ {2}Current (?:soft )?rlimit: /m;
/** `  15: S_IFREG mode:0600 dev:182,65538 ino:12 uid:90 gid:90 size:286720`, and below it, deeper, flags and path. */
const FILE = /^ {1,4}(\d{1,10}): (S_IF\w+) /;
const PATH = /^ {6}(\/.*)$/;
const PEER = /^\t(?:sockname|peername): (.+)$/;

/** Null where the text is no such listing. It does not tell the working directory: pwdx(1) does. */
export function parsePfiles(text: string): Listing | null {
  if (!LIMIT.test(text)) return null;
  const listing: Listing = { files: [], cwds: [] };
  let pid = -1;
  let fd = -1;
  const add = (path: string): void => {
    if (pid !== -1 && fd !== -1) listing.files.push({ type: 'fd', ts: null, pid, fd, path });
    fd = -1;
  };
  for (const line of text.split('\n')) {
    const process = PROCESS.exec(line);
    const file = FILE.exec(line);
    const path = PATH.exec(line) ?? null;
    const peer = PEER.exec(line);
    if (process !== null) {
      pid = Number(process[1]);
      fd = -1;
    } else if (file !== null) {
      fd = Number(file[1]);
      if (file[2] === 'S_IFPORT') add('anon_inode:[event port]');
    } else if (path !== null) add(path[1]!);
    else if (peer !== null) add(`socket:[${peer[1]}]`);
  }
  return listing;
}
