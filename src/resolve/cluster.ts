/** Opening a data directory: what it is, of which version, and the sizes that all other reading needs. */
import { Failure } from '../cli/diagnostic.js';
import { type ControlFile, decodeControl } from '../postgres/control.js';
import { FormatError } from '../postgres/format-error.js';
import {
  type CatalogLayout,
  catalogLayout,
  NEWEST_MAJOR,
  OLDEST_MAJOR,
  VERSIONS,
} from '../postgres/layout/versions.js';
import { ClusterFileError, type ClusterFiles } from './files.js';
import { settle } from './settle.js';

export interface Cluster {
  readonly files: ClusterFiles;
  /** PG_VERSION. */
  readonly major: number;
  readonly control: ControlFile;
  readonly layout: CatalogLayout;
  /** What its user should know of it before trusting its names. */
  readonly warnings: readonly string[];
}

export const VERSION_FILE = 'PG_VERSION';
export const CONTROL_FILE = 'global/pg_control';

/** @throws Failure where the files are no data directory that can be read, with what to do about it. */
export function openCluster(files: ClusterFiles): Cluster {
  const major = readMajor(files);
  const control = readControl(files);
  const warnings: string[] = [];
  const version = VERSIONS.find((row) => row.major === major);
  if (version === undefined) {
    warnings.push(
      `PostgreSQL ${major} is newer than the newest known, ${NEWEST_MAJOR}: read as ${NEWEST_MAJOR}`,
    );
  } else if (version.catalogVersion !== control.catalogVersion) {
    warnings.push(
      `not a released PostgreSQL ${major}: catalog version (expected ${version.catalogVersion}, found ${control.catalogVersion})`,
    );
  } else if (version.controlVersion !== control.version) {
    throw new Failure(
      `${CONTROL_FILE}: not of PostgreSQL ${major} (expected control file version ${version.controlVersion}, found ${control.version})`,
      'PG_VERSION and global/pg_control must be of the same cluster',
    );
  }
  return { files, major, control, layout: catalogLayout(major), warnings };
}

/** The directory of a tablespace's files below pg_tblspc/OID (TABLESPACE_VERSION_DIRECTORY, src/include/common/relpath.h). */
export function tablespaceVersionDirectory(cluster: Cluster): string {
  return `PG_${cluster.major}_${cluster.control.catalogVersion}`;
}

function readMajor(files: ClusterFiles): number {
  const text = String.fromCharCode(...attempt(() => files.readAt(VERSION_FILE, 0, 64))).trim();
  const match = /^(\d{1,3})(?:\.(\d{1,3}))?$/.exec(text);
  if (match === null) {
    throw new Failure(
      `${VERSION_FILE}: not a version (expected a number such as ${NEWEST_MAJOR}, found ${JSON.stringify(text)})`,
      NOT_A_DIRECTORY,
    );
  }
  const major = Number(match[1]);
  if (major < OLDEST_MAJOR) {
    throw new Failure(
      `PostgreSQL ${text} is too old (expected ${OLDEST_MAJOR} or later, found ${text})`,
      `versions ${OLDEST_MAJOR} to ${NEWEST_MAJOR} are understood`,
    );
  }
  return major;
}

function readControl(files: ClusterFiles): ControlFile {
  try {
    // Written in place by a running server: one caught halfway fails its CRC and is read again.
    return settle(() => decodeControl(attempt(() => files.read(CONTROL_FILE))));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Failure(
      `${CONTROL_FILE}: ${error.message}`,
      `versions ${OLDEST_MAJOR} to ${NEWEST_MAJOR} on 64-bit little-endian machines are understood; pg_controldata shows what the server itself makes of it`,
    );
  }
}

const NOT_A_DIRECTORY =
  'give the data directory, the one that SHOW data_directory tells and that holds PG_VERSION and global';

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ClusterFileError)) throw error;
    throw new Failure(
      error.message,
      error.code === 'EACCES' || error.code === 'EPERM'
        ? "only the server's own user and root may read a data directory; try sudo"
        : NOT_A_DIRECTORY,
    );
  }
}
