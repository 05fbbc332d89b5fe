/**
 * A snapshot holds the catalogs' files but no user's; what it left out is listed in `pgtrace-sizes.ndjson` in its
 * root, so that totals and tablespaces' links are still known. One JSON object a line: a file's size in bytes,
 * `{"path":"base/5/16384","size":8192}`, or a link, `{"path":"pg_tblspc/16385","link":"/mnt/fast"}`.
 */
import { ClusterFileError, type ClusterFiles } from './files.js';

export const SIZES_FILE = 'pgtrace-sizes.ndjson';

/** The files themselves where they are no snapshot. @throws ClusterFileError where the list is broken. */
export function withSnapshotSizes(files: ClusterFiles): ClusterFiles {
  if (files.size(SIZES_FILE) === null) return files;
  const sizes = new Map<string, number>();
  const links = new Map<string, string>();
  const text = new TextDecoder().decode(files.read(SIZES_FILE));
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line === '') continue;
    const { path, size, link } = parseLine(line, number);
    if (size !== undefined) sizes.set(path, size);
    if (link !== undefined) links.set(path, link);
  }
  return {
    ...files,
    size: (path) => sizes.get(path) ?? files.size(path),
    link: (path) => links.get(path) ?? files.link(path),
  };
}

interface Entry {
  path: string;
  size?: number;
  link?: string;
}

function parseLine(line: string, number: number): Entry {
  try {
    const entry: Partial<Record<keyof Entry, unknown>> = JSON.parse(line);
    const { path, size, link } = entry;
    const sized = Number.isSafeInteger(size) && (size as number) >= 0;
    if (typeof path === 'string' && (sized || typeof link === 'string')) return entry as Entry;
  } catch {
    // reported below, as a line of another shape is
  }
  throw new ClusterFileError(SIZES_FILE, `line ${number} is no {"path":…,"size":…}`);
}
