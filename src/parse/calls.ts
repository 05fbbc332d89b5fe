/**
 * The calls whose arguments become named keys, as data: each call's parameters in the kernel's order (man 2 of
 * the call), each under the event key that it fills. Shared by every dialect of trace text, and by sources that
 * have the registers themselves. A call that is not here keeps its arguments as they were (`args`).
 */
import type { CallArguments } from '../event/types.js';

/** Keys that a parameter fills by its own value. */
export type ScalarKey = Exclude<
  keyof CallArguments,
  'deleted' | 'dirpath' | 'newdirpath' | 'outpath' | 'args'
>;

/**
 * A parameter: the key that it fills, or
 * - `-`: left out (a data buffer, an address, a structure)
 * - `*offset`, `*outoffset`: the address of that value; `NULL` leaves the key out
 * - `iov`: an array of struct iovec; the sum of its lengths is `length`
 * - `how`: a structure with the members `flags` and `mode` (struct open_how, struct clone_args)
 * - `flags=`: this and all that follow; a trace prints them with their names, and out of order (clone)
 * - `*stat`: the address of a struct stat; `size` where the trace shows that of a regular file
 * - `fds`: the address of two descriptors, `fd` and `newfd` (pipe, socketpair)
 * - `arg`: fcntl's third, which `cmd` gives its meaning: `newfd`, `flags` or left out
 */
export type Parameter =
  | ScalarKey
  | '-'
  | '*offset'
  | '*outoffset'
  | 'iov'
  | 'how'
  | 'flags='
  | '*stat'
  | 'fds'
  | 'arg';

type Row = readonly [calls: string, ...parameters: Parameter[]];

