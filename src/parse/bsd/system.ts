/**
 * Numbers of macOS, FreeBSD, OpenBSD, NetBSD and illumos in words, for the texts that have numbers. Of each header
 * (sys/fcntl.h, sys/mman.h, sys/errno.h, sys/unistd.h) what a server of PostgreSQL uses; what has no name here stays
 * a number.
 */
import { accessMode, fileAdvice, hex, mode, prot, whence } from '../linux/flags.js';
import type { System } from '../system.js';

type Names = readonly (readonly [number, string])[];

/** The ways of access and the flags that all of 4.4BSD's descendants have alike. */
const BSD_OPEN: Names = [
  [0x200, 'O_CREAT'],
  [0x800, 'O_EXCL'],
  [0x400, 'O_TRUNC'],
  [0x8, 'O_APPEND'],
  [0x4, 'O_NONBLOCK'],
  [0x80, 'O_SYNC'],
  [0x100, 'O_NOFOLLOW'],
];

/** xnu's bsd/sys/fcntl.h. */
const DARWIN_OPEN: Names = [
  ...BSD_OPEN,
  [0x400000, 'O_DSYNC'],
  [0x20000, 'O_NOCTTY'],
  [0x100000, 'O_DIRECTORY'],
  [0x1000000, 'O_CLOEXEC'],
];

/** FreeBSD's 0x100000 and NetBSD's 0x400000; OpenBSD's 0x10000 is O_DIRECT on FreeBSD, and has no name here. */
const KTRACE_OPEN: Names = [
  ...BSD_OPEN,
  [0x8000, 'O_NOCTTY'],
  [0x100000, 'O_CLOEXEC'],
  [0x400000, 'O_CLOEXEC'],
];

/** illumos' uts/common/sys/fcntl.h. */
const SUN_OPEN: Names = [
  [0x100, 'O_CREAT'],
  [0x400, 'O_EXCL'],
  [0x200, 'O_TRUNC'],
  [0x8, 'O_APPEND'],
  [0x80, 'O_NONBLOCK'],
  [0x10, 'O_SYNC'],
  [0x40, 'O_DSYNC'],
  [0x2000, 'O_LARGEFILE'],
  [0x800000, 'O_CLOEXEC'],
];

/** sys/fcntl.h: 0 to 4 and 67 (F_DUPFD_CLOEXEC of macOS), 17 (FreeBSD), 10 (OpenBSD), 12 (NetBSD) … */
const FCNTL: readonly string[] = ['F_DUPFD', 'F_GETFD', 'F_SETFD', 'F_GETFL', 'F_SETFL'];

/** Of all of them (sys/mman.h); MAP_ANON is 0x1000 in 4.4BSD's descendants, 0x100 on illumos. */
const MAP: Names = [
  [1, 'MAP_SHARED'],
  [2, 'MAP_PRIVATE'],
  [0x10, 'MAP_FIXED'],
];

/** 4.4BSD's sys/errno.h; beyond 81 each system has its own. The index is the number. */
const BSD_ERRNO: readonly string[] = (
  'OK EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EDEADLK ENOMEM EACCES EFAULT ENOTBLK EBUSY ' +
  'EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE ' +
  'EDOM ERANGE EAGAIN EINPROGRESS EALREADY ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ' +
  'ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ' +
  'ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED ELOOP ' +
  'ENAMETOOLONG EHOSTDOWN EHOSTUNREACH ENOTEMPTY EPROCLIM EUSERS EDQUOT ESTALE EREMOTE EBADRPC ERPCMISMATCH ' +
  'EPROGUNAVAIL EPROGMISMATCH EPROCUNAVAIL ENOLCK ENOSYS EFTYPE EAUTH ENEEDAUTH'
).split(' ');

/** 4.4BSD's sys/signal.h; the index is the number. */
const BSD_SIGNAL: readonly string[] = (
  '0 HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD TTIN TTOU IO XCPU ' +
  'XFSZ VTALRM PROF WINCH INFO USR1 USR2'
).split(' ');

export function bsdSignal(value: number): string {
  const name = BSD_SIGNAL[value];
  return name === undefined ? String(value) : `SIG${name}`;
}

const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'];

export const DARWIN: System = system(-2, DARWIN_OPEN, 0x1000, 67);
/** FreeBSD, OpenBSD and NetBSD. */
export const KTRACE: System = system(-100, KTRACE_OPEN, 0x1000, 17);
/** AT_FDCWD is 0xffd19553. */
export const SUN: System = system(-3041965, SUN_OPEN, 0x100, 37);

function system(cwd: number, open: Names, anonymous: number, dupCloexec: number): System {
  const map: Names = [...MAP, [anonymous, 'MAP_ANON']];
  return {
    cwd,
    words(call, key, value) {
      switch (key) {
        case 'mode':
          return /access/.test(call) ? accessMode(value) : mode(value);
        case 'prot':
          return prot(value);
        case 'whence':
          return whence(value);
        case 'advice':
          return fileAdvice(value);
        case 'cmd':
          if (call !== 'fcntl') return hex(value);
          return FCNTL[value] ?? (value === dupCloexec ? 'F_DUPFD_CLOEXEC' : hex(value));
        case 'flags':
          if (call === 'open' || call === 'openat') return openFlags(open, value);
          return call === 'mmap' ? bits(map, value) : hex(value);
        default:
          return hex(value);
      }
    },
    errno: (value) => BSD_ERRNO[value] ?? `ERRNO_${value}`,
  };
}

function openFlags(names: Names, value: number): string {
  const rest = value & ~3;
  return rest === 0 ? ACCESS[value & 3]! : `${ACCESS[value & 3]}|${bits(names, rest)}`;
}

function bits(names: Names, value: number): string {
  const words: string[] = [];
  let rest = value;
  for (const [bit, name] of names) {
    if ((rest & bit) !== bit) continue;
    words.push(name);
    rest &= ~bit;
  }
  if (rest !== 0 || words.length === 0) words.push(hex(rest));
  return words.join('|');
}
