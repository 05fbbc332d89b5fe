/** What a live process is, as events. */
import type { FdEvent, ProcessEvent } from '../../event/types.js';
import { openFlags } from './flags.js';
import type { OpenFile, ProcFs } from './procfs.js';
import { clusterName, PREFIX, parseTitle } from './title.js';

export interface Inventory {
  /** Null where the process is gone. */
  process(pid: number): ProcessEvent | null;
  /** What is open, in the descriptors' order; `denied` where the kernel hides it, empty for a process that is gone. */
  files(pid: number): FdEvent[] | 'denied';
}

export function openInventory(proc: ProcFs, arch: string = process.arch): Inventory {
  // cluster_name cannot change while the postmaster lives.
  const clusters = new Map<number, string>();

  const clusterOf = (postmaster: number): string | undefined => {
    const known = clusters.get(postmaster);
    if (known !== undefined) return known;
    const name = clusterName(titlesOf(proc, postmaster));
    if (name !== undefined) clusters.set(postmaster, name);
    return name;
  };

  return {
    process: (pid) => {
      const stat = proc.stat(pid);
      const title = proc.title(pid);
      if (stat === null || title === null) return null;
      const inherited = proc.title(stat.parent) === title && stat.parent > 1;
      const cwd = proc.cwd(pid);
      const version = proc.version(pid);
      return {
        type: 'process',
        ts: Date.now() / 1000,
        pid,
        // Just forked: the title is still the postmaster's.
        ...(!inherited && parseTitle(title, title.startsWith(PREFIX) ? clusterOf(stat.parent) : '')),
        parent: stat.parent,
        title,
        comm: stat.comm,
        ...(cwd !== null && { cwd }),
        ...(version !== null && { version }),
      };
    },
    files: (pid) => {
      const files = proc.files(pid);
      if (files === null) return [];
      if (files === 'denied') return files;
      const ts = Date.now() / 1000;
      return files.sort((a, b) => a.fd - b.fd).map((file) => fdEvent(ts, pid, file, arch));
    },
  };
}

function* titlesOf(proc: ProcFs, parent: number): Generator<string> {
  for (const child of proc.children(parent)) {
    const title = proc.title(child);
    if (title !== null) yield title;
  }
}

function fdEvent(ts: number, pid: number, file: OpenFile, arch: string): FdEvent {
  const { fd, path, deleted, info } = file;
  return {
    type: 'fd',
    ts,
    pid,
    fd,
    path,
    ...(deleted && { deleted }),
    ...(info !== null && { offset: info.offset, flags: openFlags(info.flags, arch) }),
  };
}
