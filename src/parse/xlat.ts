/**
 * Names of numbers, as strace's src/xlat has them, where every architecture of Linux agrees (the values come from
 * include/uapi/linux/fs.h and fcntl.h, include/uapi/asm-generic/fcntl.h, mman-common.h and errno-base.h).
 */

/** lseek's whence: the index is the value. */
export const WHENCE: readonly string[] = ['SEEK_SET', 'SEEK_CUR', 'SEEK_END', 'SEEK_DATA', 'SEEK_HOLE'];

/** fcntl's commands, below F_LINUX_SPECIFIC_BASE those that every architecture has alike. */
export const FCNTL: ReadonlyMap<number, string> = new Map([
  [0, 'F_DUPFD'],
  [1, 'F_GETFD'],
  [2, 'F_SETFD'],
  [3, 'F_GETFL'],
  [4, 'F_SETFL'],
  [1024, 'F_SETLEASE'],
  [1025, 'F_GETLEASE'],
  [1026, 'F_NOTIFY'],
  [1030, 'F_DUPFD_CLOEXEC'],
  [1031, 'F_SETPIPE_SZ'],
  [1032, 'F_GETPIPE_SZ'],
  [1033, 'F_ADD_SEALS'],
  [1034, 'F_GET_SEALS'],
  [1036, 'F_SET_RW_HINT'],
]);

/** posix_fadvise's advice; 4 and 5 are others on s390. */
export const ADVICE: readonly string[] = [
  'POSIX_FADV_NORMAL',
  'POSIX_FADV_RANDOM',
  'POSIX_FADV_SEQUENTIAL',
  'POSIX_FADV_WILLNEED',
];

/** mmap's prot. */
export const PROT: ReadonlyMap<number, string> = new Map([
  [1, 'PROT_READ'],
  [2, 'PROT_WRITE'],
  [4, 'PROT_EXEC'],
]);

/** Errors 1 to 34 (errno-base.h), the same everywhere; the index is the number. */
export const ERRNO: readonly string[] = (
  'OK EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY ' +
  'EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK ' +
  'EPIPE EDOM ERANGE'
).split(' ');
