/**
 * A snapshot holds the catalogs' files but no user's; what it left out is listed in `pgtrace-sizes.ndjson` in its
 * root, so that totals, tablespaces' links and the paths of a trace are still known. One JSON object a line: a file's
 * size in bytes, `{"path":"base/5/16384","size":8192}`, a link, `{"path":"pg_tblspc/16385","link":"/mnt/fast"}`, or an
 * absolute path that the data directory itself had, `{"home":"/var/lib/postgresql/15/main"}`.
 */
import { ClusterFileError, type ClusterFiles } from './files.js';

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
  const sizes = new Map<string, number>();
  const links = new Map<string, string>();
  const tablespaces = new Set(files.list('pg_tblspc'));
  const homes: string[] = [];
  const text = new TextDecoder().decode(files.readAt(SIZES_FILE, 0, length));
  let number = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end);
    from += line.length + 1;
    number++;
    if (line === '') continue;
    const listed = parseLine(line, number);
    if ('home' in listed) homes.push(listed.home);
    else if ('size' in listed) sizes.set(listed.path, listed.size);
    else links.set(listed.path, listed.link);
    const tablespace = 'path' in listed && TABLESPACE.exec(listed.path)?.[1];
    if (tablespace) tablespaces.add(tablespace);
  }
  return {
    homes,
    files: {
      ...files,
      size: (path) => sizes.get(path) ?? files.size(path),
      link: (path) => links.get(path) ?? files.link(path),
      list: (path) => (path === 'pg_tblspc' ? [...tablespaces].sort() : files.list(path)),
    },
  };
}

const TABLESPACE = /^pg_tblspc\/([1-9]\d{0,9})(?:\/|$)/;

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
