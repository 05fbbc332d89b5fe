/** What calls do to descriptors and positions, and which bytes of a file they touch, as data (man 2 of each call). */

/** The kind of a call, for the switch that follows it. */
export const EFFECT = {
  /** Nothing to follow: a file by its descriptor or path. */
  none: 0,
  /** Moves data at the position, and the position with it. */
  read: 1,
  write: 2,
  /** Touches `length` bytes from `offset`, and leaves the position. */
  range: 3,
  /** As range, and may make the file longer. */
  extend: 4,
  /** As range, of the bytes that `ret` counts. */
  pread: 5,
  pwrite: 6,
  seek: 7,
  truncate: 8,
  open: 9,
  close: 10,
  closeRange: 11,
  dup: 12,
  dupTo: 13,
  control: 14,
  fork: 15,
  exec: 16,
  /** Returns a descriptor of something without a path. */
  socket: 17,
  epoll: 18,
  anonymous: 19,
  /** Gives two descriptors, `fd` and `newfd`. */
  pipe: 20,
  socketPair: 21,
  /** Moves data from `fd` to `outfd`. */
  copy: 22,
  chdir: 23,
  /** Two paths; the second is the link, or the new name. */
  twoPaths: 24,
  /** Takes a descriptor (-1: none) and maps it. */
  map: 25,
  /** Succeeds on such a descriptor only, so that one which is not known is one. */
  onSocket: 26,
  onEpoll: 27,
  /** Has a path argument of its own beside a descriptor. */
  path: 28,
} as const;

export type Effect = (typeof EFFECT)[keyof typeof EFFECT];

const ROWS: readonly (readonly [Effect, string])[] = [
  [EFFECT.read, 'read readv'],
  [EFFECT.write, 'write writev'],
  [EFFECT.pread, 'pread64 pread preadv preadv2'],
  [EFFECT.pwrite, 'pwrite64 pwrite pwritev pwritev2'],
  [
    EFFECT.range,
    'sync_file_range sync_file_range2 fadvise64 fadvise64_64 arm_fadvise64_64 posix_fadvise readahead',
  ],
  [EFFECT.extend, 'fallocate posix_fallocate'],
  [EFFECT.seek, 'lseek _llseek'],
  [EFFECT.truncate, 'ftruncate ftruncate64 truncate truncate64'],
  [EFFECT.open, 'open openat openat2 creat'],
  [EFFECT.close, 'close'],
  [EFFECT.closeRange, 'close_range'],
  [EFFECT.dup, 'dup'],
  [EFFECT.dupTo, 'dup2 dup3'],
  [EFFECT.control, 'fcntl fcntl64'],
  [EFFECT.fork, 'fork vfork rfork clone clone3'],
  [EFFECT.exec, 'execve execveat'],
  [EFFECT.socket, 'socket accept accept4'],
  [
    EFFECT.onSocket,
    'bind connect listen shutdown getsockname getpeername send recv sendto recvfrom sendmsg recvmsg sendmmsg ' +
      'recvmmsg recvmmsg_time64 getsockopt setsockopt',
  ],
  [EFFECT.onEpoll, 'epoll_ctl epoll_wait epoll_pwait epoll_pwait2'],
  [EFFECT.path, 'inotify_add_watch fanotify_mark'],
  [EFFECT.epoll, 'epoll_create epoll_create1'],
  [
    EFFECT.anonymous,
    'eventfd eventfd2 signalfd signalfd4 timerfd_create inotify_init inotify_init1 fanotify_init memfd_create ' +
      'memfd_secret perf_event_open userfaultfd io_uring_setup pidfd_open',
  ],
  [EFFECT.pipe, 'pipe pipe2'],
  [EFFECT.socketPair, 'socketpair'],
  [EFFECT.copy, 'copy_file_range sendfile sendfile64 splice tee'],
  [EFFECT.chdir, 'chdir fchdir'],
  [EFFECT.twoPaths, 'rename renameat renameat2 link linkat symlink symlinkat'],
  [EFFECT.map, 'mmap mmap2'],
];

const BY_CALL: ReadonlyMap<string, Effect> = new Map(
  ROWS.flatMap(([effect, calls]) => calls.split(' ').map((call) => [call, effect] as const)),
);

export function effectOf(call: string): Effect {
  return BY_CALL.get(call) ?? EFFECT.none;
}
