/**
 * A snapshot holds the catalogs' files but no user's; what it left out is listed in `pgtrace-sizes.ndjson` in its
 * root, so that totals, tablespaces' links and the paths of a trace are still known. One JSON object a line: a file's
 * size in bytes, `{"path":"base/5/16384","size":8192}`, a link, `{"path":"pg_tblspc/16385","link":"/mnt/fast"}`, or an
 * absolute path that the data directory itself had, `{"home":"/var/lib/postgresql/15/main"}`.
 */
import { ClusterFileError, type ClusterFiles } from './files.js';
import { ListedSizes } from './listed-sizes.js';

export const SIZES_FILE = 'pgtrace-sizes.ndjson';

/** A line of the list. */
export type Listed = { path: string; size: number } | { path: string; link: string } | { home: string };

export interface Snapshot {
  /** The snapshot's files, with the sizes and links of those that it left out. */
  files: ClusterFiles;
  homes: readonly string[];
}

/** Null where the files are no snapshot. @throws ClusterFileError where its list is broken. */
export function openSnapshot(files: ClusterFiles): Snapshot | null {
  const length = files.size(SIZES_FILE);
  if (length === null) return null;
  if (length > MAX_LENGTH)
    throw new ClusterFileError(
      SIZES_FILE,
      `too large (expected at most ${MAX_LENGTH} bytes, found ${length})`,
    );
  const bytes = files.readAt(SIZES_FILE, 0, length);
  const listed = new ListedSizes(bytes);
  /** Of lines that are written otherwise than pgtrace-snapshot does. */
  const sizes = new Map<string, number>();
  const links = new Map<string, string>();
  const tablespaces = new Set(files.list('pg_tblspc'));
  const homes: string[] = [];
  const addPath = (path: string): void => {
    const tablespace = TABLESPACE.exec(path)?.[1];
    if (tablespace) tablespaces.add(tablespace);
  };
  let number = 0;
  let end = 0;
  for (let start = 0; start < bytes.length; start = end + 1) {
    number++;
    end = listed.add(start);
    if (end >= 0) {
      if (bytes[start + PATH_AT] === TABLESPACE_INITIAL)
        addPath(text(bytes.subarray(start + PATH_AT, start + PATH_AT + LONGEST_TABLESPACE)));
      continue;
    }
    const newline = bytes.indexOf(NEWLINE, start);
    end = newline < 0 ? bytes.length : newline;
    if (end === start) continue;
    const line = parseLine(text(bytes.subarray(start, end)), number);
    if ('home' in line) {
      homes.push(line.home);
      continue;
    }
    addPath(line.path);
    if ('size' in line) sizes.set(line.path, line.size);
    else links.set(line.path, line.link);
  }
  return {
    homes,
    files: {
      ...files,
      size: (path) => listed.size(path) ?? sizes.get(path) ?? files.size(path),
      link: (path) => links.get(path) ?? files.link(path),
      list: (path) => (path === 'pg_tblspc' ? [...tablespaces].sort() : files.list(path)),
    },
  };
}

const NEWLINE = 0x0a;
/** As much as an archive may hold. */
const MAX_LENGTH = 1 << 30;
const TABLESPACE = /^pg_tblspc\/([1-9]\d{0,9})(?:\/|$)/;
const TABLESPACE_INITIAL = 'p'.charCodeAt(0);
const LONGEST_TABLESPACE = 'pg_tblspc/4294967295/'.length;
/** Where the path is in a line as it is written. */
const PATH_AT = '{"path":"'.length;
const decoder = new TextDecoder();
const text = (bytes: Uint8Array): string => decoder.decode(bytes);

function parseLine(line: string, number: number): Listed {
  try {
    const listed: Record<string, unknown> = JSON.parse(line);
    const { path, size, link, home } = listed;
    if (typeof home === 'string') return { home };
    if (typeof path === 'string' && typeof link === 'string') return { path, link };
    if (typeof path === 'string' && Number.isSafeInteger(size) && (size as number) >= 0)
      return { path, size: size as number };
  } catch {
    // reported below, as a line of another shape is
  }
  throw new ClusterFileError(SIZES_FILE, `line ${number} is no {"path":…,"size":…}`);
}
