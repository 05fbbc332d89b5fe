/** What the live tests of ftrace share: whether it can be had here, and processes to trace. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTracefs, requireHostPids } from '../../src/attach/ftrace/tracefs.js';
import { hasHistograms, hasUprobes } from '../../src/attach/probes/uprobes.js';

/** Why ftrace cannot be had here; false where it can, as node:test's `skip` wants it. */
export const noFtrace: string | false = whyNot();

function whyNot(): string | false {
  if (process.platform !== 'linux') return 'ftrace is Linux’s';
  if (process.getuid?.() !== 0) return 'ftrace needs root';
  try {
    requireHostPids();
    return existsSync(`${findTracefs()}/events/syscalls`)
      ? false
      : 'this kernel has no events for system calls';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function instances(): string[] {
  return readdirSync(`${findTracefs()}/instances`).filter((name) => name.startsWith('pgtrace-'));
}

/** The instances and probes of a process, waited away for at most `seconds`. */
export async function leftBehind(pid: number, seconds: number): Promise<string[]> {
  const left = () => [...instances().filter((name) => name.startsWith(`pgtrace-${pid}-`)), ...probesOf(pid)];
  for (let tries = 0; tries < seconds * 20 && left().length > 0; tries++) await sleep(50);
  return left();
}

/** A shell that waits for `go` and then becomes `command`. */
export function waiting(command: string, ...args: string[]): ChildProcessByStdio<Writable, Readable, null> {
  return spawn('/bin/sh', ['-c', 'read -r word; exec "$0" "$@"', command, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Lets it go, resolves to its exit status. */
export async function go(child: ChildProcess): Promise<number | null> {
  child.stdin!.write('go\n');
  const [status] = await once(child, 'exit');
  return status as number | null;
}

/** Why probes of programs cannot be had here; false where they can. */
export const noUprobes: string | false =
  noFtrace || (hasUprobes(findTracefs()) ? false : 'this kernel has no uprobes (CONFIG_UPROBE_EVENTS)');

/** The probes of a process. */
export function probesOf(pid: number): string[] {
  if (noUprobes !== false) return [];
  const lines = readFileSync(`${findTracefs()}/uprobe_events`, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith(`p:pgtrace_${pid}_`));
}

/** Why the kernel cannot count what probes are hit by; false where it can. */
export const noHistograms: string | false =
  noUprobes ||
  (hasHistograms(findTracefs()) ? false : 'this kernel has no histogram triggers (CONFIG_HIST_TRIGGERS)');
