/**
 * The tracers of macOS, the BSDs and illumos, and what tells there which files are open. Written to their manuals;
 * none of these systems was at hand to run them.
 */
import type { DialectName } from '../../parse/dialect.js';

export interface System {
  /** The `source` of the trace event, and who is missing where it is not installed. */
  tracer: string;
  dialect: DialectName;
  /** What the times of its text count. */
  clock: 'realtime' | 'none';
  /**
   * Run by sh with a scratch directory and then the pids, once for all or once for each. It prints the trace on
   * standard output until its standard input ends, and then lets the processes go.
   */
  script: string;
  /** Whether the script takes several processes. */
  several: boolean;
  /** What lists the open files of the pids behind it; null where no program tells paths. */
  files: readonly string[] | null;
}

/**
 * Runs a tracer that prints on standard error until it is ended, and ends it when our end is gone: its whole group, for
 * dtruss is a script that runs dtrace. Not by SIGINT, which sh lets what runs in the background ignore.
 */
const guard = (command: string): string =>
  `shift; ${command} </dev/null 2>&1 & t=$!; trap : TERM; exec >&- 2>&-; read -r _; kill -TERM 0; wait $t`;

/**
 * ktrace(1) goes on by itself and writes a file, which kdump -l prints as it grows. -t cns: calls, paths, signals.
 * kdump looks again once a second, so it is given two to print the rest.
 */
const KTRACE = `
f=$1/ktrace.out; shift; a=
for p; do ktrace -i -t cns $a -f "$f" -p "$p" || exit 1; a=-a; done
kdump -l -T -f "$f" </dev/null & k=$!
exec >&-
read -r _
for p; do ktrace -c -p "$p"; done
sleep 2
kill $k
wait $k
rm -f "$f"`;

const BSD = {
  tracer: 'ktrace',
  dialect: 'kdump',
  clock: 'realtime',
  script: KTRACE,
  several: true,
} as const satisfies Partial<System>;

/** By Node's name of the platform. */
export const SYSTEMS: Readonly<Partial<Record<NodeJS.Platform, System>>> = {
  darwin: {
    tracer: 'dtruss',
    dialect: 'dtruss',
    clock: 'none',
    // Its -d counts the time on a processor, which is no time of day.
    script: guard('dtruss -f -e -p "$1"'),
    several: false,
    files: ['lsof', '-F', 'pftn', '-p'],
  },
  freebsd: { ...BSD, files: ['procstat', '-f'] },
  openbsd: { ...BSD, files: null },
  netbsd: { ...BSD, files: null },
  sunos: {
    tracer: 'truss',
    dialect: 'sun-truss',
    clock: 'realtime',
    // Three columns of times are the only ones that need no guess.
    script: guard('truss -f -l -d -D -E -p "$@"'),
    several: true,
    files: ['pfiles'],
  },
};
