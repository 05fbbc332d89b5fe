/**
 * A process that outlives a SIGKILL of ours: it waits for the end of a pipe that only we hold open and then
 * removes our instance. In a session of its own, so that the terminal's Ctrl-C does not reach it.
 */
import { spawn } from 'node:child_process';

/** A busy instance (its files are closed as our process is torn down) is tried again for ten seconds. */
const SCRIPT = `
read -r word && [ "$word" = done ] && exit 0
tries=0
while [ -d "$1" ] && [ $tries -lt 200 ]; do
  rmdir "$1" 2>/dev/null && exit 0
  tries=$((tries + 1))
  sleep 0.05
done`;

export interface Guard {
  /** Sends it away; resolves when it is gone. */
  dismiss(): Promise<void>;
}

export function postGuard(directory: string): Guard {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'pgtrace-guard', directory], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard the next start still removes what a killed one left.
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return {
    async dismiss() {
      child.ref();
      child.stdin.end('done\n');
      await gone;
    },
  };
}
