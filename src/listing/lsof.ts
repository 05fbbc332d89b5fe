/**
 * A saved listing of lsof(8): `lsof -F`, OUTPUT FOR OTHER PROGRAMS, with any set of fields, by line or by NUL, or
 * the table that it prints for people.
 */
import type { FdEvent } from '../event/types.js';
import { parseLsofTable } from './lsoftable.js';

export interface Listing {
  files: FdEvent[];
  cwds: { pid: number; cwd: string }[];
}

/** Fields of a process, of which there may be more than the pid. */
const OF_PROCESS = new Set(['p', 'c', 'g', 'R', 'u', 'L', 'K', 'M']);

/**
 * What was open, as the listing says. Offsets are left out: the processes have gone on since.
 * @returns null where the text is no such listing.
 */
export function parseLsof(text: string): Listing | null {
  const listing: Listing = { files: [], cwds: [] };
  const table = parseLsofTable(text);
  if (table === null) addSets(listing, text);
  else for (const { pid, fd, type, name } of table) add(listing, pid, fd, type, name);
  return listing.files.length + listing.cwds.length === 0 ? null : listing;
}

function addSets(listing: Listing, text: string): void {
  let pid: number | null = null;
  let set = new Map<string, string>();
  // lsof begins a file's set with `f`; whatever a listing begins one with, its next begins with the same.
  let opener: string | null = null;
  for (const field of text.split(/\0\n?|\n/)) {
    const letter = field[0];
    if (letter === undefined) continue;
    if (letter === 'p') {
      addSet(listing, pid, set);
      set = new Map();
      pid = /^p\d{1,10}$/.test(field) ? Number(field.slice(1)) : null;
      continue;
    }
    if (OF_PROCESS.has(letter)) continue;
    opener ??= letter;
    if (letter === opener) {
      addSet(listing, pid, set);
      set = new Map();
    }
    set.set(letter, field.slice(1));
  }
  addSet(listing, pid, set);
}

function addSet(listing: Listing, pid: number | null, set: ReadonlyMap<string, string>): void {
  const fd = set.get('f');
  const name = set.get('n');
  if (pid !== null && fd !== undefined && name !== undefined) add(listing, pid, fd, set.get('t'), name);
}

function add(listing: Listing, pid: number, fd: string, type: string | undefined, name: string): void {
  if (fd === 'cwd') listing.cwds.push({ pid, cwd: name });
  // `unknown`: lsof could not look, and the name is its reason.
  if (!/^\d{1,10}$/.test(fd) || type === 'unknown') return;
  const path = shownAs(type, name);
  const deleted = path.endsWith(' (deleted)');
  listing.files.push({
    type: 'fd',
    ts: null,
    pid,
    fd: Number(fd),
    path: deleted ? path.slice(0, -10) : path,
    ...(deleted && { deleted }),
  });
}

/** A descriptor in the words of /proc/PID/fd, where lsof has its own. */
function shownAs(type: string | undefined, name: string): string {
  switch (type) {
    case 'unix':
    case 'sock':
    case 'IPv4':
    case 'IPv6':
    case 'netlink':
    case 'pack':
      return `socket:[${name}]`;
    case 'FIFO':
      return name.startsWith('/') ? name : `pipe:[${name}]`;
    case 'a_inode':
      return `anon_inode:${name}`;
    default:
      return name;
  }
}
