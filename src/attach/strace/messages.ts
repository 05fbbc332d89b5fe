/** What strace says on its standard error, and what helps. Pure. */
import { Failure } from '../../cli/diagnostic.js';

export type Message =
  | { kind: 'attached'; pid: number }
  | { kind: 'detached'; pid: number }
  | { kind: 'refused'; pid: number; reason: string }
  | { kind: 'other'; text: string };

export function parseMessage(line: string): Message {
  const text = line.replace(/^strace: /, '');
  const moved = /^Process (\d+) (attached|detached)\b/.exec(text);
  if (moved !== null) return { kind: moved[2] as 'attached' | 'detached', pid: Number(moved[1]) };
  const refused = /\bptrace\(PTRACE_\w+, (?:0x[0-9a-f]+, )?(\d+)\b.*\): (.+)$/.exec(text);
  if (refused !== null) return { kind: 'refused', pid: Number(refused[1]), reason: refused[2]! };
  return { kind: 'other', text };
}

/** What decides whether ptrace(2) is allowed. */
export interface Permissions {
  uid: number;
  /** The owner of the process; null where it is not known. */
  owner: number | null;
  /** Whether we hold CAP_SYS_PTRACE. */
  capable: boolean;
  /** /proc/sys/kernel/yama/ptrace_scope; null where the kernel has no Yama. */
  yama: number | null;
  /** The process that traces it already; 0 for none. */
  tracer: number;
}

/** Why strace may not attach, with what to do. */
export function attachFailure(pid: number, reason: string, may: Permissions): Failure {
  const message = `strace cannot attach to ${pid} (expected to trace it, found: ${reason})`;
  return new Failure(message, hintFor(reason, may));
}

function hintFor(reason: string, may: Permissions): string | undefined {
  if (/no such process/i.test(reason)) return 'the process has ended';
  if (!/not permitted|denied/i.test(reason)) return undefined;
  if (may.tracer !== 0) return `process ${may.tracer} traces it already, and there can be one tracer only`;
  if (may.yama === 3)
    return 'kernel.yama.ptrace_scope is 3: no process may be traced before a reboot; try --via sample';
  if (may.capable) return 'a security module or a seccomp filter forbids ptrace(2); try --via sample';
  if (may.uid === 0) {
    return 'root without CAP_SYS_PTRACE, as in a container: start it with --cap-add SYS_PTRACE, or run pgtrace on the host';
  }
  if (may.owner !== null && may.owner !== may.uid) return 'run it as root or as the user of the process';
  if (may.yama !== null && may.yama > 0) {
    return `run it as root, or allow it with sysctl kernel.yama.ptrace_scope=0 (found ${may.yama})`;
  }
  return 'run it as root';
}
