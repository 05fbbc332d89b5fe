/**
 * Numbers of system calls in strace(1)'s words. Values of include/uapi/asm-generic and include/uapi/linux, which
 * every architecture that Node runs on shares, but for the flags of `ON_ARCHITECTURE`.
 */
import { ERRNO } from '../xlat.js';

type Names = readonly (readonly [number, string])[];

/** `A|B`, what has no name in hexadecimal; `zero` where no bit is set. */
function bits(names: Names, zero = '0'): (value: number) => string {
  return (value) => {
    if (value === 0) return zero;
    const words: string[] = [];
    let rest = value;
    for (const [bit, name] of names) {
      if ((rest & bit) !== bit) continue;
      words.push(name);
      rest &= ~bit;
    }
    if (rest !== 0) words.push(hex(rest));
    return words.join('|');
  };
}

/** One name a value, what has none as a number. */
function word(names: Names): (value: number) => string {
  const table = new Map(names);
  return (value) => table.get(value) ?? hex(value);
}

export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}

/** `0600`, `000`: C's %#03o. */
export function mode(value: number): string {
  const octal = (value & 0o177777).toString(8);
  return octal.length < 3 ? octal.padStart(3, '0') : `0${octal}`;
}

/** O_DIRECTORY, O_NOFOLLOW, O_DIRECT, O_LARGEFILE of arch/ARCHITECTURE/include/uapi/asm/fcntl.h; of all others generic. */
const ON_ARCHITECTURE: Readonly<Record<string, readonly [number, number, number, number]>> = {
  arm: [0o40000, 0o100000, 0o200000, 0o400000],
  arm64: [0o40000, 0o100000, 0o200000, 0o400000],
  ppc64: [0o40000, 0o100000, 0o400000, 0o200000],
};
const [O_DIRECTORY, O_NOFOLLOW, O_DIRECT, O_LARGEFILE] = ON_ARCHITECTURE[process.arch] ?? [
  0o200000, 0o400000, 0o40000, 0o100000,
];
const O_NONBLOCK = 0o4000;

const OPEN_FLAGS: Names = [
  [0o100, 'O_CREAT'],
  [0o200, 'O_EXCL'],
  [0o400, 'O_NOCTTY'],
  [0o1000, 'O_TRUNC'],
  [0o2000, 'O_APPEND'],
  [O_NONBLOCK, 'O_NONBLOCK'],
  [0o4010000, 'O_SYNC'],
  [0o10000, 'O_DSYNC'],
  [0o20000, 'FASYNC'],
  [O_DIRECT, 'O_DIRECT'],
  [O_LARGEFILE, 'O_LARGEFILE'],
  [O_NOFOLLOW, 'O_NOFOLLOW'],
  [0o1000000, 'O_NOATIME'],
  [0o2000000, 'O_CLOEXEC'],
  [0o10000000, 'O_PATH'],
  [0o20000000 | O_DIRECTORY, 'O_TMPFILE'],
  [O_DIRECTORY, 'O_DIRECTORY'],
];
/** The names of open's flags, behind those of access, in the order in which strace has them. */
export const OPEN_ORDER: readonly string[] = OPEN_FLAGS.map(([, name]) => name);
export const openBits = bits(OPEN_FLAGS);
const openModifiers = bits(OPEN_FLAGS, '');

/** `O_RDWR|O_CREAT|O_CLOEXEC`. */
export function openFlags(value: number): string {
  const access = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'][value & 3]!;
  const rest = openModifiers(value & ~3);
  return rest === '' ? access : `${access}|${rest}`;
}

export const whence = word([
  [0, 'SEEK_SET'],
  [1, 'SEEK_CUR'],
  [2, 'SEEK_END'],
  [3, 'SEEK_DATA'],
  [4, 'SEEK_HOLE'],
]);

export const prot = bits(
  [
    [1, 'PROT_READ'],
    [2, 'PROT_WRITE'],
    [4, 'PROT_EXEC'],
    [0x01000000, 'PROT_GROWSDOWN'],
    [0x02000000, 'PROT_GROWSUP'],
  ],
  'PROT_NONE',
);

