/** Flags as traces print them: by name, as a number (strace -X raw), or both (-X verbose). */

/** A flag's name and its bits on x86-64 and arm64 Linux (include/uapi/asm-generic/fcntl.h, linux/sched.h). */
export interface Flag {
  name: string;
  bits: number;
}

export const FLAG = {
  O_TRUNC: { name: 'O_TRUNC', bits: 0o1000 },
  O_APPEND: { name: 'O_APPEND', bits: 0o2000 },
  /** SOCK_CLOEXEC, EPOLL_CLOEXEC and the like have its value, and names with the same end. */
  O_CLOEXEC: { name: '_CLOEXEC', bits: 0o2000000 },
  FD_CLOEXEC: { name: 'FD_CLOEXEC', bits: 1 },
  CLOSE_RANGE_CLOEXEC: { name: 'CLOSE_RANGE_CLOEXEC', bits: 4 },
  CLONE_FILES: { name: 'CLONE_FILES', bits: 0x400 },
  FALLOC_FL_KEEP_SIZE: { name: 'FALLOC_FL_KEEP_SIZE', bits: 1 },
} as const satisfies Record<string, Flag>;

export function hasFlag(flags: string | undefined, { name, bits }: Flag): boolean {
  if (typeof flags !== 'string') return false;
  if (flags.includes(name)) return true;
  const digits = /^(?:0x[0-9a-f]+|\d+)/.exec(flags)?.[0];
  if (digits === undefined) return false;
  const value = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return Number.isSafeInteger(value) && Math.floor(value / bits) % 2 === 1;
}
