/**
 * How the arguments of a system call read from its registers. Which argument is which key is said by parse's
 * table, by position: the kernel's `format` files name parameters differently from version to version, their
 * order is the ABI (include/linux/syscalls.h).
 */
import { CALLS, type Parameter } from '../../parse/calls.js';
import * as flags from './flags.js';

/** How a machine word reads. */
export type Read =
  /** Not at all: an address whose contents are not recorded. */
  | 'skip'
  /** An int, or a descriptor. */
  | 'int'
  /** AT_FDCWD or a descriptor. */
  | 'dirfd'
  /** An unsigned long. */
  | 'unsigned'
  /** A loff_t. */
  | 'signed'
  /** A pointer to text: known where the kernel recorded the text beside it. */
  | 'text'
  | ((value: number) => string);

export interface Argument {
  key: string;
  read: Read;
}

/** What a call does to its process's descriptors. */
export type Effect =
  /** Returns a new descriptor, whose file is to be found out. */
  | 'opens'
  /** Ends what its first argument meant. */
  | 'closes'
  /** Ends what its second argument meant. */
  | 'replaces'
  /** Ends what several descriptors meant. */
  | 'closes many'
  | 'none';

export interface Call {
  /** As strace(1) says it. */
  name: string;
  /** By position; null for a call whose arguments stay raw. */
  args: readonly Argument[] | null;
  effect: Effect;
}

/** The calls of the kernel's own name where strace has the one of the C library's manual. */
const STRACE_NAME: Readonly<Record<string, string>> = {
  newstat: 'stat',
  newlstat: 'lstat',
  newfstat: 'fstat',
  newuname: 'uname',
  sendfile64: 'sendfile',
  umount: 'umount2',
};

const EFFECTS: Readonly<Record<string, Effect>> = {
  ...Object.fromEntries(
    (
      'open creat openat openat2 open_by_handle_at dup socket accept accept4 epoll_create epoll_create1 eventfd ' +
      'eventfd2 signalfd signalfd4 timerfd_create inotify_init inotify_init1 memfd_create io_uring_setup ' +
      'pidfd_open perf_event_open'
    )
      .split(' ')
      .map((call) => [call, 'opens'] as const),
  ),
  close: 'closes',
  dup2: 'replaces',
  dup3: 'replaces',
  close_range: 'closes many',
  execve: 'closes many',
  execveat: 'closes many',
};

/** What is traced beside parse's table unless every call is asked for. */
const ALSO_TRACED = ['exit', 'exit_group', 'io_uring_setup', 'socket', ...Object.keys(EFFECTS)];

/** Not worth its noise: no file of the cluster is touched by these. */
const UNTRACED = new Set([
  'access',
  'getsockname',
  'getpeername',
  'getsockopt',
  'setsockopt',
  'bind',
  'listen',
]);

/** How a key reads in every call but those of `IN_CALL`. */
const BY_KEY: Partial<Record<Parameter, Read>> = {
  fd: 'int',
  newfd: 'int',
  outfd: 'int',
  dirfd: 'dirfd',
  newdirfd: 'dirfd',
  path: 'text',
  newpath: 'text',
  length: 'unsigned',
  iovcnt: 'unsigned',
  offset: 'signed',
  whence: flags.whence,
  mode: flags.mode,
  prot: flags.prot,
  cmd: flags.hex,
  flags: flags.hex,
  advice: flags.fileAdvice,
};

const IN_CALL: Readonly<Record<string, Partial<Record<Parameter, Read>>>> = {
  open: { flags: flags.openFlags },
  openat: { flags: flags.openFlags },
  access: { mode: flags.accessMode },
  faccessat: { mode: flags.accessMode },
  faccessat2: { mode: flags.accessMode, flags: flags.atFlags },
  fallocate: { mode: flags.fallocateMode },
  dup3: { flags: flags.openBits },
  pipe2: { flags: flags.openBits },
  close_range: { flags: flags.closeRangeFlags },
  fcntl: { cmd: flags.fcntlCommand },
  flock: { cmd: flags.lockOperation },
  epoll_ctl: { cmd: flags.epollOperation },
  mmap: { flags: flags.mapFlags },
  sync_file_range: { flags: flags.syncRangeFlags },
  preadv2: { flags: flags.transferFlags },
  pwritev2: { flags: flags.transferFlags },
  splice: { flags: flags.spliceFlags },
  tee: { flags: flags.spliceFlags },
  vmsplice: { flags: flags.spliceFlags },
  renameat2: { flags: flags.renameFlags },
  unlinkat: { flags: flags.unlinkFlags },
  linkat: { flags: flags.atFlags },
  newfstatat: { flags: flags.atFlags },
  statx: { flags: flags.atFlags },
  fchmodat2: { flags: flags.atFlags },
  fchownat: { flags: flags.atFlags },
  utimensat: { flags: flags.atFlags },
  execveat: { flags: flags.atFlags },
  accept4: { flags: flags.socketFlags },
  send: { flags: flags.messageFlags },
  recv: { flags: flags.messageFlags },
  sendto: { flags: flags.messageFlags },
  recvfrom: { flags: flags.messageFlags },
  sendmsg: { flags: flags.messageFlags },
  recvmsg: { flags: flags.messageFlags },
  sendmmsg: { flags: flags.messageFlags },
  recvmmsg: { flags: flags.messageFlags },
};

/** Whether a call is traced unless every call is asked for; by the kernel's name of it. */
export function isTraced(event: string): boolean {
  const name = STRACE_NAME[event] ?? event;
  return (CALLS.has(name) || ALSO_TRACED.includes(name)) && !UNTRACED.has(name);
}

/** How to read a call, by the kernel's name of it (`newfstat` of `sys_enter_newfstat`). */
export function callOf(event: string): Call {
  const name = STRACE_NAME[event] ?? event;
  const readers = IN_CALL[name];
  const args = CALLS.get(name)?.map((key): Argument => {
    const read = readers?.[key] ?? BY_KEY[key];
    return read === undefined ? { key: '', read: 'skip' } : { key, read };
  });
  return { name, args: args ?? null, effect: EFFECTS[name] ?? 'none' };
}
