/** Whether and why ptrace(2) is allowed here, as far as the kernel tells: ptrace(2), "Ptrace access mode checking". */
import { readFileSync } from 'node:fs';
import type { ProcFs } from './inventory/procfs.js';
import type { Permissions } from './strace/messages.js';

/** include/uapi/linux/capability.h */
const CAP_SYS_PTRACE = 19n;

export function readPermissions(proc: ProcFs, pid: number): Permissions {
  const capabilities = BigInt(`0x${proc.status(process.pid, 'CapEff') ?? '0'}`);
  const owner = proc.status(pid, 'Uid')?.split('\t')[0];
  return {
    uid: process.geteuid?.() ?? 0,
    owner: owner === undefined ? null : Number(owner),
    capable: ((capabilities >> CAP_SYS_PTRACE) & 1n) === 1n,
    yama: readYama(),
    tracer: Number(proc.status(pid, 'TracerPid') ?? 0),
  };
}

function readYama(): number | null {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'latin1'));
  } catch {
    return null;
  }
}
