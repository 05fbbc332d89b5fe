/** What a path or a descriptor outside the data directory is. Pure. */
import type { OtherFile } from './clusterfile.js';

const SOCKET = /^(?:socket|TCP|TCPv6|UDP|UDPv6|UNIX|UNIX-STREAM|UNIX-DGRAM|NETLINK|RAW|PACKET)(?:v6)?:/;
const EPOLL = /^(?:anon_inode:)?[[<]eventpoll[\]>]/;
/** What the kernel and strace show for descriptors that are no files: `pipe:[4242]`, `anon_inode:[eventfd]`. */
const NO_FILE = /^[A-Za-z][\w-]*:[[<]|^\[/;
const CONFIG = /\/(?:postgresql(?:\.auto)?|pg_hba|pg_ident|pg_service)\.conf$/;

/** True for what a trace shows of a descriptor that is no file at all. */
export function isNoFile(shown: string): boolean {
  return NO_FILE.test(shown);
}

export function classifyOutside(shown: string): OtherFile {
  return { kind: outsideKind(shown), file: shown, database: null, tablespace: null, slot: null };
}

function outsideKind(shown: string): OtherFile['kind'] {
  if (shown.startsWith('pipe:')) return 'pipe';
  if (EPOLL.test(shown)) return 'epoll';
  if (SOCKET.test(shown)) return 'socket';
  // src/backend/storage/ipc/dsm_impl.c: the name of a POSIX segment; shm_open(3) puts it into /dev/shm.
  if (/^\/dev\/shm\/PostgreSQL\.\d+$/.test(shown)) return 'dynshmem';
  // src/include/libpq/pqcomm.h, UNIXSOCK_PATH; the lock file is src/backend/utils/init/miscinit.c's.
  if (/(?:^|\/)\.s\.PGSQL\.\d+$/.test(shown)) return 'socket';
  if (/(?:^|\/)\.s\.PGSQL\.\d+\.lock$/.test(shown)) return 'pid';
  if (/\.so(?:\.\d+)*$/.test(shown)) return 'library';
  return CONFIG.test(shown) ? 'config' : 'other';
}
