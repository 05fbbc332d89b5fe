/** The shared memory of a server that was killed: nobody else would free it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

export interface SharedMemory {
  files: Set<string>;
  /** Of System V, by identifier. */
  segments: Set<string>;
}

/** What the processes have mapped of it (proc_pid_maps(5): a System V segment's inode is its identifier). */
export function sharedMemoryOf(pids: readonly number[]): SharedMemory {
  const memory: SharedMemory = { files: new Set(), segments: new Set() };
  for (const pid of pids)
    for (const line of mapsOf(pid)) {
      const [, inode, path] = /^\S+ \S+ \S+ \S+ (\d+)\s+(.*)$/.exec(line) ?? [];
      if (path?.startsWith('/dev/shm/PostgreSQL.')) memory.files.add(path);
      else if (inode !== undefined && path?.startsWith('/SYSV')) memory.segments.add(inode);
    }
  return memory;
}

export function freeSharedMemory({ files, segments }: SharedMemory): void {
  for (const file of files) rmSync(file, { force: true });
  const ids = [...segments].flatMap((id) => ['-m', id]);
  if (ids.length > 0) execFileSync('ipcrm', ids, { stdio: 'ignore' });
}

function mapsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  } catch {
    return [];
  }
}
