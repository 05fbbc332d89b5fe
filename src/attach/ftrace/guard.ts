/**
 * A process that outlives a SIGKILL of ours: it waits for the end of a pipe that only we hold open and then
 * removes our instance and our probes. In a session of its own, so that the terminal's Ctrl-C does not reach it.
 */
import { spawn } from 'node:child_process';

/**
 * A busy instance (its files are closed as our process is torn down) or probe is tried again for ten seconds. Its
 * arguments: the instance, tracefs, our group of probes. A probe is in use as long as the instance is.
 */
const SCRIPT = `
read -r word && [ "$word" = done ] && exit 0
tries=0
while [ $tries -lt 200 ]; do
  [ -d "$1" ] && rmdir "$1" 2>/dev/null
  left=0
  for event in "$2/events/$3"/*/; do
    [ -d "$event" ] || continue
    left=1
    event=\${event%/}
    echo "-:$3/\${event##*/}" 2>/dev/null >>"$2/uprobe_events"
  done
  [ $left = 0 ] && [ ! -d "$1" ] && exit 0
  tries=$((tries + 1))
  sleep 0.05
done`;

export interface Guard {
  /** Sends it away; resolves when it is gone. */
  dismiss(): Promise<void>;
  /** Leaves to it what could not be removed. */
  leave(): void;
}

/** @param instance its directory @param group of probes */
export function postGuard(instance: string, tracefs: string, group: string): Guard {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'pgtrace-guard', instance, tracefs, group], {
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
    leave: () => void child.stdin.end(),
  };
}
