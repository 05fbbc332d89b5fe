/**
 * Our own breakpoints, by tracefs's uprobe_events (Documentation/trace/uprobetracer.rst): a group named for our
 * process, which nobody else's probes are in. The file is only ever appended to: to truncate it would be to
 * remove everybody's.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const GROUP = /^pgtrace_(\d+)_(\d+)$/;

/** The group that goes with the instance `pgtrace-PID-START`: a group's name may hold no hyphen. */
export function groupOf(instance: string): string {
  return instance.replaceAll('-', '_');
}

/** Whether the kernel has probes of programs (CONFIG_UPROBE_EVENTS). */
export function hasUprobes(tracefs: string): boolean {
  return existsSync(join(tracefs, 'uprobe_events'));
}

/** Whether it counts by triggers of events (CONFIG_HIST_TRIGGERS); every event shows it. */
export function hasHistograms(tracefs: string): boolean {
  return existsSync(join(tracefs, 'events/sched/sched_process_exit/hist'));
}

export interface Definition {
  event: string;
  /** The executable, and where in it. */
  path: string;
  offset: number;
  /** `name=+0(%di):u32` … */
  fetch: readonly string[];
}

/** @throws the system's error. */
export function defineProbe(
  tracefs: string,
  group: string,
  { event, path, offset, fetch }: Definition,
): void {
  append(tracefs, `p:${group}/${event} ${path}:0x${offset.toString(16)} ${fetch.join(' ')}`);
}

/** Takes every probe of a group away. @throws the system's error where one is in use. */
export function removeProbes(tracefs: string, group: string): void {
  for (const event of eventsOf(tracefs, group)) append(tracefs, `-:${group}/${event}`);
}

/** Removes the probes of pgtrace processes that are gone. What resists is left to the next start. */
export function removeStaleProbes(tracefs: string, isAlive: (pid: number, started: string) => boolean): void {
  for (const group of groups(tracefs)) {
    const [, pid, started] = GROUP.exec(group)!;
    if (isAlive(Number(pid), started!)) continue;
    try {
      removeProbes(tracefs, group);
    } catch {
      // Its guard may be at it.
    }
  }
}

function groups(tracefs: string): string[] {
  return hasUprobes(tracefs) ? readdirSync(join(tracefs, 'events')).filter((group) => GROUP.test(group)) : [];
}

function eventsOf(tracefs: string, group: string): string[] {
  if (!hasUprobes(tracefs)) return [];
  const prefix = `p:${group}/`;
  return readFileSync(join(tracefs, 'uprobe_events'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).split(' ', 1)[0]!);
}

function append(tracefs: string, line: string): void {
  writeFileSync(join(tracefs, 'uprobe_events'), `${line}\n`, { flag: 'a' });
}
