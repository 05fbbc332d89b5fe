/** The executable of a process, read through /proc: also one that an upgrade has deleted. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Executable, readExecutable } from './elf.js';

export interface ProcessExecutable extends Executable {
  /** Whose breakpoints are the same: device and inode. */
  identity: string;
  /** What the kernel is to probe. */
  path: string;
}

/** The functions of `wanted` in a process's executable; null where it is gone or no ELF file. */
export function executableOf(pid: number, wanted: ReadonlySet<string>): ProcessExecutable | null {
  const path = `/proc/${pid}/exe`;
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const { dev, ino, size } = fstatSync(fd);
    const read = (position: number, length: number): Buffer => {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
      return bytes.subarray(0, bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, position));
    };
    const found = readExecutable(read, wanted);
    return found === null ? null : { ...found, identity: `${dev}:${ino}`, path };
  } finally {
    closeSync(fd);
  }
}

/** Tells executables apart without reading them; null for a process that is gone. */
export function identityOf(pid: number): string | null {
  try {
    const fd = openSync(`/proc/${pid}/exe`, 'r');
    try {
      const { dev, ino } = fstatSync(fd);
      return `${dev}:${ino}`;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
