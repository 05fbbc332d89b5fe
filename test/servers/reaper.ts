/**
 * Ends a test server and deletes its directory when the process that started it is gone, however it went.
 */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * The parent holds the other end of stdin; the end of it is the parent's. Every process whose working
 * directory is the data directory belongs to the server: that also finds the backends that outlive a
 * postmaster that was killed, and never a process that merely got its pid. $1 data directory, $2 what to delete.
 */
const SCRIPT = `
cat >/dev/null
members() {
  find /proc/[0-9]*/cwd -maxdepth 0 -printf '%h %l\\n' 2>/dev/null |
    while read -r process cwd; do if [ "$cwd" = "$1" ]; then echo "\${process#/proc/}"; fi; done
}
for signal in QUIT KILL KILL; do
  pids=$(members "$1")
  if [ -z "$pids" ]; then break; fi
  kill -s "$signal" $pids 2>/dev/null
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    if [ -z "$(members "$1")" ]; then break; fi
    sleep 0.1
  done
done
rm -rf -- "$2"
`;

export interface Reaper {
  /** Ends and deletes now; resolves when it is done. */
  reap(): Promise<void>;
}

export function startReaper(dataDir: string, directory: string): Reaper {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'pgtrace-reaper', dataDir, directory], {
    cwd: '/',
    // A session of its own: a Ctrl-C at the terminal is for the tests, and this must outlive them.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stdin = child.stdin as Writable & { unref(): void };
  child.unref();
  stdin.unref();
  return {
    reap() {
      child.ref();
      stdin.end();
      return ended;
    },
  };
}