/** Calls of one row, separated by blanks, have the same parameters. */
const ROWS: readonly Row[] = [
  ['open', 'path', 'flags', 'mode'],
  ['openat', 'dirfd', 'path', 'flags', 'mode'],
  ['openat2', 'dirfd', 'path', 'how', '-'],
  ['creat mkdir chmod access', 'path', 'mode'],
  ['close fsync fdatasync syncfs fchdir', 'fd'],
  ['close_range', 'fd', 'lastfd', 'flags'],
  ['read write', 'fd', '-', 'length'],
  ['pread64 pwrite64 pread pwrite', 'fd', '-', 'length', 'offset'],
  ['readv writev', 'fd', 'iov', 'iovcnt'],
  ['preadv pwritev', 'fd', 'iov', 'iovcnt', 'offset'],
  ['preadv2 pwritev2', 'fd', 'iov', 'iovcnt', 'offset', 'flags'],
  ['lseek', 'fd', 'offset', 'whence'],
  ['_llseek', 'fd', 'offset', '*outoffset', 'whence'],
  ['dup', 'fd'],
  ['dup2', 'fd', 'newfd'],
  ['dup3', 'fd', 'newfd', 'flags'],
  ['fcntl fcntl64', 'fd', 'cmd', 'arg'],
  ['flock', 'fd', 'cmd'],
  ['ioctl', 'fd', 'cmd', '-'],
  ['sync_file_range', 'fd', 'offset', 'length', 'flags'],
  ['sync_file_range2', 'fd', 'flags', 'offset', 'length'],
  ['fallocate', 'fd', 'mode', 'offset', 'length'],
  ['posix_fallocate', 'fd', 'offset', 'length'],
  ['ftruncate ftruncate64', 'fd', 'length'],
  ['truncate truncate64', 'path', 'length'],
  ['fadvise64 fadvise64_64 posix_fadvise', 'fd', 'offset', 'length', 'advice'],
  ['arm_fadvise64_64', 'fd', 'advice', 'offset', 'length'],
  ['readahead', 'fd', 'offset', 'length'],
  ['copy_file_range splice', 'fd', '*offset', 'outfd', '*outoffset', 'length', 'flags'],
  ['tee', 'fd', 'outfd', 'length', 'flags'],
  ['sendfile sendfile64', 'outfd', 'fd', '*offset', 'length'],
  ['vmsplice', 'fd', 'iov', 'iovcnt', 'flags'],
  ['mmap mmap2', '-', 'length', 'prot', 'flags', 'fd', 'offset'],
  ['getdents getdents64', 'fd', '-', 'length'],
  ['fstat fstat64 oldfstat', 'fd', '*stat'],
  ['fstatfs', 'fd', '-'],
  ['fstatfs64', 'fd', '-', '-'],
  ['fchmod', 'fd', 'mode'],
  ['fchown fchown32', 'fd', '-', '-'],
  ['stat stat64 lstat lstat64 oldstat oldlstat', 'path', '*stat'],
  ['statfs utime utimes', 'path', '-'],
  ['statfs64 chown chown32 lchown lchown32', 'path', '-', '-'],
  ['newfstatat fstatat fstatat64', 'dirfd', 'path', '*stat', 'flags'],
  ['utimensat utimensat_time64', 'dirfd', 'path', '-', 'flags'],
  ['statx', 'dirfd', 'path', 'flags', '-', '-'],
  ['faccessat fchmodat', 'dirfd', 'path', 'mode'],
  ['faccessat2 fchmodat2', 'dirfd', 'path', 'mode', 'flags'],
  ['fchownat', 'dirfd', 'path', '-', '-', 'flags'],
  ['readlink', 'path', '-', 'length'],
  ['readlinkat', 'dirfd', 'path', '-', 'length'],
  ['unlink rmdir chdir chroot', 'path'],
  ['unlinkat', 'dirfd', 'path', 'flags'],
  ['rename link symlink', 'path', 'newpath'],
  ['symlinkat', 'path', 'newdirfd', 'newpath'],
  ['renameat', 'dirfd', 'path', 'newdirfd', 'newpath'],
  ['renameat2 linkat', 'dirfd', 'path', 'newdirfd', 'newpath', 'flags'],
  ['mkdirat', 'dirfd', 'path', 'mode'],
  ['mknod', 'path', 'mode', '-'],
  ['mknodat', 'dirfd', 'path', 'mode', '-'],
  ['execve', 'path', '-', '-'],
  ['execveat', 'dirfd', 'path', '-', '-', 'flags'],
  ['fork vfork'],
  ['clone', 'flags='],
  ['clone3', 'how', '-'],
  ['pipe', 'fds'],
  ['pipe2', 'fds', 'flags'],
  ['socketpair', '-', '-', '-', 'fds'],
  ['bind connect', 'fd', '-', '-'],
  ['listen shutdown', 'fd', '-'],
  ['accept getsockname getpeername', 'fd', '-', '-'],
  ['accept4', 'fd', '-', '-', 'flags'],
  ['send recv', 'fd', '-', 'length', 'flags'],
  ['sendto recvfrom', 'fd', '-', 'length', 'flags', '-', '-'],
  ['sendmsg recvmsg', 'fd', '-', 'flags'],
  ['sendmmsg', 'fd', '-', '-', 'flags'],
  ['recvmmsg recvmmsg_time64', 'fd', '-', '-', 'flags', '-'],
  ['getsockopt setsockopt', 'fd', '-', '-', '-', '-'],
  ['epoll_ctl', 'fd', 'cmd', 'newfd', '-'],
  ['epoll_wait', 'fd', '-', '-', '-'],
  ['epoll_pwait epoll_pwait2', 'fd', '-', '-', '-', '-', '-'],
  ['inotify_add_watch', 'fd', 'path', '-'],
  ['io_uring_enter', 'fd', '-', '-', 'flags', '-', '-'],
];

/** Call name to its parameters. */
export const CALLS: ReadonlyMap<string, readonly Parameter[]> = new Map(
  ROWS.flatMap(([calls, ...parameters]) => calls.split(' ').map((call) => [call, parameters] as const)),
);

/** Calls that return a process: what a trace adds to their result is its name, not a file. */
export const RETURNS_PROCESS: ReadonlySet<string> = new Set(
  (
    'fork vfork clone clone3 wait4 waitpid getpid getppid gettid set_tid_address ' +
    'getpgid getpgrp getsid setsid'
  ).split(' '),
);

/** The keys of a call's arguments that are values. */
export type ValueKey = Exclude<keyof CallArguments, 'args'>;

/** The order in which an event has the keys of its arguments. */
export const KEY_ORDER: readonly ValueKey[] = [
  'fd',
  'path',
  'deleted',
  'dirfd',
  'dirpath',
  'newdirfd',
  'newdirpath',
  'newpath',
  'newfd',
  'lastfd',
  'outfd',
  'outpath',
  'outoffset',
  'offset',
  'length',
  'iovcnt',
  'whence',
  'flags',
  'mode',
  'prot',
  'cmd',
  'advice',
];
