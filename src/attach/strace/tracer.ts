/** One strace(1) child: started, heard, and ended so that it always lets its processes go. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { CALLS } from '../../parse/calls.js';
import { isTraced } from '../ftrace/calls.js';

/**
 * Runs strace and watches for our end: when its standard input closes, because we close it or are killed, it
 * ends strace with SIGTERM, on which strace lets its processes go (a strace that is left behind would only
 * notice at its next write, and an idle backend gives it none). Its own copies of the output are closed, so
 * that they end when strace does.
 *
 * Before it attaches, strace tries out what the kernel can on children of its own, which would stay stopped for ever if
 * it ended then: so it is not ended before it traces one of the processes, or a while has passed.
 */
const GUARD = `strace "$@" </dev/null & s=$!; exec >&- 2>&-; read -r _
attached() { for p; do grep -qs "^TracerPid:[[:space:]]*$s$" "/proc/$p/status" && return; done; return 1; }
n=0; while [ $n -lt 20 ] && [ -e /proc/$s/exe ] && ! attached "$@"; do sleep 0.1; n=$((n+1)); done
kill -TERM $s; wait $s`;

/** What still holds the output so long (milliseconds) after strace has ended is no reason to wait. */
const LINGER_MS = 2000;

/**
 * -y: paths of descriptors, for a seventh of the time more. Output goes through a pipe of
 * strace's own, apart from its messages: with -o, it writes the pid before each line if and only if it was
 * given several, which it does not when its standard error serves for both.
 */
const FIXED = ['-ttt', '-T', '-y', '-o', '|exec cat'];

export interface TracerEvents {
  output(chunk: Buffer): void;
  /** A line of strace's standard error. */
  message(line: string): void;
  /** strace has ended and all that it said was told. */
  closed(status: number | null): void;
}

export interface Wanted {
  allCalls: boolean;
  /** How much of the data that calls carry, in bytes. */
  shown: number;
  /** Whether what the processes fork is traced too, from its first call on. */
  follow: boolean;
}

export interface Tracer {
  /** The parent of the strace process; undefined where it could not be started. */
  readonly guard: number | undefined;
  /** Asks strace to let go and to end; `closed` tells when it has. */
  stop(): void;
}

export function spawnTracer(pids: readonly number[], wanted: Wanted, events: TracerEvents): Tracer {
  const args = straceArguments(pids, wanted);
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn('sh', ['-c', GUARD, 'sh', ...args], {
    // A session of its own: a terminal's Ctrl-C is for us, who then end strace and read what it says last.
    detached: true,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let open = true;
  const stop = () => {
    if (!open) return;
    open = false;
    child.stdin.end();
  };
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', events.output);
  child.stdout.on('end', stop);
  onLines(child.stderr, events.message);
  child.on('error', (error) => {
    events.message(`sh: ${error.message}`);
    events.closed(null);
  });
  child.on('exit', () => {
    const timer = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, LINGER_MS);
    child.on('close', () => clearTimeout(timer));
  });
  child.on('close', (status) => events.closed(status));
  return { guard: child.pid, stop };
}

/** A call that this strace does not know is left out (`?`). */
export function straceArguments(pids: readonly number[], { allCalls, shown, follow }: Wanted): string[] {
  const calls = [...CALLS.keys()].filter(isTraced).map((call) => `?${call}`);
  const traced = allCalls ? [] : ['-e', `trace=${calls.join(',')}`];
  return [
    ...FIXED,
    ...(follow ? ['-f'] : []),
    `-s${shown}`,
    ...traced,
    ...pids.flatMap((pid) => ['-p', String(pid)]),
  ];
}

function onLines(input: Readable, tell: (line: string) => void): void {
  let rest = '';
  input.setEncoding('utf8');
  input.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    lines.forEach(tell);
  });
  input.on('end', () => {
    if (rest !== '') tell(rest);
  });
}