const mapModifiers = bits(
  [
    [0x10, 'MAP_FIXED'],
    [0x20, 'MAP_ANONYMOUS'],
    [0x4000, 'MAP_NORESERVE'],
    [0x8000, 'MAP_POPULATE'],
    [0x10000, 'MAP_NONBLOCK'],
    [0x100, 'MAP_GROWSDOWN'],
    [0x800, 'MAP_DENYWRITE'],
    [0x1000, 'MAP_EXECUTABLE'],
    [0x2000, 'MAP_LOCKED'],
    [0x20000, 'MAP_STACK'],
    [0x40000, 'MAP_HUGETLB'],
    [0x80000, 'MAP_SYNC'],
    [0x100000, 'MAP_FIXED_NOREPLACE'],
  ],
  '',
);

/** `MAP_PRIVATE|MAP_ANONYMOUS`. */
export function mapFlags(value: number): string {
  const kind =
    ['MAP_FILE', 'MAP_SHARED', 'MAP_PRIVATE', 'MAP_SHARED_VALIDATE'][value & 0xf] ?? hex(value & 0xf);
  const rest = mapModifiers(value & ~0xf);
  return rest === '' ? kind : `${kind}|${rest}`;
}

export const syncRangeFlags = bits([
  [1, 'SYNC_FILE_RANGE_WAIT_BEFORE'],
  [2, 'SYNC_FILE_RANGE_WRITE'],
  [4, 'SYNC_FILE_RANGE_WAIT_AFTER'],
]);

export const fallocateMode = bits([
  [1, 'FALLOC_FL_KEEP_SIZE'],
  [2, 'FALLOC_FL_PUNCH_HOLE'],
  [4, 'FALLOC_FL_NO_HIDE_STALE'],
  [8, 'FALLOC_FL_COLLAPSE_RANGE'],
  [0x10, 'FALLOC_FL_ZERO_RANGE'],
  [0x20, 'FALLOC_FL_INSERT_RANGE'],
  [0x40, 'FALLOC_FL_UNSHARE_RANGE'],
]);

export const fileAdvice = word([
  [0, 'POSIX_FADV_NORMAL'],
  [1, 'POSIX_FADV_RANDOM'],
  [2, 'POSIX_FADV_SEQUENTIAL'],
  [3, 'POSIX_FADV_WILLNEED'],
  [4, 'POSIX_FADV_DONTNEED'],
  [5, 'POSIX_FADV_NOREUSE'],
]);

export const fcntlCommand = word([
  [0, 'F_DUPFD'],
  [1, 'F_GETFD'],
  [2, 'F_SETFD'],
  [3, 'F_GETFL'],
  [4, 'F_SETFL'],
  [5, 'F_GETLK'],
  [6, 'F_SETLK'],
  [7, 'F_SETLKW'],
  [8, 'F_SETOWN'],
  [9, 'F_GETOWN'],
  [36, 'F_OFD_GETLK'],
  [37, 'F_OFD_SETLK'],
  [38, 'F_OFD_SETLKW'],
  [1024, 'F_SETLEASE'],
  [1025, 'F_GETLEASE'],
  [1030, 'F_DUPFD_CLOEXEC'],
  [1031, 'F_SETPIPE_SZ'],
  [1032, 'F_GETPIPE_SZ'],
]);

export const fdFlags = bits([[1, 'FD_CLOEXEC']]);

export const epollOperation = word([
  [1, 'EPOLL_CTL_ADD'],
  [2, 'EPOLL_CTL_DEL'],
  [3, 'EPOLL_CTL_MOD'],
]);

export const lockOperation = bits([
  [4, 'LOCK_NB'],
  [1, 'LOCK_SH'],
  [2, 'LOCK_EX'],
  [8, 'LOCK_UN'],
]);

export const atFlags = bits([
  [0x100, 'AT_SYMLINK_NOFOLLOW'],
  [0x200, 'AT_REMOVEDIR'],
  [0x400, 'AT_SYMLINK_FOLLOW'],
  [0x800, 'AT_NO_AUTOMOUNT'],
  [0x1000, 'AT_EMPTY_PATH'],
]);
export const accessMode = bits(
  [
    [4, 'R_OK'],
    [2, 'W_OK'],
    [1, 'X_OK'],
  ],
  'F_OK',
);

