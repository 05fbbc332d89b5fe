/** Timelines: which one's segment files hold the WAL at a position (src/backend/access/transam/timeline.c). */
import { type Lsn, parseLsn } from './lsn.js';

/** A timeline of the cluster's history, and where it left its parent; 0 for the first. */
export interface Timeline {
  id: number;
  begin: Lsn;
}

const HISTORY_FILE = /^([0-9A-F]{8})\.history$/;

/**
 * The text of a `.history` file as its timelines, newest first; the last has no parent. Null where a line is
 * not `parent TAB switch point ...` (readTimeLineHistory) or ids do not ascend.
 */
export function parseHistory(id: number, text: string): Timeline[] | null {
  const timelines: Timeline[] = [];
  let begin: Lsn = 0;
  for (const line of text.split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)/.exec(line);
    const end = match === null ? null : parseLsn(match[2]!);
    const parent = Number(match?.[1]);
    if (end === null || end < begin || parent <= (timelines.at(-1)?.id ?? 0) || parent >= id) return null;
    timelines.push({ id: parent, begin });
    begin = end;
  }
  timelines.push({ id, begin });
  return timelines.reverse();
}

/**
 * The newest line of descent of which `at` on `timeline` is a part: what a server that goes on from there
 * has written or is going to write. `read` gives the text of a file of `names`, null where it is gone.
 */
export function descent(
  timeline: number,
  at: Lsn,
  names: readonly string[],
  read: (name: string) => string | null,
): Timeline[] {
  const ids = names
    .map((name) => HISTORY_FILE.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map((digits) => Number.parseInt(digits, 16))
    .sort((a, b) => b - a);
  for (const id of ids) {
    if (id < timeline) break;
    const text = read(`${id.toString(16).toUpperCase().padStart(8, '0')}.history`);
    const timelines = text === null ? null : parseHistory(id, text);
    if (timelines !== null && includes(timelines, timeline, at)) return timelines;
  }
  return [{ id: timeline, begin: 0 }];
}

function includes(timelines: readonly Timeline[], timeline: number, at: Lsn): boolean {
  const index = timelines.findIndex((candidate) => candidate.id === timeline);
  if (index < 0) return false;
  const successor = timelines[index - 1];
  return successor === undefined || at <= successor.begin;
}
