/** Reads the positions of a process's files at one moment. */
import { realtime } from './clock.js';
import type { ProcFs } from './inventory/procfs.js';
import { moves, type Shot } from './position.js';
import { syscallNames } from './sample/syscalls.js';

const names = syscallNames(process.arch);

export function takeShot(proc: ProcFs, pid: number, fds: readonly number[]): Shot {
  const before = proc.syscall(pid);
  const from = realtime();
  const offsets = new Map<number, number>();
  for (const fd of fds) {
    const offset = proc.offset(pid, fd);
    if (offset !== null) offsets.set(fd, offset);
  }
  const to = realtime();
  const state = proc.stat(pid)?.state;
  // A stopped process may be at either end of its call.
  const blocked = (state === 'D' || state === 'S') && before === proc.syscall(pid);
  return { from, to, blocked, moving: blocked ? movingFd(before) : null, offsets };
}

/** The descriptor in `0 0x9 …` (read), of a call that may move it. */
function movingFd(syscall: string | null): number | null {
  const [number, fd] = (syscall ?? '').split(' ');
  const call = names?.get(Number(number));
  return call !== undefined && fd !== undefined && moves(call) ? Number(fd) : null;
}
