/** What the kernel names the parameters of its calls (include/linux/syscalls.h), by the keys that they fill. */
import type { Parameter } from '../calls.js';

/** In the order of preference: epoll_ctl's `fd` is its third parameter, dup2's `newfd` its second. */
export const KERNEL_NAMES: Partial<Record<Parameter, readonly string[]>> = {
  fd: ['epfd', 'fd_in', 'fdin', 'in_fd', 'oldfd', 'fildes', 'fd', 'ufd'],
  outfd: ['fd_out', 'fdout', 'out_fd'],
  newfd: ['newfd', 'fd'],
  lastfd: ['max_fd'],
  dirfd: ['olddfd', 'dfd', 'dirfd', 'fd'],
  newdirfd: ['newdfd'],
  path: ['oldname', 'filename', 'pathname', 'path', 'name', 'old'],
  newpath: ['newname', 'new'],
  offset: ['pos', 'pos_l', 'offset', 'off', 'lstart'],
  length: ['count', 'len', 'size', 'nbytes', 'length', 'bufsiz', 'nr'],
  iovcnt: ['vlen', 'nr_segs'],
  whence: ['whence', 'origin'],
  flags: ['flags', 'flag'],
  'flags=': ['clone_flags'],
  mode: ['mode'],
  prot: ['prot'],
  cmd: ['cmd', 'op', 'request'],
  advice: ['advice'],
  arg: ['arg'],
};
