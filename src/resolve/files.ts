/**
 * The data directory as the resolver reads it: a few synchronous reads behind a small interface, so that a
 * test passes bytes and a snapshot stands in for a directory. Paths are relative to the data directory, with
 * `/`; a tablespace is reached through its link in `pg_tblspc`, the WAL through `pg_wal` where initdb --waldir
 * made that a link, and no other link is followed.
 */
export interface ClusterFiles {
  /**
   * The whole file. The bytes are not to be changed: an archive has no others.
   * @throws ClusterFileError where it is missing, unreadable, or no regular file.
   */
  read(path: string): Uint8Array;
  /** `length` bytes from `offset`, fewer where the file ends; not to be changed either. @throws as read(). */
  readAt(path: string, offset: number, length: number): Uint8Array;
  /** The file's size in bytes, or null where there is no such regular file. */
  size(path: string): number | null;
  /** The names in a directory, sorted; empty where there is none. */
  list(path: string): string[];
  /** Where a link leads (pg_tblspc's), or null where the path is no link. */
  link(path: string): string | null;
}

export class ClusterFileError extends Error {
  readonly path: string;
  /** The system's word where it refused: `ENOENT`, `EACCES` … */
  readonly code: string | undefined;

  constructor(path: string, reason: string, code?: string) {
    super(`${path}: ${reason}`);
    this.path = path;
    this.code = code;
  }
}
