/** Opens a data directory, or a snapshot of one, for resolving. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../cli/diagnostic.js';
import { type Catalog, openCatalog } from './catalog.js';
import { catalogFiles } from './catalog-files.js';
import { type Cluster, openCluster, tablespaceVersionDirectory } from './cluster.js';
import { ClusterFileError, type ClusterFiles } from './files.js';
import { archiveFiles } from './files-archive.js';
import { directoryFiles } from './files-directory.js';
import { openSnapshot } from './files-snapshot.js';
import { createOverlay } from './overlay.js';
import type { ClusterView } from './target.js';

export interface OpenedDirectory {
  view: ClusterView;
  systemIdentifier: string;
  warnings: readonly string[];
  /** Absolute directories, of this machine or of the one it was copied from, and what they are below it. */
  mounts: { prefix: string; below: string }[];
  tablespaces: number[];
}

/**
 * @param wal whether to read the catalogs as the WAL leaves them, or as the files are; a snapshot is read as it is
 * @throws Failure where it is missing, unreadable, or no data directory that is understood.
 */
export function openDirectory(directory: string, wal: boolean): OpenedDirectory {
  const { files, homes } = openFiles(directory);
  const cluster = named(directory, () => openCluster(files));
  const overlay = wal && homes === null ? createOverlay() : null;
  const source = (opened: Cluster) => overlay?.source(opened) ?? catalogFiles(opened);
  const catalog = named(directory, () => openCatalog(cluster, source));
  const { blockSize, segmentBlocks, walSegmentSize, systemIdentifier } = cluster.control;
  const tablespaces = files.list('pg_tblspc').filter((name) => /^[1-9]\d{0,9}$/.test(name));
  return {
    view: {
      names: catalog,
      // A snapshot does not change.
      news: () => (homes === null ? (overlay?.news() ?? null) : false),
      reload: () => (homes === null ? catalog.reload() : undefined),
      damage: () => inWords(catalog.damage) ?? overlay?.trouble() ?? null,
      files,
      major: cluster.major,
      blockSize,
      segmentBlocks,
      walSegmentSize,
      versionFolder: tablespaceVersionDirectory(cluster),
    },
    systemIdentifier,
    warnings: cluster.warnings,
    mounts: [
      ...(homes ?? homesOf(directory, files)).map((prefix) => ({ prefix, below: '' })),
      ...['pg_wal', ...tablespaces.map((oid) => `pg_tblspc/${oid}`)].flatMap((below) => {
        const target = files.link(below);
        return target?.startsWith('/') ? [{ prefix: target, below }] : [];
      }),
    ],
    tablespaces: tablespaces.map(Number),
  };
}

/** What `open` gives; its failure tells which directory it is of. @throws Failure */
function named<T>(directory: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`${directory}: ${error.message}`, error.hint, error.status);
  }
}

/** What initdb gave the cluster to tell it from all others. @throws as openDirectory(). */
export function systemIdentifierOf(directory: string): string {
  return openCluster(openFiles(directory).files).control.systemIdentifier;
}

function inWords({ pages, rows, first }: Catalog['damage']): string | null {
  return first === null
    ? null
    : `${pages} pages and ${rows} rows of the catalogs are broken (first: ${first})`;
}

/**
 * A data directory's files; of a snapshot, a directory or an archive, also the paths that the data directory had.
 * @throws Failure where they cannot be read.
 */
export function openFiles(directory: string): { files: ClusterFiles; homes: readonly string[] | null } {
  try {
    const files = isDirectory(directory) ? directoryFiles(directory) : archiveFiles(directory);
    return openSnapshot(files) ?? { files, homes: null };
  } catch (error) {
    if (!(error instanceof ClusterFileError)) throw error;
    throw new Failure(
      error.message,
      error.code === 'EACCES' || error.code === 'EPERM'
        ? "only the server's own user and root may read a data directory; try sudo"
        : 'give the data directory, the one that SHOW data_directory tells, or a snapshot of it',
    );
  }
}

/** What is not there is told as a directory that is not. */
function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true;
}

/**
 * Under which paths the directory is, or was where it was copied from: the second line of postmaster.pid and
 * the -D of postmaster.opts (src/backend/utils/init/miscinit.c).
 */
export function homesOf(directory: string, files: ClusterFiles): string[] {
  const lockFile = text(files, 'postmaster.pid').split('\n')[1] ?? '';
  const option = /"-D" "([^"\n]+)"/.exec(text(files, 'postmaster.opts'))?.[1] ?? '';
  return [resolve(directory), realpathSync(directory), lockFile, option];
}

function text(files: ClusterFiles, path: string): string {
  try {
    return new TextDecoder().decode(files.readAt(path, 0, 16384));
  } catch {
    return '';
  }
}
