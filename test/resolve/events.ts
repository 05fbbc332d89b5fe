/** Short ways to write events for tests. */
import type { SyscallEvent } from '../../src/event/types.js';

let clock = 1_700_000_000;

/** A call of process 10 that succeeded with 0, unless `more` says otherwise. */
export function syscall(call: string, more: Partial<SyscallEvent> = {}): SyscallEvent {
  clock += 0.001;
  return { type: 'syscall', ts: clock, pid: 10, call, ret: 0, ...more };
}

export function open(path: string, fd: number, more: Partial<SyscallEvent> = {}): SyscallEvent {
  return syscall('openat', { dirfd: 'AT_FDCWD', path, flags: 'O_RDWR', ret: fd, ...more });
}

export function close(fd: number, more: Partial<SyscallEvent> = {}): SyscallEvent {
  return syscall('close', { fd, ...more });
}

export function read(fd: number, length: number, more: Partial<SyscallEvent> = {}): SyscallEvent {
  return syscall('read', { fd, length, ret: length, ...more });
}

export function seek(fd: number, offset: number, more: Partial<SyscallEvent> = {}): SyscallEvent {
  return syscall('lseek', { fd, offset, whence: 'SEEK_SET', ret: offset, ...more });
}