export const unlinkFlags = bits([[0x200, 'AT_REMOVEDIR']]);

export const renameFlags = bits([
  [1, 'RENAME_NOREPLACE'],
  [2, 'RENAME_EXCHANGE'],
  [4, 'RENAME_WHITEOUT'],
]);

export const transferFlags = bits([
  [1, 'RWF_HIPRI'],
  [2, 'RWF_DSYNC'],
  [4, 'RWF_SYNC'],
  [8, 'RWF_NOWAIT'],
  [0x10, 'RWF_APPEND'],
]);

export const spliceFlags = bits([
  [1, 'SPLICE_F_MOVE'],
  [2, 'SPLICE_F_NONBLOCK'],
  [4, 'SPLICE_F_MORE'],
  [8, 'SPLICE_F_GIFT'],
]);

export const messageFlags = bits([
  [1, 'MSG_OOB'],
  [2, 'MSG_PEEK'],
  [4, 'MSG_DONTROUTE'],
  [8, 'MSG_CTRUNC'],
  [0x20, 'MSG_TRUNC'],
  [0x40, 'MSG_DONTWAIT'],
  [0x80, 'MSG_EOR'],
  [0x100, 'MSG_WAITALL'],
  [0x4000, 'MSG_NOSIGNAL'],
  [0x8000, 'MSG_MORE'],
  [0x40000000, 'MSG_CMSG_CLOEXEC'],
]);

export const socketFlags = bits([
  [0o2000000, 'SOCK_CLOEXEC'],
  [O_NONBLOCK, 'SOCK_NONBLOCK'],
]);

export const closeRangeFlags = bits([
  [2, 'CLOSE_RANGE_UNSHARE'],
  [4, 'CLOSE_RANGE_CLOEXEC'],
]);

const cloneBits = bits(
  [
    [0x100, 'CLONE_VM'],
    [0x200, 'CLONE_FS'],
    [0x400, 'CLONE_FILES'],
    [0x800, 'CLONE_SIGHAND'],
    [0x1000, 'CLONE_PIDFD'],
    [0x2000, 'CLONE_PTRACE'],
    [0x4000, 'CLONE_VFORK'],
    [0x8000, 'CLONE_PARENT'],
    [0x10000, 'CLONE_THREAD'],
    [0x20000, 'CLONE_NEWNS'],
    [0x40000, 'CLONE_SYSVSEM'],
    [0x80000, 'CLONE_SETTLS'],
    [0x100000, 'CLONE_PARENT_SETTID'],
    [0x200000, 'CLONE_CHILD_CLEARTID'],
    [0x800000, 'CLONE_UNTRACED'],
    [0x1000000, 'CLONE_CHILD_SETTID'],
  ],
  '',
);

/** `CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD`: the low byte is the signal of the child's end. */
export function cloneFlags(value: number): string {
  const signal = value & 0xff;
  const words = [cloneBits(value & ~0xff), signal === 0 ? '' : signalName(signal)];
  return words.filter((word) => word !== '').join('|') || '0';
}

/** What the kernel keeps to itself and a tracer sees: include/linux/errno.h. */
const RESTARTS: Names = [
  [512, 'ERESTARTSYS'],
  [513, 'ERESTARTNOINTR'],
  [514, 'ERESTARTNOHAND'],
  [516, 'ERESTART_RESTARTBLOCK'],
];
const RESTART_NAMES = new Map(RESTARTS);

export function errnoName(value: number): string {
  return RESTART_NAMES.get(value) ?? ERRNO[value] ?? `ERRNO_${value}`;
}

/** Whether the call did not fail but is to be made again: strace shows its result as `?`. */
export function isRestart(value: number): boolean {
  return value >= 512 && value <= 516;
}

/** include/uapi/asm-generic/signal.h; the index is the number. */
const SIGNAL: readonly string[] = (
  '0 HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU ' +
  'URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
)
  .split(' ')
  .map((name) => `SIG${name}`);

export function signalName(value: number): string {
  return SIGNAL[value] ?? `SIGRT_${value - 32}`;
}
