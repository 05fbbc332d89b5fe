/**
 * How the arguments of a Linux system call read from its registers. Which argument is which key is said by the
 * table of calls, by position: the kernel's `format` files name parameters differently from version to version,
 * their order is the ABI (include/linux/syscalls.h).
 */
import { CALLS, type Parameter } from '../calls.js';
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

/** The calls of the kernel's own name where strace has the one of the C library's manual. */
const STRACE_NAME: Readonly<Record<string, string>> = {
  newstat: 'stat',
  newlstat: 'lstat',
  newfstat: 'fstat',
  newuname: 'uname',
  sendfile64: 'sendfile',
  umount: 'umount2',
};

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

/** strace's name of a call, by the kernel's (`fstat`, of `newfstat` of `sys_enter_newfstat`). */
export function straceName(event: string): string {
  return STRACE_NAME[event] ?? event;
}

/** How a parameter of a call reads; undefined where it does not. */
export function readOf(name: string, key: Parameter): Read | undefined {
  return IN_CALL[name]?.[key] ?? BY_KEY[key];
}

/** How the parameters of a call read, by strace's name of it; null for a call whose arguments stay raw. */
export function argumentsOf(name: string): readonly Argument[] | null {
  return (
    CALLS.get(name)?.map((key): Argument => {
      const read = readOf(name, key);
      return read === undefined ? { key: '', read: 'skip' } : { key, read };
    }) ?? null
  );
}
