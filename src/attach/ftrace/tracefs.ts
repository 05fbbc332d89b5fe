/** The kernel's tracing directory, and an instance of our own in it (Documentation/trace/ftrace.rst). */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../cli/diagnostic.js';
import { removeStaleProbes } from '../probes/uprobes.js';

const USUAL = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
const INSTANCE = /^pgtrace-(\d+)-(\d+)$/;

/**
 * Where tracefs is. Mounts it at its usual place where nothing is, as perf does; it stays mounted, as perf's does.
 * @throws Failure where it cannot be had.
 */
export function findTracefs(): string {
  const places = [...mountedPlaces(), ...USUAL];
  const usable = () => places.find((place) => existsSync(join(place, 'instances')));
  const found = usable();
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0)
    throw new Failure('tracefs cannot be read (expected root)', 'use sudo, or --via strace');
  const mount = spawnSync('mount', ['-t', 'tracefs', 'nodev', USUAL[0]!], { encoding: 'utf8' });
  const mounted = usable();
  if (mounted !== undefined) return mounted;
  throw new Failure(
    `tracefs is not mounted and cannot be (expected it at ${USUAL.join(' or ')}, mount says: ${(mount.stderr ?? String(mount.error)).trim()})`,
    'a container needs CAP_SYS_ADMIN and the host’s /sys/kernel/tracing; --via strace works without it',
  );
}

function mountedPlaces(): string[] {
  let table = '';
  try {
    table = readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    // Without /proc the usual places are tried.
  }
  return table
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'tracefs')
    .map(([, place]) =>
      place!.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
    );
}

/** @throws Failure where this process's numbers of processes are not the kernel's. */
export function requireHostPids(): void {
  // PROC_PID_INIT_INO of include/linux/proc_ns.h: set_event_pid and common_pid speak of that namespace only.
  const namespace = pidNamespace();
  if (namespace !== null && namespace !== 'pid:[4026531836]')
    throw new Failure(
      `ftrace knows processes by their pid on the host (expected namespace pid:[4026531836], found ${namespace})`,
      'run pgtrace on the host, or in a container with --pid=host; --via strace works here',
    );
}

function pidNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** Where the instance of that name is. */
export function instancePath(tracefs: string, name: string): string {
  return join(tracefs, 'instances', name);
}

/** The name of this process's instance: with its start time, since a pid is used again. */
export function instanceName(): string {
  return `pgtrace-${process.pid}-${startTime(process.pid) ?? 0}`;
}

/** In clock ticks since boot (proc_pid_stat(5), field 22); null where there is no such process. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, so count from its end.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** Whether the process that names itself so still runs. */
function isAlive(pid: number, started: string): boolean {
  return startTime(pid) === started;
}

/** Removes the instances and probes of pgtrace processes that are gone. What resists is left to the next start. */
export function removeStale(tracefs: string): void {
  for (const name of readdirSync(join(tracefs, 'instances'))) {
    const [, pid, started] = INSTANCE.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid), started!)) continue;
    try {
      rmdirSync(join(tracefs, 'instances', name));
    } catch {
      // Its guard may be at it.
    }
  }
  removeStaleProbes(tracefs, isAlive);
}

/** An instance: its own buffers, events and filters, apart from everybody else's. */
export class Instance {
  readonly directory: string;

  /** @throws Failure where the kernel refuses. */
  constructor(tracefs: string, name: string) {
    this.directory = join(tracefs, 'instances', name);
    try {
      mkdirSync(this.directory);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new Failure(
        `cannot make ${this.directory} (${code})`,
        code === 'EEXIST'
          ? 'this process traces by ftrace already'
          : 'tracefs may be read-only here, or the kernel locked down; --via strace works without it',
      );
    }
  }

  read(file: string): string {
    return readFileSync(join(this.directory, file), 'utf8');
  }

  /** @throws the system's error. */
  write(file: string, text: string): void {
    // Without O_TRUNC a pid list is added to; every other file takes what is written.
    writeFileSync(join(this.directory, file), text, { flag: 'r+' });
  }

  /** Like `write`, where an older kernel may lack the file or refuse the value; false then. */
  tryWrite(file: string, text: string): boolean {
    try {
      this.write(file, text);
      return true;
    } catch {
      return false;
    }
  }

  has(file: string): boolean {
    return existsSync(join(this.directory, file));
  }

  list(directory: string): string[] {
    return readdirSync(join(this.directory, directory));
  }

  /** Its files must be closed. @throws the system's error. */
  remove(): void {
    rmdirSync(this.directory);
  }
}
