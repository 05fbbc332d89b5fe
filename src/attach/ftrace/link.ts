/** What /proc says of a descriptor, for the proof of its path. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { Link } from './proof.js';

const DELETED = ' (deleted)';

/**
 * The target of /proc/PID/fd/N, null where there is none. None either for a process with threads: they share its
 * descriptors, and what they close is not seen. The mark of an unlinked file is told apart from a name that ends
 * like it.
 */
export function readLink(pid: number, fd: number): Link | null {
  const file = `/proc/${pid}/fd/${fd}`;
  try {
    const path = readlinkSync(file);
    if (threadsOf(pid) > 1) return null;
    const stats = statSync(file);
    const deleted = path.endsWith(DELETED) && stats.nlink === 0;
    const size = stats.isFile() ? stats.size : undefined;
    return { path: deleted ? path.slice(0, -DELETED.length) : path, deleted, size };
  } catch {
    return null;
  }
}

/** How many threads a process has, those apart that the kernel runs in it for io_uring; 0 where it is gone. */
export function threadsOf(pid: number): number {
  const directory = `/proc/${pid}/task`;
  try {
    // Its links are `.`, `..` and the threads (proc_task_getattr of fs/proc/base.c): one look suffices mostly.
    if (statSync(directory).nlink <= 3) return 1;
    return readdirSync(directory).filter((thread) => !isKernels(`${directory}/${thread}`)).length;
  } catch {
    return 0;
  }
}

/** The workers of io_uring are named `iou-wrk-PID`, `iou-sqp-PID` (io_uring/io-wq.c, sqpoll.c). */
function isKernels(thread: string): boolean {
  return readFileSync(`${thread}/comm`, 'latin1').startsWith('iou-');
}
