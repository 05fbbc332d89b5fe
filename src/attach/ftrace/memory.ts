/** A process's memory, as /proc/PID/mem has it (proc_pid_mem(5)). */
import { closeSync, openSync, readSync } from 'node:fs';

/** At most `length` bytes, fewer where its memory ends; null where it is gone or none of it may be read. */
export function readMemory(pid: number, address: bigint, length: number): Buffer | null {
  try {
    const fd = openSync(`/proc/${pid}/mem`, 'r');
    try {
      const bytes = Buffer.alloc(length);
      const size = readSync(fd, bytes, 0, length, address);
      return size === 0 ? null : bytes.subarray(0, size);
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
