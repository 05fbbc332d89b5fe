/** What processes are and have open, where there is no /proc of Linux: by ps and a lister of files. */
import { spawnSync } from 'node:child_process';
import type { FdEvent, ProcessEvent } from '../../event/types.js';
import { parseListing } from '../../listing/listing.js';
import type { Listing } from '../../listing/lsof.js';
import { clusterName, parseTitle } from '../inventory/title.js';

export interface Found {
  pid: number;
  parent: number;
  title: string;
}

/** Every process, by ps(1) of POSIX. @throws where there is no ps. */
export function listProcesses(): Found[] {
  const text = run(['ps', '-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'args=']);
  if (text === null) throw new Error('ps does not work');
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, title] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    // FreeBSD's setproctitle(3) has the program's name behind the title.
    return pid === undefined
      ? []
      : [
          {
            pid: Number(pid),
            parent: Number(parent),
            title: title!.trim().replace(/^(postgres: .*) \(postgres\)$/, '$1'),
          },
        ];
  });
}

export function describe(
  { pid, parent, title }: Found,
  all: readonly Found[],
  cwd: string | undefined,
): ProcessEvent {
  const siblings = all.filter((other) => other.parent === parent).map((other) => other.title);
  const what = parseTitle(title, clusterName(siblings) ?? '');
  return {
    type: 'process',
    ts: Date.now() / 1000,
    pid,
    ...what,
    parent,
    title,
    ...(cwd !== undefined && { cwd }),
  };
}

/** What the processes have open; null where nothing tells. */
export function listFiles(command: readonly string[] | null, pids: readonly number[]): Listing | null {
  if (command === null) return null;
  // lsof wants one list, the others a word each.
  const words = command[0] === 'lsof' ? [pids.join(',')] : pids.map(String);
  const text = run([...command, ...words]);
  return text === null ? null : parseListing(text);
}

/** What was open before and after: what is not in both may have been something else in between. */
export function inBoth(before: Listing, after: Listing): FdEvent[] {
  const known = new Set(before.files.map(({ pid, fd, path }) => `${pid} ${fd} ${path}`));
  return after.files.filter(({ pid, fd, path }) => known.has(`${pid} ${fd} ${path}`));
}

function run([command, ...args]: readonly string[]): string | null {
  const { status, stdout } = spawnSync(command!, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  // lsof fails where one process of several is gone.
  return status === 0 || (status === 1 && stdout !== '') ? stdout : null;
}
