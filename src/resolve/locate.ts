/**
 * Where in the cluster a path of the trace lies. A trace may be of another machine, whose data directory had
 * another path: then the directory is recognised by paths whose form no other file has (`…/base/5/16384`).
 * Pure: what only the machine knows is asked through `adopt`.
 */

import type { ClusterFile, OtherFile } from './clusterfile.js';
import { classifyOutside, isNoFile } from './outside.js';
import { classify, classifyInLocation, isTelling } from './paths.js';

/** A directory of the traced machine, and what it is below the data directory (`''` for that itself). */
interface Mount {
  /** Absolute, without a slash at its end. */
  prefix: string;
  below: string;
}

export interface Places {
  mounts: Mount[];
  /** OIDs of the cluster's tablespaces, the two built in not counted. */
  tablespaces: number[];
  /** True where names come from one cluster, so that a file of another one must not be taken for its. */
  exclusive: boolean;
  /** The trace says that it was made on this machine: what lies here at its paths is what it means. */
  local: boolean;
  /** A path of the trace was found below the cluster's directory. */
  confirmed: boolean;
  /**
   * Asked when the trace shows a data directory that is not the known one: may it be taken for it (the known
   * one is a copy, or none is known)? Asked no more once a directory is confirmed.
   */
  adopt: (directory: string) => boolean;
  /** Counts what was learnt: what was located before may lie elsewhere now. */
  generation: number;
}

/** What a path is. With a reason, no name of the cluster may be given to it. */
export interface Located {
  file: ClusterFile;
  reason: string | null;
}

export const REASON = {
  foreign: 'file of another data directory',
  tablespace: 'no tablespace is known to be at this location',
} as const;

/** Folders that users move out of the data directory and link: of the others a link is not known. */
const TELLING_FOLDER =
  /\/(?=(?:base|global|pg_wal|pg_xlog|pg_tblspc|pg_xact|pg_clog|pg_multixact|pg_subtrans|pg_commit_ts)\/)/g;
const LOCATION = /^(.+)\/(PG_\d{1,4}(?:\.\d)?_\d{9}\/.+)$/;
const MAX_MOUNTS = 4096;
/** Twice PATH_MAX (linux/limits.h), for a path that was joined; what is longer is none. */
const LONGEST_PATH = 8192;

export function createPlaces(adopt: Places['adopt']): Places {
  return {
    mounts: [],
    tablespaces: [],
    exclusive: false,
    local: false,
    confirmed: false,
    adopt,
    generation: 0,
  };
}

/** Says that `prefix` of the traced machine is `below` of the data directory. */
export function mount(places: Places, prefix: string, below: string): void {
  const clean = tidy(prefix);
  if (!clean.startsWith('/') || clean === '/' || places.mounts.length >= MAX_MOUNTS) return;
  if (places.mounts.some((known) => known.prefix === clean)) return;
  places.mounts.push({ prefix: clean, below });
  places.mounts.sort((a, b) => b.prefix.length - a.prefix.length);
  places.generation++;
}

/** The trace shows that `directory` is a data directory. Returns whether it is the one that names come from. */
export function adoptDirectory(places: Places, directory: string): boolean {
  const clean = tidy(directory);
  if (places.mounts.some(({ prefix, below }) => below === '' && prefix === clean)) {
    places.confirmed = true;
    return true;
  }
  if ((places.exclusive && places.confirmed) || !places.adopt(clean)) return false;
  places.confirmed = true;
  mount(places, clean, '');
  return true;
}

/** What `path` is: as the trace has it, absolute or relative to the data directory. */
export function locate(places: Places, path: string): Located {
  if (path.length > LONGEST_PATH || isNoFile(path)) return outside(path);
  const clean = tidy(path);
  if (!clean.startsWith('/')) return relative(clean);
  return (
    throughMount(places, clean) ??
    throughForm(places, clean) ??
    throughLocation(places, clean) ??
    outside(clean)
  );
}

/**
 * Learns from an open of `path` that gave a descriptor shown as `shown`: where both have the same tail, a
 * folder that is a link (pg_wal, a tablespace) is at what `shown` has before it.
 */
export function learn(places: Places, path: string, shown: string): void {
  if (path === shown || !shown.startsWith('/')) return;
  const located = locate(places, path);
  if (located.reason !== null || !isTelling(located.file)) return;
  const below = belowOf(places, tidy(path));
  const link = below === null ? null : /^(?:pg_tblspc\/\d+|pg_wal|pg_xlog)(?=\/)/.exec(below)?.[0];
  if (below === null || link === undefined || link === null) return;
  const tail = below.slice(link.length);
  if (shown.endsWith(tail)) mount(places, shown.slice(0, -tail.length), link);
}

/** Without `.` components, doubled slashes, a slash at its end and the kernel's mark of a deleted file. */
export function tidy(path: string): string {
  let text = path.endsWith(' (deleted)') ? path.slice(0, -10) : path;
  if (text.includes('//') || text.includes('/.') || text.startsWith('./')) {
    const parts = text.split('/').filter((part, index) => part !== '.' && (part !== '' || index === 0));
    text = parts.join('/');
  }
  if (text === '.') return '';
  return text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text;
}

function belowOf(places: Places, path: string): string | null {
  if (!path.startsWith('/')) return path;
  const found = findMount(places, path);
  return found === undefined ? null : join(found.below, path.slice(found.prefix.length + 1));
}

function findMount(places: Places, path: string): Mount | undefined {
  return places.mounts.find(
    ({ prefix }) => path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/'),
  );
}

function throughMount(places: Places, path: string): Located | null {
  const found = findMount(places, path);
  if (found === undefined) return null;
  places.confirmed = true;
  const file = classify(join(found.below, path.slice(found.prefix.length + 1)));
  // What no folder of the cluster claims may still tell what it is, such as a library kept there.
  return { file: file.kind === 'other' ? keepKnown(file, classifyOutside(path)) : file, reason: null };
}

function keepKnown(file: OtherFile, seen: OtherFile): OtherFile {
  return { ...file, kind: seen.kind };
}

/** A path relative to a directory that is not known: PostgreSQL's processes stand in the data directory. */
function relative(path: string): Located {
  const file = classify(path);
  return file.kind === 'other' ? outside(path) : { file, reason: null };
}

function throughForm(places: Places, path: string): Located | null {
  const starts = [...path.matchAll(TELLING_FOLDER)].map((match) => match.index);
  const telling = starts.filter((start) => isTelling(classify(path.slice(start + 1))));
  const start = telling[0];
  // A second reading of the same path leaves neither proven.
  if (start === undefined || start === 0 || telling.length > 1) return null;
  const file = classify(path.slice(start + 1));
  return { file, reason: adoptDirectory(places, path.slice(0, start)) ? null : REASON.foreign };
}

function throughLocation(places: Places, path: string): Located | null {
  const match = LOCATION.exec(path);
  if (match === null) return null;
  const [, directory, rest] = match;
  const file = classifyInLocation(rest!);
  if (file.kind === 'other' || file.kind === 'directory') return null;
  const [only, ...more] = places.tablespaces;
  if (
    only === undefined ||
    more.length > 0 ||
    places.mounts.some(({ below }) => below.startsWith('pg_tblspc/'))
  )
    return { file, reason: REASON.tablespace };
  mount(places, directory!, `pg_tblspc/${only}`);
  return { file: classify(`pg_tblspc/${only}/${rest}`), reason: null };
}

function outside(path: string): Located {
  return { file: classifyOutside(path), reason: null };
}

function join(folder: string, rest: string): string {
  if (folder === '') return rest;
  return rest === '' ? folder : `${folder}/${rest}`;
}
