/** The texts of /proc to values: proc(5), the kernel's Documentation/filesystems/proc.rst. Pure. */

export interface Stat {
  comm: string;
  /** `R`, `S`, `D` … */
  state: string;
  parent: number;
  /** When the process began, in clock ticks since boot: tells a pid from its next user. */
  began: number;
}

/** /proc/PID/stat; null where the text is no such line. The name stands in brackets and may hold any byte. */
export function parseStat(text: string): Stat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open === -1 || close === -1) return null;
  const fields = text.slice(close + 2).split(' ');
  const [state, parent] = fields;
  const began = fields[19];
  if (state === undefined || parent === undefined || began === undefined) return null;
  return { comm: text.slice(open + 1, close), state, parent: Number(parent), began: Number(began) };
}

/** /proc/PID/cmdline: arguments with NUL between them, and behind a changed title NULs up to the old end. */
export function parseTitleBytes(text: string): string {
  return text.replace(/\0+$/, '').replaceAll('\0', ' ').trimEnd();
}

export interface FdInfo {
  /** The file's position. */
  offset: number;
  /** The open flags and the access mode, as the kernel holds them. */
  flags: number;
}

/** /proc/PID/fdinfo/FD; null where it lacks a position or flags. */
export function parseFdInfo(text: string): FdInfo | null {
  const pos = /^pos:\s*(\d+)$/m.exec(text);
  const flags = /^flags:\s*([0-7]+)$/m.exec(text);
  if (pos === null || flags === null) return null;
  return { offset: Number(pos[1]), flags: Number.parseInt(flags[1]!, 8) };
}

const DELETED = ' (deleted)';

/** Where a link of /proc/PID/fd leads: the kernel appends ` (deleted)` for an unlinked file, as a name may end too. */
export function parseLink(target: string): { path: string; deleted?: true } {
  if (target.startsWith('/') && target.endsWith(DELETED)) {
    return { path: target.slice(0, -DELETED.length), deleted: true };
  }
  return { path: target };
}

/** The pids in /proc/PID/task/TID/children. */
export function parseChildren(text: string): number[] {
  return text.split(' ').filter(Boolean).map(Number);
}

/** A value of /proc/PID/status (`TracerPid`, `CapEff`, `NSpid`); undefined where the kernel gives none. */
export function statusField(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1];
}
